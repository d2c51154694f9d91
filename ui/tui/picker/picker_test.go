package picker

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"stickylab/scenarios"
	"stickylab/sim/scenario"
	"stickylab/ui/learn"
	"stickylab/ui/tui/style"
)

var update = flag.Bool("update", false, "write the golden files anew")

func init() { style.Setup(termenv.Ascii, true) }

// shelf is a list that does not change with the built-in scenarios.
func shelf() []Entry {
	return []Entry{
		{Arg: "no-upgrade", Topic: scenario.Topics[0], Title: "Two servers behind a plain proxy_pass",
			Summary: "nginx drops the Upgrade header and deals requests in turn, so nobody stays connected.",
			Setting: []string{"2 nodes", "20 clients", "60 s", "adapter none"},
			Teaches: []string{"a session's next request goes to the other node, which does not know it", "each client starts over again and again"}},
		{Arg: "two-regions", Topic: scenario.Topics[0], Title: "Two regions, no adapter",
			Summary: "ip_hash keeps every session on one node, and messages stay there too.",
			Setting: []string{"2 nodes", "40 clients", "60 s", "adapter none"},
			Lesson:  true, Questions: 2, Status: &learn.Status{Finished: true, Asked: 2, Right: 1},
			Teaches: []string{"each region's addresses hash to one node", "a node writes to all of its own sockets", "a node knows only its own sockets"}},
		{Arg: "redis-adapter", Topic: scenario.Topics[0], Title: "Two regions, with the Redis adapter",
			Summary: "Each node publishes what its users say, and every node hears it.",
			Setting: []string{"2 nodes", "40 clients", "60 s", "adapter redis"},
			Teaches: []string{"the answer"}, Lesson: true, Questions: 1, Status: &learn.Status{}},
		{Arg: "idle-timeout", Topic: "time-outs", Title: "The proxy hangs up first", Summary: "proxy_read_timeout below the heartbeat.",
			Setting: []string{"1 node", "1 client", "10 min", "adapter none"}},
		{Arg: "./broken.yaml", Topic: yourOwn, Title: "./broken.yaml", Problem: "broken.yaml:3:1: unknown key \"cleints\"\nand 2 more: stickylab check ./broken.yaml"},
	}
}

func sized(m Model, width, height int) Model {
	m, _ = m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return m
}

// pressed presses keys, each named as Bubble Tea does.
func pressed(m Model, keys ...string) Model {
	named := map[string]tea.KeyType{
		"enter": tea.KeyEnter, "esc": tea.KeyEsc, "down": tea.KeyDown, "up": tea.KeyUp, "left": tea.KeyLeft, "right": tea.KeyRight,
		"home": tea.KeyHome, "end": tea.KeyEnd, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "backspace": tea.KeyBackspace,
		"ctrl+c": tea.KeyCtrlC, "ctrl+u": tea.KeyCtrlU,
	}
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		if t, ok := named[k]; ok {
			msg = tea.KeyMsg{Type: t}
		} else if k == " " {
			msg.Type = tea.KeySpace
		}
		m, _ = m.Update(msg)
	}
	return m
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// trimmed takes the spaces from the ends of lines.
func trimmed(lines []string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(out, "\n") + "\n"
}

func TestScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 12}} {
		m := sized(Of(shelf()), size[0], size[1])
		for name, m := range map[string]Model{
			"list":   pressed(m, "down"),
			"filter": pressed(m, "/", "r", "e", "g", "i", "o", "n"),
			"help":   pressed(m, "?"),
			"broken": pressed(m, "end"),
			"none":   pressed(m, "/", "z", "z"),
		} {
			golden(t, fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), trimmed(m.Lines()))
		}
	}
}

func TestEveryScreenFits(t *testing.T) {
	for width := 1; width <= 130; width += 3 {
		for height := 1; height <= 50; height++ {
			for _, m := range []Model{Of(shelf()), pressed(Of(shelf()), "end"), pressed(Of(shelf()), "?"), pressed(Of(shelf()), "/", "x"), Of(nil)} {
				lines := sized(m, width, height).Lines()
				if len(lines) != height {
					t.Fatalf("%d lines on %dx%d", len(lines), width, height)
				}
				for _, l := range lines {
					if w := style.Width(l); w != width {
						t.Fatalf("%dx%d: a line of %d cells: %q", width, height, w, l)
					}
				}
			}
		}
	}
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
		m := pressed(sized(Of(shelf()), 80, 24), c.keys...)
		e, _ := m.Selected()
		if e.Arg != c.want {
			t.Errorf("after %q: %q is selected, want %q", c.keys, e.Arg, c.want)
		}
		if arg, ok := m.Chosen(); ok {
			t.Errorf("after %q: %q was opened", c.keys, arg)
		}
	}
}

