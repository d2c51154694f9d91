package board_test

import (
	"encoding/json"
	"strings"
	"testing"

	"stickylab/ui/web/board"
	"stickylab/ui/web/wire"
)

// opened is a board on which a built-in scenario is open.
func opened(t *testing.T, q wire.Request) *board.Board {
	t.Helper()
	b := &board.Board{}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	q.Verb = wire.Open
	ask(t, b, q)
	return b
}

// ask asks what must have an answer.
func ask(t *testing.T, b *board.Board, q wire.Request) wire.Response {
	t.Helper()
	r := b.Handle(q)
	if r.Error != "" {
		t.Fatalf("%s: %s", q.Verb, r.Error)
	}
	return r
}

func frame(t *testing.T, b *board.Board, seconds float64) *wire.Frame {
	t.Helper()
	return ask(t, b, wire.Request{Verb: wire.Show, At: wire.Millis(seconds * 1000)}).Frame
}

// Without an adapter the last message ends on its node, and the frame says why; with one it arrives everywhere.
func TestAdapterDecidesWhatCrosses(t *testing.T) {
	b := opened(t, wire.Request{Scenario: "two-regions"})
	f := frame(t, b, 20)
	if len(f.Groups) != 2 || len(f.Nodes) != 2 || f.Adapter != "off" || f.Proxy.Policy != "ip_hash" {
		t.Fatalf("%+v", f)
	}
	for i, g := range f.Groups {
		for k, node := range g.On {
			if node != i {
				t.Errorf("%s is on %d", g.Names[k], node)
			}
		}
		if len(g.States) != len(g.Names) || len(g.Lit) != len(g.Names) {
			t.Errorf("%s: %d clients, states %q, lit %q", g.Name, len(g.Names), g.States, g.Lit)
		}
	}
	if j := f.Last; j == nil || j.Crosses != wire.Stopped || j.Counts.Arrived != 20 || j.Counts.Missed != 20 || !strings.Contains(j.Lost, "adapter off on") {
		t.Errorf("the last message: %+v", f.Last)
	}
	if lit := strings.Count(f.Groups[0].Lit+f.Groups[1].Lit, "1"); lit != 20 {
		t.Errorf("%d clients are lit, not 20", lit)
	}
	r := ask(t, b, wire.Request{Verb: wire.Do, At: 20_000, Words: "adapter redis"})
	if r.Done == "" || r.Frame.Adapter != "on" {
		t.Errorf("done %q, adapter %s", r.Done, r.Frame.Adapter)
	}
	f = frame(t, b, 30)
	if j := f.Last; j.Crosses != wire.Published || j.Counts.Missed != 0 {
		t.Errorf("with an adapter: %+v", j)
	}
	if m := f.Matrix; m.Since < 20_000 || m.Since > 21_000 || m.Why != "the adapter was turned on" && m.Why != "the link to Redis came back" || m.Cells[0][1].Share != "100 %" {
		t.Errorf("the matrix: %+v", m)
	}
	moving := 0
	for _, m := range f.Motions {
		moving += len(m.Legs)
	}
	if moving == 0 {
		t.Error("nothing moves")
	}
}

// A step in the past leaves what came after it: the run is another one from there on, and equal up to there.
func TestAStepInThePast(t *testing.T) {
	b := opened(t, wire.Request{Scenario: "two-regions"})
	frame(t, b, 10)
	ask(t, b, wire.Request{Verb: wire.Do, At: 10_000, Words: "kill im-5080"})
	before := frame(t, b, 9)
	frame(t, b, 15)
	r := ask(t, b, wire.Request{Verb: wire.Do, At: 12_000, Words: "adapter redis"})
	if len(r.Frame.Steps) != 2 || r.Frame.Head > 12_100 {
		t.Errorf("head %v, steps %+v", r.Frame.Head, r.Frame.Steps)
	}
	r = ask(t, b, wire.Request{Verb: wire.Do, At: 9_500, Words: "adapter redis"})
	if len(r.Frame.Steps) != 1 || !r.Frame.Nodes[1].Up {
		t.Errorf("steps %+v, nodes %+v", r.Frame.Steps, r.Frame.Nodes)
	}
	again := frame(t, b, 9)
	before.Head, again.Head = 0, 0
	x, _ := json.Marshal(before)
	y, _ := json.Marshal(again)
	if string(x) != string(y) {
		t.Errorf("the same instant before and after:\n%s\n%s", x, y)
	}
}

// Forward in small steps and at once, a frame is the same.
func TestFramesDoNotDependOnTheWayThere(t *testing.T) {
	small, atOnce := opened(t, wire.Request{Scenario: "no-upgrade"}), opened(t, wire.Request{Scenario: "no-upgrade"})
	for s := 0.25; s < 12; s += 0.25 {
		frame(t, small, s)
	}
	x, _ := json.Marshal(frame(t, small, 12))
	y, _ := json.Marshal(frame(t, atOnce, 12))
	if string(x) != string(y) {
		t.Errorf("%s\n%s", x, y)
	}
}

