// Package board answers what the page in a browser asks about a run: it opens one, lets its time pass, does
// steps, and says what is to be shown, in the types of ui/web/wire. It draws nothing, and is the same in
// this process and in a browser's tab.
package board

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/learn"
	"stickylab/ui/web/wire"
)

// A Board is a run and the place in it that is shown. Its methods must not be called concurrently.
type Board struct {
	// Slice is how long Show may work before it answers with what it has come to. Zero means that it
	// comes to where it should.
	Slice time.Duration

	// Read returns the text of a scenario, and what its problems call the file. Nil means the built-in ones.
	Read func(name string) (file string, text []byte, err error)

	name   string
	plan   *plan.Plan
	live   *sim.Live
	lesson *learn.Session
	lost   error // of the run

	// The state at the place that was shown last: continuing from it costs only what is new.
	state *ledger.Ledger
	n     uint64
}

// Handle answers a request.
func (b *Board) Handle(q wire.Request) wire.Response {
	out, err := b.answer(q)
	if err != nil {
		out = wire.Response{Error: err.Error()}
	}
	out.ID = q.ID
	return out
}

func (b *Board) answer(q wire.Request) (out wire.Response, err error) {
	if q.Verb == wire.Open {
		return b.open(q)
	}
	if b.live == nil {
		return out, errors.New("nothing is open")
	}
	switch q.Verb {
	case wire.Show:
		out.Frame, err = b.show(q)
	case wire.Do:
		out, err = b.do(q)
	case wire.Look:
		if q.Thing == nil {
			return out, errors.New("look: nothing is named")
		}
		out.Look, err = b.look(*q.Thing, q.At.Duration())
	case wire.Answer, wire.Continue:
		if b.lesson == nil {
			return out, errors.New("no lesson is open")
		}
		if q.Verb == wire.Answer {
			b.lesson.Answer(q.Choice)
		} else {
			b.lesson.Continue()
		}
		out.Frame, err = b.frame(q.At.Duration(), false)
	case wire.Complete:
		list := scenario.CompleteStep(b.live.Names(), q.Words)
		if list == nil {
			list = []string{}
		}
		out.Complete = &list
	case wire.Trace:
		out.Trace = b.trace(q.From)
	default:
		err = fmt.Errorf("%q is none of %q", q.Verb, wire.Verbs)
	}
	return out, err
}

// Close ends the run. It fails when that failed, or left something behind.
func (b *Board) Close() error {
	if b.live == nil {
		return nil
	}
	err := b.live.Close()
	b.live = nil
	return err
}

// open opens a run, and closes the one before it. What is wrong with the scenario leaves that one open.
func (b *Board) open(q wire.Request) (out wire.Response, err error) {
	name, file, text, err := b.read(q)
	if err != nil {
		return out, err
	}
	parsed, problems := plan.Parse(file, text)
	if len(problems) > 0 {
		return out, problems
	}
	opened := opened(name, string(text), parsed)
	var p *plan.Plan
	var session *learn.Session
	if q.Lesson {
		lesson, err := learn.New(name, name, parsed, nil)
		if err != nil {
			return out, err
		}
		p, session = lesson.Plan, learn.NewSession(lesson)
	} else {
		if parsed, err = parsed.Variant(q.Variant); err != nil {
			return out, err
		}
		if p, problems = plan.Resolve(parsed, nil); len(problems) > 0 {
			return out, problems
		}
	}
	opened.Variant = q.Variant
	return b.begin(opened, p, session)
}

// OpenPlan opens a run of a plan, and closes the one before it. name is that of the scenario. It fails if the run
// cannot start.
func (b *Board) OpenPlan(name string, p *plan.Plan) (wire.Response, error) {
	o := opened(name, "", p.File)
	o.Variant = p.File.Of
	return b.begin(o, p, nil)
}

// begin begins a run.
func (b *Board) begin(o *wire.Opened, p *plan.Plan, session *learn.Session) (out wire.Response, err error) {
	live, err := sim.Open(p, nil)
	if err != nil {
		return out, err
	}
	b.Close()
	b.name, b.plan, b.live, b.lesson, b.lost = o.Name, p, live, session, nil
	b.state, b.n = nil, 0
	o.Title, o.End = p.File.Heading(), wire.Of(live.End())
	for _, n := range p.Notes {
		o.Notes = append(o.Notes, n.Text)
	}
	out.Opened = o
	out.Frame, err = b.frame(0, false)
	return out, err
}

