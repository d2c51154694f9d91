package learn

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/scenarios"
	"stickylab/sim"
	"stickylab/sim/expect"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

const asking = `
title: Asking
duration: 20s
nodes: 2
proxy: {policy: ip_hash}
clients: {users: {count: 10, ip: 172.16.0.0/12, say: every 2s}}
lesson:
  topic: trials
  cause: a node knows only its own sockets
  fix: fixed
  narration:
    - {at: 12s, say: second}
    - {at: 5s, say: first}
    - {at: 20s, say: third}
  predictions:
    - at: 5s
      until: 10s
      ask: Who goes away?
      choices:
        - {say: Somebody, that: "clients.away > 0"}
        - {say: Nobody., that: "clients.away == 0"}
    - at: 12s
      ask: Who hears the other node?
      choices:
        - {say: Everybody, that: "delivery.cross.ratio == 1"}
        - {say: Half, that: "delivery.cross.ratio == 0.5"}
variants:
  fixed: {adapter: redis, expect: [{from: 5s, at: end, that: "delivery.cross.ratio == 1"}]}
`

func lesson(t *testing.T, text string) *Lesson {
	t.Helper()
	f, problems := plan.Parse("asking.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	l, err := New("./asking.yaml", "asking", f, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const second = time.Second

// What was asked is answered before anything new is told, that before it is
// asked about, and the end comes last; an answer waits until it has settled.
func TestMoments(t *testing.T) {
	want := []Moment{
		{Told, 5 * second, 1}, {Asked, 5 * second, 0},
		{Answered, 12 * second, 0}, {Told, 12 * second, 0}, {Asked, 12 * second, 1},
		{Told, 20 * second, 2},
		{Answered, 22 * second, 1}, {Ended, 22 * second, 0},
	}
	if diff := cmp.Diff(want, Timeline(lesson(t, asking).Plan)); diff != "" {
		t.Error(diff)
	}
}

// wise is a judge who knows all from the beginning.
type wise struct {
	all []report.Prediction
	err error
}

func (w wise) Predictions(*ledger.Ledger) ([]report.Prediction, error) { return w.all, w.err }

// A telling stops the run at questions and at what came of them, and nowhere
// else, however far the run went.
func TestTelling(t *testing.T) {
	of := func(verdicts ...expect.Verdict) (p report.Prediction) {
		for _, v := range verdicts {
			p.Choices = append(p.Choices, report.Choice{Say: "so", Verdict: v})
		}
		return p
	}
	judge := wise{all: []report.Prediction{of(expect.Fail, expect.Pass), of(expect.Fail, expect.Fail)}}
	x := NewSession(lesson(t, asking))
	reach := func(at time.Duration, state State, said int, until time.Duration) {
		t.Helper()
		before := len(x.Said())
		changed, err := x.Reach(at, judge, nil)
		if err != nil {
			t.Fatal(err)
		}
		if x.State() != state || len(x.Said()) != said || x.Until() != until {
			t.Errorf("at %v: state %d, %d said, until %v; want %d, %d, %v", at, x.State(), len(x.Said()), x.Until(), state, said, until)
		}
		if changed != (said != before || state == Over) {
			t.Errorf("at %v: changed %v", at, changed)
		}
	}
	reach(0, Running, 0, 5*second)
	x.Answer(1) // nothing is asked
	reach(4*second, Running, 0, 5*second)
	reach(60*second, Asking, 2, 5*second)
	x.Continue() // it is not that
	reach(60*second, Asking, 2, 5*second)
	x.Answer(2) // there is no such choice
	reach(5*second, Asking, 2, 5*second)
	x.Answer(1)
	reach(11*second, Running, 2, 12*second)
	reach(12*second, Revealed, 3, 12*second)
	x.Answer(0)
	if r := x.Reveal(0); !r.Right() || r.Answer != 1 {
		t.Errorf("%+v", r)
	}
	x.Continue()
	reach(12*second, Asking, 5, 12*second)
	x.Answer(NoAnswer)
	reach(19*second, Running, 5, 22*second)
	reach(20*second, Running, 6, 22*second)
	reach(22*second, Revealed, 7, 22*second)
	x.Continue()
	reach(22*second, Over, 7, 22*second)
	if got, want := x.Score(), (Score{Asked: 2, Answered: 1, Right: 1}); got != want || got.Finished() {
		t.Errorf("%+v", got)
	}
}

// What a judge cannot tell is no answer.
func TestTellingFails(t *testing.T) {
	for name, judge := range map[string]wise{"error": {err: errors.New("no")}, "too few": {}} {
		x := NewSession(lesson(t, asking))
		x.Reach(5*second, judge, nil)
		x.Answer(0)
		if _, err := x.Reach(12*second, judge, nil); err == nil || x.State() != Running {
			t.Errorf("%s: %v, state %d", name, err, x.State())
		}
	}
}

// Only the run answers.
func TestARunAnswers(t *testing.T) {
	l := lesson(t, asking)
	live, err := sim.Open(l.Plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	wrong := []string{"clients.away > 0", "delivery.cross.ratio == 1"}
	x := NewSession(l)
	for x.State() != Over {
		at := x.Until()
		if err := live.Advance(at); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Reach(at, live, live.Ledger(live.Len(), at)); err != nil {
			t.Fatal(err)
		}
		if said, ok := x.Last(); ok && x.State() == Asking {
			x.Answer(slices.IndexFunc(l.Plan.Asked[said.N].Choices, func(c scenario.Choice) bool { return c.That == wrong[said.N] }))
		}
		x.Continue()
	}
	want := [][]string{
		{"Who goes away?", "You said: Somebody. **Wrong.**", "It was: Nobody.", "Measured: 0 of 10 clients away, on their way back"},
		{"Who hears the other node?", "You said: Everybody. **Wrong.**", "It was none of these, or more than one:"},
	}
	for n, w := range want {
		got := x.Reveal(n).Sentences()
		if !slices.Equal(got[:len(w)], w) {
			t.Errorf("%q, want %q", got, w)
		}
	}
	if got := x.Score().String(); got != "0 of 2 answers right." {
		t.Error(got)
	}
}

func TestScores(t *testing.T) {
	for s, want := range map[Score]string{
		{3, 3, 2}: "2 of 3 answers right.",
		{1, 1, 1}: "Your answer was right.",
		{1, 1, 0}: "Your answer was wrong.",
		{2, 1, 1}: "1 of 2 questions answered, 1 right.",
	} {
		if s.String() != want {
			t.Errorf("%+v: %q, want %q", s, s.String(), want)
		}
	}
}

// Titles and expectations are no difference; what is run is.
func TestDiffer(t *testing.T) {
	l := lesson(t, asking)
	d, err := Diff(l.Plan, l.Fixed)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Difference{Keys: []string{"-adapter: none", "+adapter: redis"}}); !cmp.Equal(d, want) {
		t.Errorf("%v", d)
	}
	other := lesson(t, strings.Replace(asking, "adapter: redis", "proxy: {policy: least_conn}, clients: {users: {count: 12}}", 1))
	if d, err = Diff(other.Plan, other.Fixed); err != nil {
		t.Fatal(err)
	}
	has := func(lines []string, text string) bool {
		return slices.ContainsFunc(lines, func(s string) bool { return strings.Contains(s, text) })
	}
	if !has(d.Nginx, "least_conn") || !has(d.Keys, "count: 12") || has(d.Keys, "proxy") || has(d.Keys, "policy") {
		t.Errorf("%v", d)
	}
	if d, err = Diff(l.Plan, l.Plan); err != nil || d.Nginx != nil || d.Keys != nil {
		t.Errorf("%v, %v", d, err)
	}
}

// The choices stand in an order that a seed decides, each with its expression.
func TestChoicesAreShuffled(t *testing.T) {
	f, problems := plan.Parse("asking.yaml", []byte(asking))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	orders := map[string]bool{}
	for seed := range uint64(20) {
		l, err := New("./asking.yaml", "asking", f, &seed)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := New("./asking.yaml", "asking", f, &seed)
		order := ""
		for i, asked := range l.Plan.Asked {
			for k, c := range asked.Choices {
				order += " " + c.Say
				if again.Plan.Asked[i].Choices[k] != c {
					t.Errorf("seed %d: choice %d is %v, then %v", seed, k, c, again.Plan.Asked[i].Choices[k])
				}
				if asked.Checks[k].Source != c.That {
					t.Errorf("%q is judged by %s", c.Say, asked.Checks[k].Source)
				}
			}
		}
		orders[order] = true
	}
	if len(orders) != 4 { // two questions of two choices
		t.Errorf("%d orders: %v", len(orders), orders)
	}
	if f.Lesson.Predictions[0].Choices[0].Say != "Somebody" {
		t.Error("the file was changed")
	}
}

// A fix that steps make is in the configuration after the steps.
func TestDifferenceAfterTheSteps(t *testing.T) {
	l := lesson(t, strings.Replace(strings.Replace(asking, "lesson:", "steps: [{at: 15s, scale: {remove: im-2}}]\nlesson:", 1),
		"adapter: redis", "steps: [{at: 15s, down: im-2}]", 1))
	d, err := Diff(l.Plan, l.Fixed)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Later || !slices.ContainsFunc(d.Nginx, func(line string) bool { return line[0] == '+' && strings.HasSuffix(line, " down;") }) {
		t.Errorf("%v", d)
	}
}

// Of two runs those figures matter that the lesson is about.
func TestFiguresThatMatter(t *testing.T) {
	l := lesson(t, asking)
	about := l.about()
	for name, want := range map[string]bool{
		"delivery.cross": true, "clients.connected": true, "delivery.same": false, "latency.p50": false, "": false,
	} {
		if about(name) != want {
			t.Errorf("%q matters: %v", name, !want)
		}
	}
	for name, want := range map[string]string{
		"groups['a'].nodes['im-1']": "nodes['im-1'].clients", "groups['a'].never": "clients.connected", "groups['a'].errors['Bad request']": "errors['Bad request']",
		"clients.away": "clients.connected", "redis.idle": "redis.idle",
		"groups['a'].heard.extra": "delivery.total.extra", "groups['a'].requests.failed": "requests.failed",
	} {
		if got := shownBy(name); got != want {
			t.Errorf("%s is shown by %s, want %s", name, got, want)
		}
	}
}

func TestAScenarioWithoutALesson(t *testing.T) {
	f, _ := plan.Parse("x.yaml", []byte("title: X\nduration: 5s\nnodes: 2\nproxy: {policy: ip_hash}\nclients: {users: {ip: 10.9.0.1}}\n"))
	if _, err := New("./x.yaml", "x", f, nil); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

// The course goes by topic and order; every lesson of it can be told, and what
// fixes it can be shown.
func TestCourse(t *testing.T) {
	course, err := Course()
	if err != nil || len(course) == 0 {
		t.Fatal(course, err)
	}
	for _, e := range course {
		text, err := scenarios.Read(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := plan.Parse(e.Name, text)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		l, err := New(e.Name, e.Name, f, nil)
		if err != nil {
			t.Fatal(err)
		}
		if l.Fixed == nil {
			continue
		}
		if d, err := Diff(l.Plan, l.Fixed); err != nil || len(d.Nginx)+len(l.Code()) == 0 {
			t.Errorf("%s: nothing of the fix can be pasted: %v, %v", e.Name, d, err)
		}
	}
	for i := 1; i < len(course); i++ {
		a, b := course[i-1], course[i]
		if a.Topic == b.Topic && a.Order > b.Order && b.Order > 0 {
			t.Errorf("%+v comes before %+v", a, b)
		}
	}
	list := []Entry{{Topic: "own", Name: "a"}, {Topic: "redis", Name: "b"}, {Topic: "redis", Name: "c", Order: 2}, {Topic: "the road", Name: "d"}, {Topic: "redis", Name: "e", Order: 1}}
	inOrder(list)
	got := ""
	for _, e := range list {
		got += e.Name
	}
	if got != "decba" {
		t.Error(got)
	}
	p, _ := ReadProgress("")
	if e, ok := First(list, p); !ok || e.Name != "d" {
		t.Error(e, ok)
	}
	p.Finish("d", Score{}, time.Now())
	if e, ok := First(list, p); !ok || e.Name != "e" {
		t.Error(e, ok)
	}
	if e, ok := After(list, "c"); !ok || e.Name != "b" {
		t.Error(e, ok)
	}
	if _, ok := After(list, "a"); ok {
		t.Error("something follows the last")
	}
	for name, want := range map[string]string{"aa": "no lesson", "toggle-live": "has no lesson", "quite another": "--list"} {
		if err := Unknown(name, list); !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
