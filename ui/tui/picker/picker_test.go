package picker

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"

	"stickylab/scenarios"
	"stickylab/sim/scenario"
	"stickylab/ui/learn"
	"stickylab/ui/tui/internal/drive"
)

func TestMain(m *testing.M) {
	drive.Colorless()
	os.Exit(m.Run())
}

// shelf is a list that does not change with the built-in scenarios.
func shelf() []Entry {
	return []Entry{
		{Arg: "no-upgrade", Topic: scenario.Topics[0], Title: "Two servers behind a plain proxy_pass",
			Summary: "nginx drops the Upgrade header and distributes requests round-robin, so no client stays connected.",
			Setting: []string{"2 nodes", "20 clients", "60 s", "adapter none"},
			Teaches: []string{"a session's next request goes to the other node, which does not know it", "each client starts over again and again"}},
		{Arg: "two-regions", Topic: scenario.Topics[0], Title: "Two regions, no adapter",
			Summary: "ip_hash keeps every session on one node, and messages stay there too.",
			Setting: []string{"2 nodes", "40 clients", "60 s", "adapter none"},
			Lesson:  true, Questions: 2, Status: &learn.Status{Finished: true, Asked: 2, Right: 1},
			Teaches: []string{"each region's addresses hash to one node", "a node writes to all its sockets", "a node knows only its own sockets"}},
		{Arg: "redis-adapter", Topic: scenario.Topics[0], Title: "Two regions, with the Redis adapter",
			Summary: "Each node publishes what its users say, and every node hears it.",
			Setting: []string{"2 nodes", "40 clients", "60 s", "adapter redis"},
			Teaches: []string{"the answer"}, Lesson: true, Questions: 1, Status: &learn.Status{}},
		{Arg: "idle-timeout", Topic: "time-outs", Title: "The proxy hangs up first", Summary: "proxy_read_timeout below the heartbeat.",
			Setting: []string{"1 node", "1 client", "10 min", "adapter none"}},
		{Arg: "./broken.yaml", Topic: yourOwn, Title: "./broken.yaml", Problem: "broken.yaml:3:1: unknown key \"cleints\"\nand 2 more: stickylab check ./broken.yaml"},
	}
}

// desk is a viewer at the list.
type desk struct {
	*drive.Desk
	m      *Model
	opened string // the argument of what was opened last, and whether as a lesson
	learns bool
}

func sit(t *testing.T, entries []Entry, width, height int) *desk {
	h := drive.NewHost()
	d := new(desk)
	d.m = New(h.Shell, entries, func(arg string, lesson bool) tea.Cmd { d.opened, d.learns = arg, lesson; return nil })
	h.Show(d.m)
	d.Desk = drive.Sit(t, h.Shell, h.Update, width, height)
	return d
}

func TestScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 12}} {
		for name, keys := range map[string][]string{
			"list": {"down"}, "filter": {"/", "r", "e", "g", "i", "o", "n"}, "help": {"?"}, "broken": {"end"}, "none": {"/", "z", "z"},
		} {
			d := sit(t, shelf(), size[0], size[1])
			d.Press(keys...)
			d.Golden(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]))
		}
	}
}