// read returns the scenario that a request is about: its name, what its problems call the file, and its text.
func (b *Board) read(q wire.Request) (name, file string, text []byte, err error) {
	if q.Text != "" {
		return "scenario", "scenario.yaml", []byte(q.Text), nil
	}
	name, file = q.Scenario, q.Scenario+".yaml"
	if b.Read != nil {
		file, text, err = b.Read(name)
	} else {
		text, err = scenarios.Read(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		message := fmt.Sprintf("no built-in scenario %q", name)
		if hint := spell.DidYouMean(name, scenarios.Names()); hint != "" {
			message += "\n" + hint
		}
		err = errors.New(message)
	}
	return name, file, text, err
}

// opened says what a file holds.
func opened(name, text string, f *scenario.File) *wire.Opened {
	o := &wire.Opened{
		Version: wire.Version, Name: name, Summary: f.Summary, Variants: f.VariantNames(),
		Lesson: f.Lesson != nil, Text: text, Policies: scenario.Methods, Notes: []string{},
	}
	if o.Variants == nil {
		o.Variants = []string{}
	}
	return o
}

// beginning is the first instant that is shown: the cluster has started.
const beginning = time.Millisecond

// step is how far the run is advanced at once: then it can be answered in time.
const step = 50 * time.Millisecond

// show returns the frame at an instant, or as near to it as the run comes in the time that it has.
func (b *Board) show(q wire.Request) (*wire.Frame, error) {
	want := min(max(q.At.Duration(), beginning), b.live.End())
	if b.lesson != nil {
		want = min(want, max(b.lesson.Until(), beginning))
	}
	begun := time.Now()
	for head := b.live.Head(); head < want && b.lost == nil; head = b.live.Head() {
		if err := b.live.Advance(min(head+step, want)); err != nil {
			b.lost = err
		}
		if b.Slice > 0 && time.Since(begun) > b.Slice {
			break
		}
	}
	if b.lost != nil && want > b.live.Head() {
		return nil, b.lost
	}
	return b.frame(min(want, b.live.Head()), q.Quick)
}

// do does a step at an instant. If the run is ahead of it, one with the steps up to then takes its place.
func (b *Board) do(q wire.Request) (out wire.Response, err error) {
	at := max(q.At.Duration(), beginning)
	todo, err := scenario.ParseStep(b.live.Names(), q.Words)
	if err != nil {
		return out, err
	}
	if at < b.live.Head() {
		if err := b.back(at); err != nil {
			return out, err
		}
	} else if err := b.live.Advance(at); err != nil {
		return out, err
	}
	done, err := b.live.Do(todo)
	if err != nil {
		return out, err
	}
	out.Done = done.String()
	out.Frame, err = b.frame(b.live.Head(), false)
	return out, err
}

// back goes back to an instant for good: a run with the steps that were done here up to then.
func (b *Board) back(at time.Duration) error {
	kept := slices.DeleteFunc(b.live.Hand(), func(s scenario.Step) bool { return s.At > at })
	live, err := sim.Open(b.plan, kept)
	if err != nil {
		return err
	}
	if err := live.Advance(at); err != nil {
		live.Close()
		return err
	}
	b.live.Close()
	b.live, b.lost, b.state = live, nil, nil
	return nil
}

// at returns the state at an instant that has been. It is the board's own, and good until the next call.
func (b *Board) at(now time.Duration) (*ledger.Ledger, uint64) {
	n := b.live.Len()
	if now < b.live.Head() {
		n = b.live.Before(now + 1)
	}
	if b.state == nil || n < b.n || now < b.state.Now() || b.live.Oldest() > b.n+1 {
		b.state = b.live.Ledger(n, now)
	} else {
		events := b.live.Events(b.n+1, n)
		for i := range events {
			b.state.Apply(&events[i])
		}
		b.state.Advance(now)
	}
	b.n = n
	return b.state, n
}

// mostEvents is how many events an answer holds at most.
const mostEvents = 5_000

// trace returns the events from a number on.
func (b *Board) trace(from uint64) *wire.Events {
	from = max(from, b.live.Oldest())
	events := b.live.Events(from, from+mostEvents-1)
	out := &wire.Events{Lines: string(report.AppendEvents(nil, events))}
	if next := from + uint64(len(events)); next <= b.live.Len() {
		out.Next = next
	}
	return out
}

// Catalogue returns the built-in scenarios: the lessons in the order of the course, then the others. It fails
// when one of them is not valid.
func Catalogue() ([]wire.Entry, error) {
	course, err := learn.Course()
	if err != nil {
		return nil, err
	}
	var out []wire.Entry
	for _, e := range course {
		out = append(out, wire.Entry{Name: e.Name, Title: e.Title, Summary: e.Summary, Topic: e.Topic, Order: e.Order, Questions: e.Questions})
	}
	for _, name := range scenarios.Names() {
		if slices.ContainsFunc(out, func(e wire.Entry) bool { return e.Name == name }) {
			continue
		}
		text, err := scenarios.Read(name)
		if err != nil {
			return nil, err
		}
		f, problems := plan.Parse(name+".yaml", text)
		if len(problems) > 0 {
			return nil, problems
		}
		out = append(out, wire.Entry{Name: name, Title: f.Heading(), Summary: f.Summary})
	}
	return out, nil
}
