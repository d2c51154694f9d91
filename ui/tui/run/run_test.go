package run

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
	"stickylab/ui/tui/internal/drive"
)

// traceOf returns what a run writes as its trace.
func traceOf(events []trace.Event) string {
	return string(report.AppendEvents(nil, events))
}

// The lesson of the whole program: two regions do not hear each other, one key
// connects them, and the file that it makes tells the same story.
func TestOneKeyConnectsTheRegions(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.Press(">", ">", ">") // x10
	if d.m.speed != 10 {
		t.Fatalf("speed %v", d.m.speed)
	}
	d.Press(" ")
	d.Until("30 s", func() bool { return d.m.cursor.At >= 30*time.Second })
	d.Press(" ")
	d.settle()
	d.cross(0)

	d.Press("a")
	d.Shows("adapter on")
	d.to(d.m.cursor.At + 13*time.Second)
	d.cross(1)

	d.to(d.m.current.live.End())
	d.Press("w", "enter")
	path := filepath.Join(d.m.o.Dir, "two-regions-2.yaml")
	plan, _, err := drive.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var again []byte
	if _, err := sim.Run(t.Context(), plan, sim.Options{Name: path, Trace: func(events []trace.Event) { again = report.AppendEvents(again, events) }}); err != nil {
		t.Fatal(err)
	}
	live := d.m.current.live
	if string(again) != traceOf(live.Events(1, live.Len())) {
		t.Error("the saved file gives another trace")
	}

	d.Press("T")
	written, err := os.ReadFile(filepath.Join(d.m.o.Dir, "two-regions.trace"))
	if err != nil || !bytes.Equal(written, again) {
		t.Errorf("the written trace is another one (%v)", err)
	}
}

// cross checks the share of messages that cross nodes, in both directions, in
// the frame and on the screen.
func (d *desk) cross(want float64) {
	d.Helper()
	cells := d.m.Frame.Recent.Matrix.Cells
	for _, c := range []ledger.Counts{cells[0][1], cells[1][0]} {
		if c.Ratio != want || c.Arrived+c.Missed == 0 {
			d.Errorf("at %v %+v crossed, want a ratio of %v", d.m.cursor.At, c, want)
		}
	}
	if want == 0 {
		d.Shows("░░░░░░░░░░░░   0 %")
	} else if strings.Contains(d.Screen(), " 0 %") {
		d.Errorf("something is not heard:\n%s", d.Screen())
	}
}

// The past is shown exactly as it was seen when it was now.
func TestThePastIsShownAsItWas(t *testing.T) {
	d := sit(t, "redis-adapter", 120, 40)
	d.Press("tab", "j", "shift+tab")
	var seen []string
	strip := func(s string) string { // the notice and the top line tell of now
		lines := strings.Split(s, "\n")
		return strings.Join(lines[1:len(lines)-2], "\n")
	}
	for at := 5 * time.Second; at <= 25*time.Second; at += 5 * time.Second {
		d.to(at)
		if at == 15*time.Second {
			d.Press("x")
			d.to(at + 2*time.Millisecond)
			d.Press("[", "]") // to 15.002, by time
			d.settle()
			seen = append(seen, strip(d.Screen()))
			continue
		}
		seen = append(seen, strip(d.Screen()))
	}
	d.Press("home")
	for i, want := range seen {
		at := time.Duration(i+1) * 5 * time.Second
		if at == 15*time.Second {
			at += 2 * time.Millisecond
		}
		d.to(at)
		got := strip(d.Screen())
		if at < 15*time.Second { // the axis shows the steps done here, also those to come
			got, want = strings.ReplaceAll(got, "╨", "─"), strings.ReplaceAll(want, "╨", "─")
		}
		if got != want {
			t.Errorf("at %v:\n%s\nthen it was\n%s", at, got, want)
		}
	}
}

// An action in the past begins a branch that is the scenario with that step,
// and the old branch stays as it is.
func TestBranch(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(20 * time.Second)
	d.Press("a")
	d.to(30 * time.Second)
	s := d.m
	old := s.current
	before := traceOf(old.live.Events(1, old.live.Len()))

	d.to(25 * time.Second)
	d.Press("tab", "j", "x")
	if s.current == old || len(s.branches) != 2 || d.where() != "run" {
		t.Fatalf("no branch: on %s", d.where())
	}
	hand := s.current.live.Hand()
	if len(hand) != 2 || hand[0].String() != "adapter redis" || hand[1].String() != "kill im-5080" || hand[1].At != 25*time.Second {
		t.Errorf("done: %v", hand)
	}
	d.Shows("branch 2 of 2")
	again, err := sim.Open(s.Plan, hand)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	again.Advance(s.current.head.At)
	if traceOf(again.Events(1, again.Len())) != traceOf(s.current.live.Events(1, s.current.live.Len())) {
		t.Error("the branch is not the scenario with these steps")
	}

	d.Press("b", "k", "enter")
	if s.current != old || s.cursor.At != 25*time.Second {
		t.Errorf("not back where the old branch was left: %v", s.cursor)
	}
	if traceOf(old.live.Events(1, old.live.Len())) != before {
		t.Error("the old branch has changed")
	}
}

// Building a branch can be canceled, and only so many are kept.
func TestManyBranches(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(10 * time.Second)
	s := d.m

	d.Run(s.seek(5 * time.Second))
	cmd := d.Update(drive.KeyOf("a"))
	if d.where() != "building" {
		t.Fatalf("on %s", d.where())
	}
	d.Shows("esc cancels")
	d.Press("esc")
	d.Run(cmd)
	if d.where() != "run" || len(s.branches) != 1 || s.current.live.Len() == 0 {
		t.Errorf("on %s, %d branches", d.where(), len(s.branches))
	}

	for range mostBranches + 2 {
		d.Run(s.seek(5 * time.Second))
		d.Press("p", "enter")
	}
	if len(s.branches) != mostBranches {
		t.Errorf("%d branches", len(s.branches))
	}
	d.Run(s.seek(2 * time.Second))
	d.Press(":")
	d.Type("move beijing 192.0.2.0/29")
	d.Press("enter")
	if !d.loss() {
		t.Errorf("20 clients moved into 6 addresses: %q", d.notice())
	}
}

// Stepping goes from event to event, also when they share an instant.
func TestEventByEvent(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.Press("home")
	s := d.m
	first := s.cursor.N
	for n := first + 1; n < first+30; n++ {
		d.Press(".")
		d.Until("the event", func() bool { return s.event == 0 })
		if s.cursor.N != n || s.cursor.At != s.current.live.Events(n, n)[0].At {
			t.Fatalf("%v, want event %d", s.cursor, n)
		}
	}
	d.Press(",")
	if s.cursor.N != first+28 {
		t.Errorf("%v, want event %d", s.cursor, first+28)
	}
}
