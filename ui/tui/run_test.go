package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
)

// traceOf returns what a run writes as its trace.
func traceOf(events []trace.Event) string {
	var out strings.Builder
	if err := report.WriteTrace(&out, events); err != nil {
		panic(err)
	}
	return out.String()
}

// The lesson of the whole program: two regions do not hear each other, one key
// connects them, and the file that it makes tells the same story.
func TestOneKeyConnectsTheRegions(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.press(">", ">", ">") // x10
	if d.m.stage.speed != 10 {
		t.Fatalf("speed %v", d.m.stage.speed)
	}
	d.press(" ")
	d.until("30 s", func() bool { return d.m.stage.cursor.at >= 30*time.Second })
	d.press(" ")
	d.settle()
	d.cross(0)

	d.press("a")
	d.shows("adapter on")
	d.to(d.m.stage.cursor.at + 13*time.Second)
	d.cross(1)

	d.to(d.m.stage.current.live.End())
	d.press("w", "enter")
	path := filepath.Join(d.m.o.Dir, "two-regions-2.yaml")
	plan, _, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	var again strings.Builder
	w := report.NewTraceWriter(&again)
	if _, err := sim.Run(path, plan, sim.Options{Trace: func(events []trace.Event) { w.Write(events) }}); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	live := d.m.stage.current.live
	if again.String() != traceOf(live.Events(1, live.Len())) {
		t.Error("the saved file gives another trace")
	}

	d.press("T")
	written, err := os.ReadFile(filepath.Join(d.m.o.Dir, "two-regions.trace"))
	if err != nil || string(written) != again.String() {
		t.Errorf("the written trace is another one (%v)", err)
	}
}

// cross checks the share of messages that cross nodes, in both directions, in
// the frame and on the screen.
func (d *desk) cross(want float64) {
	d.Helper()
	cells := d.m.stage.frame.recent.Matrix.Cells
	for _, c := range []ledger.Counts{cells[0][1], cells[1][0]} {
		if c.Ratio != want || c.Arrived+c.Missed == 0 {
			d.Errorf("at %v %+v crossed, want a ratio of %v", d.m.stage.cursor.at, c, want)
		}
	}
	if want == 0 {
		d.shows("░░░░░░░░░░░░   0 %")
	} else if strings.Contains(d.screen(), " 0 %") {
		d.Errorf("something is not heard:\n%s", d.screen())
	}
}

// The past is shown exactly as it was seen when it was now.
func TestThePastIsShownAsItWas(t *testing.T) {
	d := sit(t, "redis-adapter", 120, 40)
	d.press("tab", "j", "shift+tab")
	var seen []string
	strip := func(s string) string { // the notice and the top line tell of now
		lines := strings.Split(s, "\n")
		return strings.Join(lines[1:len(lines)-2], "\n")
	}
	for at := 5 * time.Second; at <= 25*time.Second; at += 5 * time.Second {
		d.to(at)
		if at == 15*time.Second {
			d.press("x")
			d.to(at + 2*time.Millisecond)
			d.press("[", "]") // to 15.002, by time
			d.settle()
			seen = append(seen, strip(d.screen()))
			continue
		}
		seen = append(seen, strip(d.screen()))
	}
	d.press("home")
	for i, want := range seen {
		at := time.Duration(i+1) * 5 * time.Second
		if at == 15*time.Second {
			at += 2 * time.Millisecond
		}
		d.to(at)
		got := strip(d.screen())
		if at < 15*time.Second { // the axis shows the steps by hand, also those to come
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
	d.press("a")
	d.to(30 * time.Second)
	s := d.m.stage
	old := s.current
	before := traceOf(old.live.Events(1, old.live.Len()))

	d.to(25 * time.Second)
	d.press("tab", "j", "x")
	if s.current == old || len(s.branches) != 2 || d.m.mode != modeStage {
		t.Fatalf("no branch: mode %d", d.m.mode)
	}
	hand := s.current.live.Hand()
	if len(hand) != 2 || hand[0].String() != "adapter redis" || hand[1].String() != "kill im-5080" || hand[1].At != 25*time.Second {
		t.Errorf("by hand: %v", hand)
	}
	d.shows("branch 2 of 2")
	again := sim.Open(s.plan, hand)
	defer again.Close()
	again.Advance(s.current.head.at)
	if traceOf(again.Events(1, again.Len())) != traceOf(s.current.live.Events(1, s.current.live.Len())) {
		t.Error("the branch is not the scenario with these steps")
	}

	d.press("b", "k", "enter")
	if s.current != old || s.cursor.at != 25*time.Second {
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
	s := d.m.stage

	d.run(s.seek(5 * time.Second))
	_, cmd := d.m.Update(keyOf("a"))
	if d.m.mode != modeBuilding {
		t.Fatalf("mode %d", d.m.mode)
	}
	d.shows("esc cancels")
	d.press("esc")
	d.run(cmd)
	if d.m.mode != modeStage || len(s.branches) != 1 || s.current.live.Len() == 0 {
		t.Errorf("mode %d, %d branches", d.m.mode, len(s.branches))
	}

	for range mostBranches + 2 {
		d.run(s.seek(5 * time.Second))
		d.press("p")
	}
	if len(s.branches) != mostBranches {
		t.Errorf("%d branches", len(s.branches))
	}
	d.run(s.seek(2 * time.Second))
	d.press(":")
	d.typeIn("move beijing 192.0.2.0/29")
	d.press("enter")
	if !d.m.notice.loss {
		t.Errorf("20 clients moved into 6 addresses: %q", d.m.notice.text)
	}
}

// Stepping goes from event to event, also when they share an instant.
func TestEventByEvent(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.press("home")
	s := d.m.stage
	first := s.cursor.n
	for n := first + 1; n < first+30; n++ {
		d.press(".")
		d.until("the event", func() bool { return s.event == 0 })
		if s.cursor.n != n || s.cursor.at != s.current.live.Events(n, n)[0].At {
			t.Fatalf("%v, want event %d", s.cursor, n)
		}
	}
	d.press(",")
	if s.cursor.n != first+28 {
		t.Errorf("%v, want event %d", s.cursor, first+28)
	}
}

// What a command brings back after another scenario was opened is dropped.
func TestAnotherScenario(t *testing.T) {
	d := sit(t, "two-regions", 120, 40)
	d.to(5 * time.Second)
	late := d.m.stage.refresh()
	going := d.m.stage.advance(6 * time.Second)
	plan, name, err := load("redis-adapter")
	if err != nil {
		t.Fatal(err)
	}
	opening := d.m.enter("redis-adapter", plan, name)
	d.run(late)
	d.run(going)
	d.run(opening)
	d.settle()
	if s := d.m.stage; s.frame.live != s.current.live || len(s.branches) != 1 || s.name != "redis-adapter" {
		t.Errorf("%s is on the stage, with %d branches", s.name, len(s.branches))
	}
}