func TestOpen(t *testing.T) {
	m := pressed(sized(Of(shelf()), 80, 24), "j", "enter")
	if arg, ok := m.Chosen(); !ok || arg != "two-regions" {
		t.Errorf("opened %q, %v", arg, ok)
	}
	if arg, ok := pressed(Of(shelf()), "/", "z", "z", "enter", "enter").Chosen(); ok {
		t.Errorf("opened %q of nothing", arg)
	}
}

func TestLearn(t *testing.T) {
	m := pressed(sized(Of(shelf()), 80, 24), "j", "l")
	if arg, ok := m.Chosen(); !ok || arg != "two-regions" || !m.Learns() {
		t.Errorf("opened %q, %v, to learn: %v", arg, ok, m.Learns())
	}
	if pressed(Of(shelf()), "j", "enter").Learns() {
		t.Error("enter learns")
	}
	m = Of([]Entry{{Arg: "a", Lesson: true}, {Arg: "b"}, {Arg: "./c.yaml", Topic: yourOwn, Lesson: true}})
	m = pressed(m, "j").Marked(func(name string) learn.Status { return learn.Status{Finished: name == "a"} })
	for i, want := range []bool{true, false, false} {
		if got := m.all[i].finished(); got != want {
			t.Errorf("%s is finished: %v, want %v", m.all[i].Arg, got, want)
		}
	}
	if e, _ := m.Selected(); e.Arg != "b" {
		t.Errorf("%q is selected now", e.Arg)
	}
}

func TestQuit(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"/", "ctrl+c"}, {"?", "q"}} {
		m := pressed(Of(shelf()), keys[:len(keys)-1]...)
		last := keys[len(keys)-1]
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(last)}
		if last == "ctrl+c" {
			msg = tea.KeyMsg{Type: tea.KeyCtrlC}
		}
		if _, cmd := m.Update(msg); cmd == nil || cmd() != tea.Quit() {
			t.Errorf("%q does not quit", keys)
		}
	}
}

func TestMouse(t *testing.T) {
	m := sized(Of(shelf()), 80, 24)
	lines := m.Lines()
	y := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "redis-adapter") })
	click := tea.MouseMsg{X: 6, Y: y, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft}
	m, _ = m.Update(click)
	if e, _ := m.Selected(); e.Arg != "redis-adapter" {
		t.Errorf("a click selects %q", e.Arg)
	}
	if _, ok := m.Chosen(); ok {
		t.Error("the first click opens")
	}
	m, _ = m.Update(tea.MouseMsg{Action: tea.MouseActionPress, Button: tea.MouseButtonWheelUp})
	if e, _ := m.Selected(); e.Arg != "two-regions" {
		t.Errorf("the wheel selects %q", e.Arg)
	}
	m, _ = m.Update(click)
	m, _ = m.Update(click)
	if arg, ok := m.Chosen(); !ok || arg != "redis-adapter" {
		t.Errorf("the second click opens %q, %v", arg, ok)
	}
}

func TestNoKeyTwice(t *testing.T) {
	for _, list := range [][]binding{listKeys, filterKeys, helpKeys} {
		seen := map[string]bool{}
		for _, b := range list {
			for _, k := range b.Keys() {
				if seen[k] {
					t.Errorf("%q is bound twice", k)
				}
				seen[k] = true
			}
		}
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

// A file can not steer the terminal.
func TestTextsOfAFileArePlain(t *testing.T) {
	e := read("x", "x.yaml", []byte("title: \"a\\e[2Jb\\tc\"\nsummary: \"\\ad\"\nduration: 1s\nnodes: 1\nproxy: {policy: ip_hash}\nclients: {a: {ip: 10.0.0.0/24}}\n"), nil)
	if e.Problem != "" || strings.ContainsAny(e.Title+e.Summary, "\x1b\t\a") {
		t.Errorf("%+v", e)
	}
}
