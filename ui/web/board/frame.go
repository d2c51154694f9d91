package board

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/stage"
	"stickylab/ui/web/wire"
	"stickylab/ui/why"
)

// A view is the run at the instant of a frame.
type view struct {
	*Board
	now     time.Duration
	n       uint64 // events so far
	state   *ledger.Ledger
	steps   []scenario.Step // that were done
	picture *stage.Picture
	nodes   map[string]int // by name

	said  map[trace.Msg]time.Duration // when; nil before it is needed
	usual map[string]string           // what the clients of a group say on their own
}

// view returns the run at an instant that has been.
func (b *Board) view(now time.Duration, quick bool) *view {
	v := &view{Board: b, now: now, nodes: make(map[string]int), usual: make(map[string]string)}
	v.state, v.n = b.at(now)
	v.steps = slices.Concat(b.plan.Steps, b.live.Hand())
	slices.SortStableFunc(v.steps, func(a, b scenario.Step) int { return cmp.Compare(a.At, b.At) })
	v.steps = slices.DeleteFunc(v.steps, func(s scenario.Step) bool { return s.At > now })
	v.picture = stage.Of(stage.Source{Plan: b.plan, Steps: v.steps, Ledger: v.state, Now: now, Back: v.back, Text: v.text}, quick)
	for i, n := range v.picture.Nodes {
		v.nodes[n.Name] = i
	}
	return v
}

// reach is how many events are looked through at most.
const reach = 20_000

// back calls f for the events up to the instant, the latest first, until f returns false.
func (v *view) back(f func(*trace.Event) bool) {
	const window = 1024
	for to, seen := v.n, 0; to > 0 && seen < reach; seen += window {
		from := to - min(to, window) + 1
		events := v.live.Events(from, to)
		for i := len(events) - 1; i >= 0; i-- {
			if !f(&events[i]) {
				return
			}
		}
		if len(events) == 0 {
			return
		}
		to = from - 1
	}
}

// text returns what was said with a message: by a step, or what its client says on its own.
func (v *view) text(id trace.Msg) string {
	from := id.From.String()
	if at, ok := v.saidAt(id); ok {
		for _, s := range v.steps {
			switch {
			case s.Verb != scenario.Say || s.Who != from || s.At != at:
			case s.Size > 0:
				return scenario.Words(s.Size)
			default:
				return s.Text
			}
		}
	}
	c, _ := v.state.Client(from)
	text, ok := v.usual[c.Group]
	if !ok {
		text = v.plan.TextOf(c.Group, v.steps...)
		v.usual[c.Group] = text
	}
	return text
}

// saidAt returns when a message was said. It looks only if a step lets anyone say something.
func (v *view) saidAt(id trace.Msg) (time.Duration, bool) {
	if v.said == nil {
		v.said = make(map[trace.Msg]time.Duration)
		if slices.ContainsFunc(v.steps, func(s scenario.Step) bool { return s.Verb == scenario.Say }) {
			v.back(func(e *trace.Event) bool {
				if e.Kind == trace.Said {
					v.said[e.Msg] = e.At
				}
				return true
			})
		}
	}
	at, ok := v.said[id]
	return at, ok
}

// node returns the number of a node, -1 for none.
func (v *view) node(name string) int {
	if i, ok := v.nodes[name]; ok {
		return i
	}
	return -1
}

// letter returns what a node is called in a sentence.
func (v *view) letter(name string) string {
	if i := v.node(name); i >= 0 {
		return v.picture.Nodes[i].Letter
	}
	return name
}

// frame returns the frame at an instant that has been. quick is as of stage.Of.
func (b *Board) frame(now time.Duration, quick bool) (*wire.Frame, error) {
	v := b.view(now, quick)
	whole := v.state.SnapshotSince(0)
	f := &wire.Frame{
		At: wire.Of(now), Head: wire.Of(b.live.Head()), Headline: headline(*whole, now >= b.live.End()),
		Redis: wire.Redis{State: v.picture.Redis.State, Adapters: v.picture.Redis.Adapters, Links: v.picture.Redis.Links},
		Last:  v.journey(v.picture.Last), Matrix: v.matrix(), Errors: counted(whole.Errors),
		Motions: []wire.Motion{}, Steps: []wire.Step{},
	}
	if b.plan.Upstream != "" {
		f.Proxy.Policy = v.picture.Proxy.Policy
	}
	f.Nodes, f.Adapter = v.listNodes()
	f.Groups = v.groups()
	for i := range v.picture.Motions {
		f.Motions = append(f.Motions, v.motion(&v.picture.Motions[i]))
	}
	f.Log = v.log()
	for _, s := range v.steps {
		here := slices.ContainsFunc(b.live.Hand(), func(h scenario.Step) bool { return h.At == s.At && h.String() == s.String() })
		f.Steps = append(f.Steps, wire.Step{At: wire.Of(s.At), Words: s.String(), Here: here})
	}
	var err error
	if f.Expect, err = v.expectations(); err != nil {
		return nil, err
	}
	f.Lesson, err = v.tell()
	return f, err
}

