package run

import (
	"strings"
	"testing"
	"time"
)

// Why the last missed message was missed is on the screen at every moment, at the sizes people have.
func TestTheReasonIsOnTheScreen(t *testing.T) {
	d := sit(t, "two-regions", 80, 24)
	d.to(15 * time.Second)
	d.Press("space")
	for i := range 20 {
		d.Wait(500 * time.Millisecond)
		size := [2]int{80, 24}
		if i%2 == 1 {
			size = [2]int{100, 30}
		}
		d.Size(size[0], size[1])
		var cause string
		for _, m := range d.m.Frame.Ledger.Recent(20) {
			for _, r := range m.Nodes {
				if len(r.Missed) > 0 && cause == "" {
					cause = r.Missed[0].Reason.Cause(d.m.Frame.Palette.Letter(m.Node), d.m.Frame.Palette.Letter(r.Node))
				}
			}
		}
		if cause == "" {
			t.Fatalf("at %v nothing was missed", d.m.Frame.Cursor.At)
		}
		if !strings.Contains(d.Screen(), cause) {
			t.Errorf("at %v, %v: %q is not on the screen:\n%s", d.m.Frame.Cursor.At, size, cause, d.Screen())
		}
	}
}

// A switch begins a new window of the matrix: one second after the adapter is turned on all arrives, and the
// screen says so; so it is with a node that goes down.
func TestSwitchBeginsNewWindow(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 40}} {
		d := sit(t, "two-regions", size[0], size[1])
		d.to(20 * time.Second)
		d.Press("a")
		d.to(d.m.cursor.At + time.Second)
		d.Shows("on at 0:20")
		m := d.m.Frame.Since
		for _, row := range m.Matrix.Cells {
			for _, c := range row {
				if c.Arrived == 0 || c.Missed > 0 {
					t.Errorf("one second later %+v", m.Matrix)
				}
			}
		}
		if strings.Contains(d.Screen(), " 0 %") || strings.Count(d.Screen(), "100 %") != 4 {
			t.Errorf("one second later:\n%s", d.Screen())
		}
		d.Press("tab", "down", "x")
		d.to(d.m.cursor.At + time.Second)
		d.Shows("said on B down")
		d.Shows("down at 0:21")
	}
}

// Messages that fared alike are one line, which is looked at like one.
func TestLogIsFolded(t *testing.T) {
	d := sit(t, "two-regions", 80, 24)
	d.to(20 * time.Second)
	d.Shows("beijing x ")
	d.Shows("shanghai x ")
	d.Press("5", "enter")
	if d.where() != "inspecting" {
		t.Errorf("on %s", d.where())
	}
	d.Press("esc", "down")
	was := d.m.Frame.lines[chosenLine(d.m.Frame, d.m.view.line)]
	d.to(21 * time.Second)
	is := d.m.Frame.lines[chosenLine(d.m.Frame, d.m.view.line)]
	if was.said < 2 || is.said <= was.said || strings.Fields(is.Subject)[0] != strings.Fields(was.Subject)[0] {
		t.Errorf("selected %q, and a second later %q", was.Subject, is.Subject)
	}
}
