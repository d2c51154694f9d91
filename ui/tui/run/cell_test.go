package run

import (
	"testing"
	"time"
)

// The arrows choose a cell of the matrix, and enter says why its messages did not arrive.
func TestCellOfTheMatrix(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(30 * time.Second)
	d.m.view.focus = PaneMatrix
	is := func(from, to string) {
		t.Helper()
		if d.m.view.from != from || d.m.view.to != to {
			t.Errorf("the cell is from %q to %q", d.m.view.from, d.m.view.to)
		}
	}
	d.Press("down")
	is("im-3030", "im-3030")
	d.Press("left", "up", "right", "right")
	is("im-3030", "im-5080")
	d.shoot("cell")
	d.Size(120, 40)
	d.Press("enter")
	d.Shows("adapter")
	d.Shows("im-3030")
	if m := d.m.page; m == nil {
		t.Fatal("nothing is looked at")
	} else if msg, ok := d.m.Frame.Ledger.Message(m.Thing.Msg); !ok || msg.Node != "im-3030" {
		t.Errorf("looks at %v", m.Thing)
	}
	d.Press("esc", "down")
	is("im-5080", "im-5080")
	d.Press("esc")
	is("", "")
}

// A cell without a message says so.
func TestCellWithoutAMessage(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.m.view.focus = PaneMatrix
	d.Press("right", "enter")
	if d.m.page != nil {
		t.Error("something is looked at")
	}
	d.Shows("none was said on im-3030 for a client on im-3030")
}
