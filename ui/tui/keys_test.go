package tui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/scenarios"
	"stickylab/sim/scenario"
)

// No key means two things in one mode, and each is explained.
func TestNoKeyIsBoundTwice(t *testing.T) {
	for mode := range modes {
		seen := make(map[string]string)
		for _, b := range keymap(mode) {
			if b.about == "" || b.do == nil {
				t.Errorf("mode %d: %v has no meaning", mode, b.Keys())
			}
			for _, k := range b.Keys() {
				if other, twice := seen[k]; twice {
					t.Errorf("mode %d: %q is %q and %q", mode, k, other, b.about)
				}
				seen[k] = b.about
			}
		}
		if len(seen) == 0 {
			t.Errorf("mode %d has no keys", mode)
		}
	}
}

// A viewer who may only look finds no key that changes the run.
func TestReadOnly(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.m.o.ReadOnly = true
	d.to(10 * time.Second)
	for _, b := range keymap(modeStage) {
		if b.verb {
			d.press(b.Keys()[0])
		}
	}
	if d.m.mode != modeStage || len(d.m.stage.current.live.Hand()) > 0 || len(d.m.stage.branches) != 1 {
		t.Errorf("mode %d, by hand %v", d.m.mode, d.m.stage.current.live.Hand())
	}
	d.press("q")
	if !d.quit {
		t.Error("did not quit")
	}
}

// What each key does on the stage of two-regions a few seconds on, by what comes of it.
func TestEveryKey(t *testing.T) {
	const now = 7 * time.Second
	hands := func(want ...string) func(*desk) bool {
		return func(d *desk) bool {
			steps := d.m.stage.current.live.Hand()
			for i, s := range steps {
				if i >= len(want) || s.String() != want[i] {
					return false
				}
			}
			return len(steps) == len(want) && steps[0].At == now
		}
	}
	hand := func(want string) func(*desk) bool { return hands(want) }
	in := func(m mode) func(*desk) bool { return func(d *desk) bool { return d.m.mode == m } }
	cursorAt := func(at time.Duration) func(*desk) bool {
		return func(d *desk) bool {
			d.until("there", func() bool { return d.m.stage.cursor.at == at })
			return true
		}
	}
	client := func(want string) func(*desk) bool {
		return func(d *desk) bool { return d.m.stage.selectedClient() == want }
	}
	focus := func(want pane) func(*desk) bool {
		return func(d *desk) bool { return d.m.stage.view.focus == want }
	}
	tests := []struct {
		name string
		keys []string
		want func(*desk) bool
	}{
		{"adapter", []string{"a"}, hand("adapter redis")},
		{"adapter of a node", []string{"A"}, hand("adapter redis im-3030")},
		{"policy", []string{"p"}, hand("policy round_robin")},
		{"kill", []string{"x"}, hand("kill im-3030")},
		{"kill the selected node", []string{"tab", "j", "x"}, hand("kill im-5080")},
		{"say", []string{"m", "enter"}, hand(`say beijing-01 "hi"`)},
		{"say something", []string{"m", "ctrl+u", "y", "o", "enter"}, hand(`say beijing-01 "yo"`)},
		{"never mind", []string{"m", "esc"}, func(d *desk) bool { return d.m.mode == modeStage && len(d.m.stage.current.live.Hand()) == 0 }},
		{"clients", []string{"c", "enter"}, hand("add more 10 198.51.100.0/24")},
		{"clients twice", []string{"c", "enter", "c", "enter"}, hands("add more 10 198.51.100.0/24", "add others 10 198.18.0.0/24")},
		{"clients, or not", []string{"c", "esc"}, func(d *desk) bool { return d.m.mode == modeStage && len(d.m.stage.current.live.Hand()) == 0 }},
		{"say, in words", []string{"m"}, func(d *desk) bool {
			return strings.Contains(d.screen(), "say as beijing-01: hi") && strings.Contains(d.screen(), "enter sends, esc not")
		}},
		{"move", []string{"i"}, in(modeAsk)},
		{"command", []string{":"}, in(modeAsk)},
		{"pause", []string{" "}, func(d *desk) bool { return d.m.stage.playing }},
		{"event on", []string{"."}, func(d *desk) bool { return d.m.stage.cursor.at > now }},
		{"event back", []string{","}, func(d *desk) bool { return d.m.stage.cursor.at < now }},
		{"back", []string{"["}, cursorAt(now - 5*time.Second)},
		{"on", []string{"]"}, cursorAt(now + 5*time.Second)},
		{"on and on", []string{"]", "]"}, cursorAt(now + 10*time.Second)},
		{"slower", []string{"<"}, func(d *desk) bool { return d.m.stage.speed == 0.5 }},
		{"faster", []string{">"}, func(d *desk) bool { return d.m.stage.speed == 2 }},
		{"home", []string{"home"}, cursorAt(beginning)},
		{"end", []string{"home", "end"}, cursorAt(now)},
		{"closer", []string{"enter"}, in(modeCloser)},
		{"closer and back", []string{"enter", "esc"}, in(modeStage)},
		{"tab", []string{"tab"}, focus(paneNodes)},
		{"tab around", []string{"tab", "tab", "tab", "tab"}, focus(paneClients)},
		{"shift-tab", []string{"shift+tab"}, focus(paneErrors)},
		{"right", []string{"l", "right"}, client("beijing-03")},
		{"left", []string{"l", "l", "h", "left"}, client("beijing-01")},
		{"down", []string{"j", "down"}, client("shanghai-01")},
		{"up", []string{"j", "j", "k", "up"}, client("beijing-01")},
		{"filter", []string{"/", "z", "q", "enter"}, func(d *desk) bool { return d.m.stage.frame.filter == "zq" && len(d.m.stage.frame.lines) == 0 }},
		{"no filter", []string{"/", "x", "enter", "esc"}, func(d *desk) bool { return d.m.stage.view.filter == "" }},
		{"matrix", []string{"v"}, func(d *desk) bool { return d.m.stage.view.whole }},
		{"branches", []string{"b"}, in(modeBranches)},
		{"branches and back", []string{"b", "esc"}, in(modeStage)},
		{"back to the scenarios", []string{"esc"}, in(modePicker)},
		{"back to what", []string{"esc"}, func(d *desk) bool { return strings.Contains(d.last(), "esc back to small") }},
		{"the end", []string{"]", "]", "]", "]", "]", "]", "]", "]", "]", "]", "]"}, func(d *desk) bool {
			d.until("over", d.m.stage.over)
			return strings.Contains(d.last(), "the run is over: q quit   [ back   home beginning")
		}},
		{"the end and back", []string{"]", "]", "]", "]", "]", "]", "]", "]", "]", "]", "]", "["}, func(d *desk) bool {
			return !strings.Contains(d.last(), "over") && strings.Contains(d.last(), "? keys")
		}},
		{"and to the stage", []string{"esc", "esc"}, in(modeStage)},
		{"write nothing", []string{"w"}, in(modeStage)},
		{"write", []string{"a", "w"}, in(modeAsk)},
		{"screen", []string{"s"}, func(d *desk) bool { return d.last() != "" && d.m.notice.text != "" && !d.m.notice.loss }},
		{"trace", []string{"T"}, func(d *desk) bool { return d.m.notice.text != "" && !d.m.notice.loss }},
		{"help", []string{"?"}, in(modeHelp)},
		{"help and back", []string{"?", "j", "k", "esc"}, in(modeStage)},
		{"quit", []string{"q"}, func(d *desk) bool { return d.quit }},
		{"quit with steps unsaved", []string{"a", "q"}, func(d *desk) bool { return !d.quit && d.m.mode == modeConfirm }},
		{"no", []string{"a", "q", "n"}, func(d *desk) bool { return !d.quit && d.m.mode == modeStage }},
		{"yes", []string{"a", "q", "y"}, func(d *desk) bool { return d.quit }},
		{"quit with steps saved", []string{"a", "w", "enter", "q"}, func(d *desk) bool { return d.quit }},
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
		{"none is left", []string{"-", "-"}, func(d *desk) bool { return hand("scale 1")(d) && d.m.notice.loss }},
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
			d.press(tt.keys...)
			if !tt.want(d) {
				t.Errorf("%v: mode %d, by hand %v, cursor %v\n%s", tt.keys, d.m.mode, d.m.stage.current.live.Hand(), d.m.stage.cursor, d.screen())
			}
		})
	}
	for _, b := range keymap(modeStage) {
		if !slices.ContainsFunc(b.Keys(), func(k string) bool { return used[k] }) {
			t.Errorf("no test presses %v", b.Keys())
		}
	}
}