func TestEveryScreenFits(t *testing.T) {
	for _, keys := range [][]string{nil, {"end"}, {"?"}, {"/", "x"}} {
		d := sit(t, shelf(), 80, 24)
		d.Press(keys...)
		d.Fits(fmt.Sprint(keys), 7, 3)
	}
	sit(t, nil, 80, 24).Fits("nothing", 7, 3)
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string // the selected entry
	}{
		{nil, "no-upgrade"},
		{[]string{"down"}, "two-regions"},
		{[]string{"j", "j", "k"}, "two-regions"},
		{[]string{"up"}, "no-upgrade"},
		{[]string{"jjk"}, "two-regions"}, // fast
		{[]string{"j/redis"}, "redis-adapter"},
		{[]string{"G"}, "./broken.yaml"},
		{[]string{"end", "down", "home"}, "no-upgrade"},
		{[]string{"right"}, "idle-timeout"},
		{[]string{"l"}, "no-upgrade"}, // it has no lesson
		{[]string{"right", "tab", "tab"}, "./broken.yaml"},
		{[]string{"G", "shift+tab"}, "idle-timeout"},
		{[]string{"G", "left", "left"}, "no-upgrade"},
		{[]string{"down", "/", "r", "e", "g"}, "two-regions"}, // it stays where it was
		{[]string{"/", "r", "e", "d", "i", "s"}, "redis-adapter"},
		{[]string{"/", "r", "e", "g", " ", "R", "e", "d", "i"}, "redis-adapter"},
		{[]string{"/", "r", "e", "g", "enter", "j"}, "redis-adapter"},
		{[]string{"/", "q", "q"}, ""}, // a letter like others
		{[]string{"/", "q", "q", "backspace", "backspace"}, "no-upgrade"},
		{[]string{"/", "q", "q", "ctrl+u"}, "no-upgrade"},
		{[]string{"/", "r", "e", "d", "i", "s", "esc"}, "redis-adapter"},
		{[]string{"?", "j"}, "no-upgrade"}, // the help covers the list
		{[]string{"?", "esc", "j"}, "two-regions"},
	} {
		d := sit(t, shelf(), 80, 24)
		d.Press(c.keys...)
		if got := d.selected(); got != c.want {
			t.Errorf("after %q: %q is selected, want %q", c.keys, got, c.want)
		}
		if d.opened != "" {
			t.Errorf("after %q: %q was opened", c.keys, d.opened)
		}
	}
}

// selected returns the argument of the selected entry.
func (d *desk) selected() string {
	if e := d.m.selected(); e != nil {
		return e.Arg
	}
	return ""
}

func TestOpen(t *testing.T) {
	for _, tt := range []struct {
		keys   []string
		opened string
		learns bool
	}{
		{[]string{"j", "enter"}, "two-regions", false},
		{[]string{"j", "l"}, "two-regions", true},
		{[]string{"l"}, "", false}, // it has no lesson
		{[]string{"/", "z", "z", "enter", "enter"}, "", false},
	} {
		d := sit(t, shelf(), 80, 24)
		if d.Press(tt.keys...); d.opened != tt.opened || d.learns != tt.learns {
			t.Errorf("%v opened %q, to learn: %v", tt.keys, d.opened, d.learns)
		}
	}
}

func TestMark(t *testing.T) {
	d := sit(t, []Entry{{Arg: "a", Lesson: true}, {Arg: "b"}, {Arg: "./c.yaml", Topic: yourOwn, Lesson: true}}, 80, 24)
	d.Press("j")
	d.m.Mark(func(name string) learn.Status { return learn.Status{Finished: name == "a"} })
	for i, want := range []bool{true, false, false} {
		if got := d.m.all[i].finished(); got != want {
			t.Errorf("%s is finished: %v, want %v", d.m.all[i].Arg, got, want)
		}
	}
	if d.selected() != "b" {
		t.Errorf("%q is selected now", d.selected())
	}
}

// Esc goes back to what was open, unless there is a filter to take away.
func TestBack(t *testing.T) {
	d := sit(t, shelf(), 80, 24)
	back := 0
	d.Press("esc")
	d.m.Previous("two-regions", func() tea.Cmd { back++; return nil })
	d.Press("/", "x", "enter")
	if d.Press("esc"); back != 0 {
		t.Error("the filter stays")
	}
	d.Shows("esc back to two-regions")
	if d.Press("esc"); back != 1 {
		t.Errorf("went back %d times", back)
	}
}

func TestQuit(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"/", "ctrl+c"}, {"?", "q"}} {
		d := sit(t, shelf(), 80, 24)
		if d.Press(keys...); !d.Quit {
			t.Errorf("%q does not quit", keys)
		}
	}
}

func TestMouse(t *testing.T) {
	d := sit(t, shelf(), 80, 24)
	x, y := d.Point("redis-adapter")
	d.Click(x, y)
	if d.selected() != "redis-adapter" {
		t.Errorf("a click selects %q", d.selected())
	}
	if d.opened != "" {
		t.Error("the first click opens")
	}
	d.Wheel(x, y, tea.MouseButtonWheelUp)
	if d.selected() != "two-regions" {
		t.Errorf("the wheel selects %q", d.selected())
	}
	d.Click(x, y)
	d.Click(x, y)
	if d.opened != "redis-adapter" {
		t.Errorf("the second click opens %q", d.opened)
	}
}