// headline says what happened so far. Before the end what is in flight is not worth a sentence, and that no client is
// connected does not say that none will be.
func headline(so ledger.Snapshot, over bool) string {
	if over {
		return report.Sentence(&so)
	}
	if so.Clients.Connected == 0 {
		return "No client is connected."
	}
	for _, c := range []*ledger.Counts{&so.Delivery.Total, &so.Delivery.Same, &so.Delivery.Cross} {
		c.Pending = 0
	}
	return report.Sentence(&so)
}

func (v *view) listNodes() (out []wire.Node, adapter string) {
	out = []wire.Node{}
	up, on := 0, ""
	for i, n := range v.state.Nodes() {
		p := &v.picture.Nodes[i]
		out = append(out, wire.Node{
			Name: n.Name, Letter: p.Letter, Colour: int(p.Colour), Listen: n.Listen, Up: n.Up, Frozen: n.Frozen,
			Adapter: n.Adapter, Linked: n.Redis, Clients: n.Clients, Polling: n.Poll,
			Sent: n.Traffic.Sent, Published: n.Traffic.Published, Relayed: n.Traffic.Relayed,
		})
		if n.Up {
			up++
			if n.Adapter {
				on += p.Letter
			}
		}
	}
	switch {
	case on == "":
		return out, "off"
	case len([]rune(on)) == up:
		return out, "on"
	}
	return out, on
}

func (v *view) groups() []wire.Group {
	where := make(map[string][]scenario.Range)
	for _, g := range v.plan.File.Clients {
		where[g.Name] = g.IP
	}
	for _, s := range v.steps {
		switch {
		case s.Verb == scenario.Move && len(s.IP) > 0:
			where[s.Who] = s.IP
		case s.Verb == scenario.Add && s.Group != nil:
			where[s.Who] = s.Group.IP
		}
	}
	lit := make(map[string]bool)
	if j := v.picture.Last; j != nil {
		v.state.Heard(j.ID, func(user string) { lit[user] = true })
	}
	out := []wire.Group{}
	at := make(map[string]int)
	for _, c := range v.state.Clients() {
		i, known := at[c.Group]
		if !known {
			i = len(out)
			at[c.Group] = i
			var ranges []string
			for _, r := range where[c.Group] {
				ranges = append(ranges, r.String())
			}
			out = append(out, wire.Group{Name: c.Group, Where: strings.Join(ranges, ", ")})
		}
		g := &out[i]
		node, heard := -1, "0"
		if c.Presence == ledger.Connected {
			node = v.node(c.Node)
		}
		if lit[c.Name] {
			heard = "1"
		}
		g.Names, g.On = append(g.Names, c.Name), append(g.On, node)
		g.States, g.Lit = g.States+state(&c), g.Lit+heard
	}
	return out
}

// state returns the letter of a client's state.
func state(c *ledger.ClientState) string {
	switch {
	case c.Presence == ledger.Connected && c.Transport == scenario.Websocket:
		return "w"
	case c.Presence == ledger.Connected:
		return "p"
	case c.Presence == ledger.Gone && !c.Trying:
		return "g"
	case c.Failure != "":
		return "r"
	case c.Presence != ledger.Never:
		return "a"
	}
	return "n"
}

func (v *view) motion(m *stage.Motion) wire.Motion {
	out := wire.Motion{Message: m.ID.String(), Group: m.Group, Legs: []wire.Leg{}}
	for _, s := range m.Spans() {
		leg := wire.Leg{Kind: wire.LegKind(s.Leg), From: v.node(m.Node), To: v.node(s.To), Begin: wire.Of(s.From), Until: wire.Unknown, Guess: wire.Of(s.Guess)}
		if s.Until != stage.Unknown {
			leg.Until = wire.Of(s.Until)
		}
		out.Legs = append(out.Legs, leg)
	}
	return out
}