// Everything that is shown can be looked at closer, and what is not there is said.
func TestLook(t *testing.T) {
	b := opened(t, wire.Request{Scenario: "two-regions"})
	f := frame(t, b, 20)
	look := func(kind wire.Kind, name, want string) {
		t.Helper()
		c := ask(t, b, wire.Request{Verb: wire.Look, At: 20_000, Thing: &wire.Thing{Kind: kind, Name: name}}).Look
		text, _ := json.Marshal(c)
		if !strings.Contains(string(text), want) {
			t.Errorf("%s %s does not say %q: %s", kind, name, want, text)
		}
	}
	look(wire.OfClient, "beijing-07", "% 6271 =")
	look(wire.OfClient, "beijing-07", "Missed, by reason")
	look(wire.OfNode, "im-3030", "the adapter is off")
	look(wire.OfMessage, f.Last.ID, "20 of 20 arrived")
	for _, kind := range []wire.Kind{wire.OfClient, wire.OfNode, wire.OfMessage, wire.OfError, "moon"} {
		r := b.Handle(wire.Request{ID: 4, Verb: wire.Look, At: 20_000, Thing: &wire.Thing{Kind: kind, Name: "x-1"}})
		if r.Error == "" || r.ID != 4 {
			t.Errorf("%s: %+v", kind, r)
		}
	}
	broken := opened(t, wire.Request{Scenario: "no-upgrade"})
	e := frame(t, broken, 10).Errors
	if len(e) == 0 || e[0].Title == "" {
		t.Fatalf("errors: %+v", e)
	}
	c := ask(t, broken, wire.Request{Verb: wire.Look, At: 10_000, Thing: &wire.Thing{Kind: wire.OfError, Name: "Session ID unknown"}}).Look
	if len(c.Parts) < 3 {
		t.Errorf("the dictionary says: %+v", c)
	}
}

// A lesson stops the run at its questions, reveals what came of the answer, and ends with the cause.
func TestLesson(t *testing.T) {
	b := opened(t, wire.Request{Scenario: "two-regions", Lesson: true})
	asked, answered := 0, 0
	for range 20 {
		f := frame(t, b, 100)
		l := f.Lesson
		if f.At > max(l.Until, 1) {
			t.Fatalf("the run is at %v, the lesson stops it at %v", f.At, l.Until)
		}
		switch l.State {
		case "asking":
			asked++
			ask(t, b, wire.Request{Verb: wire.Answer, At: f.At, Choice: 0})
		case "revealed":
			answered++
			last := l.Said[len(l.Said)-1]
			if len(last.Outcome) < 3 || last.Right < 0 {
				t.Errorf("%+v", last)
			}
			ask(t, b, wire.Request{Verb: wire.Continue, At: f.At})
		case "over":
			if asked != 2 || answered != 2 || l.End == nil || !strings.Contains(l.End.Cause, "adapter") || l.End.Fix != "fixed" || l.End.Next != "redis-adapter" {
				t.Errorf("%d asked, %d answered, %+v", asked, answered, l.End)
			}
			return
		}
	}
	t.Error("the lesson did not end")
}

// What is wrong with a request or a scenario is said, and what is open stays open.
func TestBadRequests(t *testing.T) {
	b := &board.Board{}
	if r := b.Handle(wire.Request{Verb: wire.Show}); r.Error != "nothing is open" {
		t.Errorf("%+v", r)
	}
	b = opened(t, wire.Request{Scenario: "two-regions"})
	frame(t, b, 5)
	for _, c := range []struct {
		q    wire.Request
		want string
	}{
		{wire.Request{Verb: wire.Open, Scenario: "two-region"}, "two-regions"},
		{wire.Request{Verb: wire.Open, Text: "title: x\nduraton: 5s\n"}, ":2:1"},
		{wire.Request{Verb: wire.Open, Scenario: "two-regions", Variant: "nine"}, "nine"},
		{wire.Request{Verb: wire.Do, At: 5000, Words: "kill im-9"}, "im-9"},
		{wire.Request{Verb: "fly"}, "fly"},
		{wire.Request{Verb: wire.Look}, "nothing is named"},
		{wire.Request{Verb: wire.Answer}, "no lesson"},
	} {
		if r := b.Handle(c.q); !strings.Contains(r.Error, c.want) || r.Frame != nil {
			t.Errorf("%+v: %q does not contain %q", c.q, r.Error, c.want)
		}
	}
	if f := frame(t, b, 6); f.At != 6000 {
		t.Errorf("at %v", f.At)
	}
	if list := *ask(t, b, wire.Request{Verb: wire.Complete, Words: "kill im-"}).Complete; len(list) != 2 {
		t.Errorf("completions: %q", list)
	}
}

// The trace comes in pieces that fit together.
func TestTrace(t *testing.T) {
	b := opened(t, wire.Request{Scenario: "two-regions"})
	end := frame(t, b, 100)
	if end.At != end.Head || end.At != 62_000 {
		t.Errorf("at %v, head %v", end.At, end.Head)
	}
	lines, pieces := 0, 0
	for next := uint64(1); next > 0; pieces++ {
		e := ask(t, b, wire.Request{Verb: wire.Trace, From: next}).Trace
		if e.Next > 0 && e.Next != next+uint64(strings.Count(e.Lines, "\n")) {
			t.Fatalf("%d lines from %d, then %d", strings.Count(e.Lines, "\n"), next, e.Next)
		}
		lines, next = lines+strings.Count(e.Lines, "\n"), e.Next
	}
	if lines < 15_000 || pieces < 2 {
		t.Errorf("%d lines in %d pieces", lines, pieces)
	}
}

// Every built-in scenario is in the catalogue, the road first.
func TestCatalogue(t *testing.T) {
	list, err := board.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 40 || list[3].Name != "two-regions" || list[3].Topic != "the road" || list[3].Questions != 2 {
		t.Errorf("%+v", list)
	}
}
