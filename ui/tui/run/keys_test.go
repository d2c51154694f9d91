package run

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/scenarios"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/internal/drive"
)

// No key means two things at once, and each is explained.
func TestNoKeyIsBoundTwice(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(time.Second)
	for _, keys := range [][]string{nil, {"enter"}} {
		d.Press(keys...)
		drive.CheckKeys(t, d.m.Keys())
		for _, k := range d.m.Keys() {
			if k.About == "" {
				t.Errorf("%s is not explained", k.Keys)
			}
		}
	}
}

// A viewer who may only look finds no key that changes the run.
func TestReadOnly(t *testing.T) {
	plan, name, err := drive.Load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	changing := sit(t, "two-regions", 120, 40)
	d := open(t, plan, name, Options{Dir: t.TempDir(), ReadOnly: true}, 120, 40)
	d.to(10 * time.Second)
	for _, k := range changing.m.Keys() {
		if k.Verb {
			d.Press(k.Names()[0])
		}
	}
	d.Shows("read only")
	if d.where() != "run" || len(d.hand()) > 0 || len(d.m.branches) != 1 {
		t.Errorf("on %s, done %v", d.where(), d.hand())
	}
	d.Press("q")
	if !d.Quit {
		t.Error("did not quit")
	}
}

// What each key does on the stage of two-regions a few seconds on, by what comes of it.
func TestEveryKey(t *testing.T) {
	const now = 7 * time.Second
	hands := func(want ...string) func(*desk) bool {
		return func(d *desk) bool {
			steps := d.hand()
			for i, s := range steps {
				if i >= len(want) || s.String() != want[i] {
					return false
				}
			}
			return len(steps) == len(want) && steps[0].At == now
		}
	}
	hand := func(want string) func(*desk) bool { return hands(want) }
	in := func(where string) func(*desk) bool { return func(d *desk) bool { return d.where() == where } }
	cursorAt := func(at time.Duration) func(*desk) bool {
		return func(d *desk) bool {
			d.Until("there", func() bool { return d.m.cursor.At == at })
			return true
		}
	}
	client := func(want string) func(*desk) bool {
		return func(d *desk) bool { return d.m.selectedClient() == want }
	}
	focus := func(want Pane) func(*desk) bool {
		return func(d *desk) bool { return d.m.view.focus == want }
	}
	tests := []struct {
		name string
		keys []string
		want func(*desk) bool
	}{
		{"adapter", []string{"a"}, hand("adapter redis")},
		{"adapter of a node", []string{"A"}, hand("adapter redis im-3030")},
		{"policy", []string{"p", "enter"}, hand("policy round_robin")},
		{"policy, or not", []string{"p", "esc"}, func(d *desk) bool { return d.where() == "run" && len(d.hand()) == 0 }},
		{"policy, before it is done", []string{"p"}, func(d *desk) bool {
			return strings.Contains(d.Screen(), "8 clients on WebSocket stay where they are") && len(d.hand()) == 0
		}},
		{"sticky cookie", []string{"p", "k", "k", "k", "j", "j", "j", "j", "j", "enter"}, func(d *desk) bool {
			return len(d.hand()) == 1 && strings.Contains(d.hand()[0].Nginx, "sticky cookie ") && policies[d.m.Frame.policyNow()].name == stickyCookie
		}},
		{"everyone reconnects", []string{"e"}, hand("reconnect all")},
		{"projector", []string{"V"}, func(d *desk) bool { return d.m.projecting }},
		{"projector and back", []string{"V", "V"}, func(d *desk) bool { return !d.m.projecting }},
		{"nginx.conf", []string{"n"}, func(d *desk) bool {
			return d.where() == "inspecting" && strings.Contains(d.Screen(), "› ") && strings.Contains(d.Screen(), "# chooses the server")
		}},
		{"nginx.conf, changed", []string{"p", "enter", "n"}, func(d *desk) bool { return strings.Contains(d.Screen(), "by the step policy round_robin") }},
		{"a page down", []string{"pgdown"}, client("shanghai-01")},
		{"a page up", []string{"pgdown", "pgup"}, client("beijing-01")},
		{"clients' pane", []string{"5", "1"}, focus(PaneClients)},
		{"nodes", []string{"2"}, focus(PaneNodes)},
		{"the last message", []string{"3"}, focus(PaneStage)},
		{"closer to the last message", []string{"3", "enter"}, in("inspecting")},
		{"who hears whom", []string{"4"}, focus(PaneMatrix)},
		{"closer to who hears whom", []string{"4", "enter"}, in("inspecting")},
		{"the log", []string{"5"}, focus(PaneLog)},
		{"errors", []string{"6"}, focus(PaneErrors)},
		{"kill", []string{"x"}, hand("kill im-3030")},
		{"kill the selected node", []string{"tab", "j", "x"}, hand("kill im-5080")},
		{"say", []string{"m", "enter"}, hand(`say beijing-01 "hi"`)},
		{"say something", []string{"m", "ctrl+u", "y", "o", "enter"}, hand(`say beijing-01 "yo"`)},
		{"never mind", []string{"m", "esc"}, func(d *desk) bool { return d.where() == "run" && len(d.hand()) == 0 }},
		{"clients", []string{"c", "enter"}, hand("add more 10 198.51.100.0/24")},
		{"clients twice", []string{"c", "enter", "c", "enter"}, hands("add more 10 198.51.100.0/24", "add others 10 198.18.0.0/24")},
		{"clients, or not", []string{"c", "esc"}, func(d *desk) bool { return d.where() == "run" && len(d.hand()) == 0 }},
		{"say, in words", []string{"m"}, func(d *desk) bool {
			return strings.Contains(d.Screen(), "say as beijing-01: hi") && strings.Contains(d.Screen(), "enter sends, esc not")
		}},
		{"move", []string{"i"}, in("asking")},
		{"command", []string{":"}, in("asking")},
		{"pause", []string{"space"}, func(d *desk) bool { return d.m.playing }},
		{"event on", []string{"."}, func(d *desk) bool { return d.m.cursor.At > now }},
		{"event back", []string{","}, func(d *desk) bool { return d.m.cursor.At < now }},
		{"back", []string{"["}, cursorAt(now - 5*time.Second)},
		{"on", []string{"]"}, cursorAt(now + 5*time.Second)},
		{"on and on", []string{"]", "]"}, cursorAt(now + 10*time.Second)},
		{"slower", []string{"<"}, func(d *desk) bool { return d.m.speed == 0.5 }},
		{"faster", []string{">"}, func(d *desk) bool { return d.m.speed == 2 }},
		{"home", []string{"home"}, cursorAt(Beginning)},
		{"end", []string{"home", "end"}, cursorAt(now)},
		{"closer", []string{"enter"}, in("inspecting")},
		{"closer and back", []string{"enter", "esc"}, in("run")},
		{"tab", []string{"tab"}, focus(PaneNodes)},
		{"tab around", []string{"tab", "tab", "tab", "tab", "tab", "tab"}, focus(PaneClients)},
		{"shift-tab", []string{"shift+tab"}, focus(PaneErrors)},
		{"right", []string{"l", "right"}, client("beijing-03")},
		{"left", []string{"l", "l", "h", "left"}, client("beijing-01")},
		{"down", []string{"j", "down"}, client("shanghai-01")},
		{"up", []string{"j", "j", "k", "up"}, client("beijing-01")},
		{"filter", []string{"/", "z", "q", "enter"}, func(d *desk) bool { return d.m.view.filter == "zq" && len(d.m.Frame.lines) == 0 }},
		{"no filter", []string{"/", "x", "enter", "esc"}, func(d *desk) bool { return d.m.view.filter == "" }},
		{"matrix", []string{"v"}, func(d *desk) bool { return d.m.view.whole }},
		{"branches", []string{"b"}, in("branches")},
		{"branches and back", []string{"b", "esc"}, in("run")},
		{"back to the scenarios", []string{"esc"}, in("list")},
		{"the end", []string{"]", "]", "]", "]", "]", "]", "]", "]", "]", "]", "]"}, func(d *desk) bool {
			d.Until("over", d.m.over)
			return strings.Contains(d.Last(), "the run is over: q quit   [ back   home beginning")
		}},
		{"the end and back", []string{"]", "]", "]", "]", "]", "]", "]", "]", "]", "]", "]", "["}, func(d *desk) bool {
			return !strings.Contains(d.Last(), "over") && strings.Contains(d.Last(), "? keys")
		}},
		{"write nothing", []string{"w"}, in("run")},
		{"write", []string{"a", "w"}, in("asking")},
		{"screen", []string{"s"}, func(d *desk) bool { return d.Last() != "" && d.notice() != "" && !d.loss() }},
		{"trace", []string{"T"}, func(d *desk) bool { return d.notice() != "" && !d.loss() }},
		{"help", []string{"?"}, in("keys")},
		{"help and back", []string{"?", "j", "k", "esc"}, in("run")},
		{"quit", []string{"q"}, func(d *desk) bool { return d.Quit }},
		{"down in the proxy", []string{"d"}, hand("down im-3030")},
		{"down and up", []string{"d", "d"}, hands("down im-3030", "up im-3030")},
		{"down of the selected node", []string{"tab", "j", "d"}, hand("down im-5080")},
		{"up from draining", []string{":", "drain im-5080", "enter", "tab", "j", "d"}, hands("drain im-5080", "up im-5080")},
		{"a node more", []string{"+"}, hand("scale 3")},
		{"two nodes more", []string{"+", "+"}, hands("scale 3", "scale 4")},
		{"typed fast", []string{"+++"}, hands("scale 3", "scale 4", "scale 5")},
		{"there and back", []string{"ddrr"}, hands("down im-3030", "up im-3030", "redis down", "redis up")},
		{"a node less", []string{"-"}, hand("scale 1")},
		{"a node less and more", []string{"-", "+"}, hands("scale 1", "scale 2")},
		{"none is left", []string{"-", "-"}, func(d *desk) bool { return hand("scale 1")(d) && d.loss() }},
		{"one that was taken away", []string{"-", "tab", "j", "d", "x"}, hand("scale 1")},
		{"Redis down", []string{"r"}, hand("redis down")},
		{"Redis down and up", []string{"r", "r"}, hands("redis down", "redis up")},
	}
	text, err := scenarios.Read("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	small := filepath.Join(t.TempDir(), "small.yaml") // fewer clients, for speed
	if err := os.WriteFile(small, bytes.ReplaceAll(text, []byte("count: 20"), []byte("count: 4")), 0o644); err != nil {
		t.Fatal(err)
	}
	used := make(map[string]bool)
	for _, tt := range tests {
		for _, k := range tt.keys {
			used[k] = true
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, small, 120, 40)
			d.to(now)
			d.Press(tt.keys...)
			if !tt.want(d) {
				t.Errorf("%v: on %s, done %v, cursor %v\n%s", tt.keys, d.where(), d.hand(), d.m.cursor, d.Screen())
			}
		})
	}
	for _, k := range sit(t, small, 120, 40).m.Keys() {
		if !slices.ContainsFunc(k.Names(), func(name string) bool { return used[name] }) {
			t.Errorf("no test presses %s", k.Keys)
		}
	}
}