var crossings = map[stage.Crossing]wire.Crossing{
	stage.NeedsNone: wire.NeedsNone, stage.Open: wire.Pending, stage.Published: wire.Published, stage.Stopped: wire.Stopped,
}

func (v *view) journey(j *stage.Journey) *wire.Journey {
	if j == nil {
		return nil
	}
	out := &wire.Journey{
		ID: j.ID.String(), From: j.From, Server: j.Server, Text: format.Line(j.Text), Sent: wire.Of(j.Sent), Node: v.node(j.Node),
		Crosses: crossings[j.Crosses], Counts: counts(j.Counts), Branches: []wire.Branch{},
	}
	out.Heard, out.Lost = j.Fate(v.letter)
	for i := range j.Branches {
		b := &j.Branches[i]
		branch := wire.Branch{Node: v.node(b.Node), Relayed: b.Relayed, Counts: counts(ledger.Counts{Due: b.Due, Arrived: b.Arrived, Missed: b.Missed, Pending: b.Pending})}
		if r, ok := b.Main(); ok {
			branch.Why = r.Cause(v.letter(j.Node), v.letter(b.Node))
		}
		out.Branches = append(out.Branches, branch)
	}
	return out
}

// counts are counts with their share, which is empty as long as nothing is decided.
func counts(c ledger.Counts) wire.Counts {
	out := wire.Counts{Due: c.Due, Arrived: c.Arrived, Missed: c.Missed, Pending: c.Pending}
	if judged := c.Arrived + c.Missed; judged > 0 {
		out.Share = format.Percent(c.Arrived, judged)
	}
	return out
}

// lately is the span of the matrix when there was no switch in the last sinceMost.
const (
	lately    = 10 * time.Second
	sinceMost = time.Minute
)

// switches are what a switch is called.
var switches = map[trace.Kind]string{
	trace.AdapterOn: "the adapter was turned on", trace.AdapterOff: "the adapter was turned off",
	trace.RedisUp: "the link to Redis came back", trace.RedisDown: "the link to Redis was lost",
	trace.NodeUp: "{node} came up", trace.NodeDown: "{node} went down", trace.NodeFroze: "{node} froze",
	trace.NodeResumed: "{node} resumed", trace.ConfigLoaded: "nginx was reloaded",
}

func (v *view) matrix() wire.Matrix {
	from, why := max(v.now-lately, 0), ""
	if last, ok := v.state.LastSwitch(); ok && v.now-last.From < sinceMost {
		node := "nodes"
		if last.Node != "" {
			node = v.letter(last.Node)
		}
		from, why = last.From, strings.ReplaceAll(switches[last.Kind], "{node}", node)
	}
	m := v.state.SnapshotSince(from).Matrix
	out := wire.Matrix{Since: wire.Of(from), Why: why, Nodes: []int{}, Cells: [][]wire.Counts{}}
	for i, name := range m.Nodes {
		var row []wire.Counts
		for k := range m.Nodes {
			row = append(row, counts(m.Cells[i][k]))
		}
		out.Nodes, out.Cells = append(out.Nodes, v.node(name)), append(out.Cells, row)
	}
	return out
}

// counted returns error texts with their counts, the most frequent first.
func counted(errors map[string]int) []wire.ErrorCount {
	out := []wire.ErrorCount{}
	for text, n := range errors {
		one := wire.ErrorCount{Text: text, Count: n}
		if e := why.Of(text); e != nil {
			one.Title = why.Plain(e.Title)
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b wire.ErrorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
	})
	return out
}

// expectations returns what the file expects. What would be judged after someone changed the run is not judged:
// the file does not expect anything of what was done here.
func (v *view) expectations() ([]wire.Expectation, error) {
	all, err := v.live.Expectations(v.state)
	if err != nil {
		return nil, err
	}
	aside := time.Duration(-1)
	for _, s := range v.live.Hand() {
		if s.At <= v.now && (aside < 0 || s.At < aside) {
			aside = s.At
		}
	}
	out := []wire.Expectation{}
	for _, x := range all {
		one := wire.Expectation{That: x.That, At: wire.Of(x.At), Words: x.Words, Because: x.Why}
		if aside >= 0 && x.At > aside {
			x.Verdict = expect.NotJudged
		}
		one.Verdict = x.Verdict.String()
		out = append(out, one)
	}
	return out, nil
}