// Keys that come before there is anything on the stage do no harm.
func TestKeysTooEarly(t *testing.T) {
	d := sit(t, "", 120, 40)
	plan, name, err := load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	d.m.enter("two-regions", plan, name) // it is not opened yet
	for _, b := range keymap(modeStage) {
		for _, k := range b.Keys() {
			if k != "q" && k != "ctrl+c" && k != "esc" {
				d.press(k)
			}
		}
	}
	d.wait(time.Second)
	if d.m.mode != modeStage || d.m.stage.current != nil {
		t.Errorf("mode %d", d.m.mode)
	}
}

func TestCommandLine(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(10 * time.Second)
	d.press(":")
	d.typeIn("ki")
	d.press("tab")
	d.typeIn("im-5")
	d.press("tab")
	d.shows(":kill im-5080")
	d.press("enter")
	if hand := d.m.stage.current.live.Hand(); len(hand) != 1 || hand[0].Verb != scenario.Kill {
		t.Errorf("by hand: %v", hand)
	}
	d.press(":")
	d.typeIn("restrat im-5080")
	d.press("enter")
	d.shows(`did you mean "restart"?`)
	if d.m.mode != modeAsk {
		t.Error("the line is gone, with the mistake in it")
	}
	d.press("esc", ":", "up")
	d.shows(":kill im-5080")
	d.press("esc")
	if d.m.mode != modeStage {
		t.Errorf("mode %d", d.m.mode)
	}
}

// The list of all keys has every text in full, at every size, page by page.
func TestHelpIsWhole(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(5 * time.Second)
	for _, size := range [][2]int{{40, 12}, {80, 24}, {100, 30}, {140, 45}} {
		d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		d.press("?")
		seen := d.screen()
		for range 20 {
			d.press("pgdown")
			seen += d.screen()
		}
		for _, b := range d.m.shownBindings(modeStage) {
			for _, word := range strings.Fields(b.about) {
				if !strings.Contains(seen, word) {
					t.Errorf("%v: %q of %q is not on the screen", size, word, b.about)
				}
			}
		}
		if strings.Contains(seen, "…") {
			t.Errorf("%v: something is cut:\n%s", size, seen)
		}
		if !strings.Contains(seen, "the wheel moves") {
			t.Errorf("%v: not scrolled to the end:\n%s", size, d.screen())
		}
		for range 20 {
			d.press("pgup")
		}
		d.shows("do something, here")
		d.press("esc")
	}
}