// Keys that come before there is anything on the stage do no harm.
func TestKeysTooEarly(t *testing.T) {
	plan, name, err := drive.Load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	h := drive.NewHost()
	m := New(h.Shell, NewPlayer(name, plan, 1), Options{Dir: t.TempDir()})
	h.Show(m)
	d := drive.Sit(t, h.Shell, h.Update, 120, 40) // the run is not open yet
	for _, k := range m.Keys() {
		for _, name := range k.Names() {
			if name != "q" && name != "ctrl+c" && name != "esc" {
				d.Press(name)
			}
		}
	}
	d.Wait(time.Second)
	if m.Opened() || m.Asking() || m.Covered() != "" || len(h.Screen.Lines(120, 39)) == 0 {
		t.Errorf("something came of it:\n%s", d.Screen())
	}
}

func TestCommandLine(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(10 * time.Second)
	d.Press(":")
	d.Type("ki")
	d.Press("tab")
	d.Type("im-5")
	d.Press("tab")
	d.Shows(":kill im-5080")
	d.Press("enter")
	if hand := d.hand(); len(hand) != 1 || hand[0].Verb != scenario.Kill {
		t.Errorf("done: %v", hand)
	}
	d.Press(":")
	d.Type("restrat im-5080")
	d.Press("enter")
	d.Shows(`did you mean "restart"?`)
	if d.where() != "asking" {
		t.Error("the line is gone, with the mistake in it")
	}
	d.Press("esc", ":", "up")
	d.Shows(":kill im-5080")
	d.Press("esc")
	if d.where() != "run" {
		t.Errorf("on %s", d.where())
	}
}

// The list of all keys has every text in full, at every size, page by page.
func TestHelpIsWhole(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(5 * time.Second)
	for _, size := range [][2]int{{40, 12}, {80, 24}, {100, 30}, {140, 45}} {
		d.Size(size[0], size[1])
		d.Press("?")
		seen := d.Screen()
		for range 20 {
			d.Press("pgdown")
			seen += d.Screen()
		}
		for _, k := range d.m.Keys() {
			for _, word := range strings.Fields(k.About) {
				if !strings.Contains(seen, word) {
					t.Errorf("%v: %q of %q is not on the screen", size, word, k.About)
				}
			}
		}
		if strings.Contains(seen, "…") {
			t.Errorf("%v: something is cut:\n%s", size, seen)
		}
		if !strings.Contains(seen, "the wheel moves") {
			t.Errorf("%v: not scrolled to the end:\n%s", size, d.Screen())
		}
		for range 20 {
			d.Press("pgup")
		}
		d.Shows("do something, here")
		d.Press("esc")
	}
}