// An error text, as it is pasted, finds the lessons that show it, those whose own texts
// hold it among them.
func TestFilterByErrorText(t *testing.T) {
	d := sit(t, Entries(nil), 80, 24)
	d.Press("/")
	d.Type(`{"code":1,"message":"Session ID unknown"}`)
	var shown []string
	for _, e := range d.m.shown {
		shown = append(shown, e.Arg)
	}
	want := 0
	for _, e := range d.m.all {
		if strings.Contains(strings.Join(e.Texts, "\n"), "Session ID unknown") {
			want++
			if !slices.Contains(shown, e.Arg) {
				t.Errorf("%s is not shown", e.Arg)
			}
		}
	}
	if want < 8 || len(shown) > want+3 {
		t.Errorf("%d lessons have the text, shown are %v", want, shown)
	}
}

// A text of several lines may be pasted; what is typed last stays to be seen.
func TestFilterPasted(t *testing.T) {
	d := sit(t, shelf(), 80, 24)
	d.Press("/")
	d.Send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(strings.Repeat("at foo (index.js:1)\n", 20) + "two\tregions")})
	d.Shows("two regions_")
	d.Fits("pasted", 7, 3)
}

func TestNoKeyTwice(t *testing.T) {
	for _, keys := range [][]string{nil, {"/"}, {"?"}} {
		d := sit(t, shelf(), 80, 24)
		d.Press(keys...)
		drive.CheckKeys(t, d.m.Keys())
	}
}

func TestEntries(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const good = `title: Mine
summary: A trial.
duration: 10s
nodes: 2
proxy: {policy: ip_hash}
clients: {all: {count: 3, ip: 10.0.0.0/24}}
expect: [{at: end, that: "clients.connected == 3", because: "why not"}]
lesson: {topic: trials, cause: x}
`
	files := []string{write("good.yaml", good), write("bad.yaml", "title: [\n"), filepath.Join(dir, "missing.yaml")}
	list := Entries(files)
	var args []string
	for _, e := range list {
		args = append(args, e.Arg)
	}
	for _, name := range scenarios.Names() {
		i := slices.Index(args, name)
		if i < 0 {
			t.Errorf("%s is not in the list", name)
			continue
		}
		if e := list[i]; e.Problem != "" || e.Title == "" || e.Summary == "" || e.Topic == "" || len(e.Teaches) == 0 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if got := list[0].Topic; got != scenario.Topics[0] {
		t.Errorf("the first topic is %q", got)
	}
	mine := list[len(list)-3:]
	if d := cmp.Diff(Entry{
		Arg: files[0], Topic: yourOwn, Title: "Mine", Summary: "A trial.",
		Setting: []string{"2 nodes", "3 clients", "10 s", "adapter none", "ip_hash"}, Teaches: []string{"why not"}, Lesson: true,
	}, mine[0]); d != "" {
		t.Error(d)
	}
	for _, e := range mine[1:] {
		if e.Problem == "" || e.Topic != yourOwn {
			t.Errorf("%+v", e)
		}
	}
}

func TestTopicOfALesson(t *testing.T) {
	e := read("x", "x.yaml", []byte("title: X\nduration: 1s\nnodes: 1\nproxy: {policy: ip_hash}\nclients: {a: {ip: 10.0.0.0/24}}\nlesson: {topic: trials, cause: x}\n"), nil)
	if e.Topic != "trials" || e.Problem != "" {
		t.Errorf("%+v", e)
	}
}

// A file cannot steer the terminal.
func TestTextsOfAFileArePlain(t *testing.T) {
	e := read("x", "x.yaml", []byte("title: \"a\\e[2Jb\\tc\"\nsummary: \"\\ad\"\nduration: 1s\nnodes: 1\nproxy: {policy: ip_hash}\nclients: {a: {ip: 10.0.0.0/24}}\n"), nil)
	if e.Problem != "" || strings.ContainsAny(e.Title+e.Summary, "\x1b\t\a") {
		t.Errorf("%+v", e)
	}
}
