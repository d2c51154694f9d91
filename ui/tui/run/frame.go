package run

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
	"stickylab/ui/stage"
	"stickylab/ui/tui/inspect"
	"stickylab/ui/tui/style"
)

// Frame is the state of a run at a cursor, as it is shown. It is made apart from the
// program's loop, and not changed any more.
type Frame struct {
	Live    Watched
	Cursor  Cursor
	Ledger  *ledger.Ledger
	Palette *style.Palette
	Nodes   []ledger.NodeState
	Policy  string           // of the proxy
	Recent  *ledger.Snapshot // of the last moments
	Since   *ledger.Snapshot // since the last switch, or of the last moments
	Stage   *stage.Picture
	Whole   *ledger.Snapshot // of the whole run
	Expect  []report.Expectation
	Errors  []ErrorCount // in the whole run, the most frequent first

	source   *inspect.Source
	groups   []group
	switched ledger.Switch // with which Since begins; of no kind for none
	loaded   int           // configurations that the proxy has loaded
	upgrade  bool
	proxy    inspect.Proxy
	series   []ledger.Slice
	aside    time.Duration // since when expectations are set aside: someone changed the run; 0 for not
	tally    map[expect.Verdict]int
	lines    []logLine       // newest first
	lit      map[string]bool // clients that heard the last message, when it can be followed
	redis    string          // the last step about Redis itself: "", "down", "up", "slow"
}

// Cursor is a place in the trace of a run: how many events have happened, and
// the time.
type Cursor struct {
	N  uint64
	At time.Duration
}

// ErrorCount is an error text with the number of times it occurred.
type ErrorCount struct {
	Text  string
	Count int
}

// lately is the span of the live windows.
const lately = 10 * time.Second

// sinceMost is for how long a switch begins what is shown as since then.
const sinceMost = time.Minute

// since takes the snapshot since the last switch, if that was not long ago.
func (f *Frame) since() {
	f.Since = f.Recent
	if last, ok := f.Ledger.LastSwitch(); ok && f.Cursor.At-last.From < sinceMost {
		f.switched, f.Since = last, f.Ledger.SnapshotSince(last.From)
	}
}

// take makes the frame of a run at a cursor. lines that do not hold the filter are
// left out; decided is as of stage.Of.
func take(live Watched, at Cursor, filter string, decided bool) (*Frame, error) {
	l := live.Ledger(at.N, at.At)
	f := &Frame{Live: live, Cursor: at, Ledger: l, source: &inspect.Source{Run: live, Cursor: at.N, Now: at.At, Ledger: l}}
	f.Nodes = l.Nodes()
	names := make([]string, len(f.Nodes))
	for i, n := range f.Nodes {
		names[i] = n.Name
	}
	f.Palette = style.NewPalette(names)
	f.Policy, f.loaded = l.Policy()
	f.Recent, f.Whole = l.SnapshotSince(max(at.At-lately, 0)), l.SnapshotSince(0)
	f.since()
	f.series = l.Series(0)
	steps := f.source.Steps()
	f.groups = groupsOf(live.Plan(), l.Clients(), steps, at.At)
	f.groups = append(f.groups, outside(l)...)
	f.redis = redisAfter(steps)
	var failed, err error
	f.proxy, failed = inspect.ProxyOf(f.source)
	f.upgrade = passesUpgrades(live.Plan(), f.proxy.Config)
	f.leaveOut()
	for text, n := range f.Whole.Errors {
		f.Errors = append(f.Errors, ErrorCount{text, n})
	}
	slices.SortFunc(f.Errors, func(a, b ErrorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text))
	})
	f.Stage = stageOf(f, decided)
	if j := f.Stage.Last; j != nil && !decided {
		f.lit = make(map[string]bool, j.Arrived)
		l.Heard(j.ID, func(user string) { f.lit[user] = true })
	}
	f.lines = logLines(f, filter)
	f.Expect, err = live.Expectations(l)
	f.tally = make(map[expect.Verdict]int)
	f.setAside()
	for _, x := range f.Expect {
		f.tally[x.Verdict]++
	}
	return f, errors.Join(failed, err)
}

// setAside sets those expectations aside that would be judged after someone changed the run: the file does not expect
// anything of what was done here.
func (f *Frame) setAside() {
	for _, step := range f.Live.Hand() {
		if step.At <= f.Cursor.At && (f.aside == 0 || step.At < f.aside) {
			f.aside = step.At
		}
	}
	if f.aside == 0 {
		return
	}
	for i := range f.Expect {
		if x := &f.Expect[i]; x.At > f.aside {
			x.Verdict = expect.NotJudged
		}
	}
}

// leaveOut leaves out the nodes that were taken away without ever having had a
// part in a message.
func (f *Frame) leaveOut() {
	m := &f.Whole.Matrix
	had := func(i int) bool {
		for k := range m.Nodes {
			if m.Cells[i][k].Due+m.Cells[k][i].Due > 0 {
				return true
			}
		}
		return false
	}
	gone := make(map[string]bool)
	for i, name := range m.Nodes {
		gone[name] = f.proxy.Standing(name) == inspect.Removed && !had(i)
	}
	f.Nodes = slices.DeleteFunc(f.Nodes, func(n ledger.NodeState) bool { return gone[n.Name] })
	if f.Since != f.Recent {
		f.Since.Matrix = without(f.Since.Matrix, gone)
	}
	f.Recent.Matrix = without(f.Recent.Matrix, gone)
	f.Whole.Matrix = without(f.Whole.Matrix, gone)
}

// without returns the matrix without some nodes.
func without(m ledger.Matrix, gone map[string]bool) (out ledger.Matrix) {
	for i, from := range m.Nodes {
		if gone[from] {
			continue
		}
		var row []ledger.Counts
		for k, to := range m.Nodes {
			if !gone[to] {
				row = append(row, m.Cells[i][k])
			}
		}
		out.Nodes, out.Cells = append(out.Nodes, from), append(out.Cells, row)
	}
	return out
}

// clients yields all clients with their groups, in the order of the screen.
func (f *Frame) clients(yield func(*group, *clientRow) bool) {
	for i := range f.groups {
		g := &f.groups[i]
		for k := range g.clients {
			if !yield(g, &g.clients[k]) {
				return
			}
		}
	}
}

// find returns a client and its group, nil when there is none of that name.
func (f *Frame) find(client string) (*group, *clientRow) {
	for g, c := range f.clients {
		if c.name == client {
			return g, c
		}
	}
	return nil, nil
}

// count returns how many clients there are.
func (f *Frame) count() int {
	n := 0
	for i := range f.groups {
		n += len(f.groups[i].clients)
	}
	return n
}

// Adapter returns the state of the adapter: "on", "off", on which nodes it is on, the kind
// when it is not the classic one, or "mixed" when nodes have different ones.
func (f *Frame) Adapter() string {
	var on, kinds []string
	up := 0
	for _, n := range f.Nodes {
		if !n.Up {
			continue
		}
		up++
		if n.Adapter {
			on = append(on, f.Palette.Letter(n.Name))
			if text := n.AdapterText(); !slices.Contains(kinds, text) {
				kinds = append(kinds, text)
			}
		}
	}
	switch {
	case len(on) == 0:
		return "off"
	case len(kinds) > 1:
		return "mixed"
	case len(on) == up:
		return kinds[0]
	}
	return kinds[0] + " " + strings.Join(on, "")
}

// node returns which of the nodes has a name, the first one if none has.
func (f *Frame) node(name string) int {
	return max(slices.IndexFunc(f.Nodes, func(n ledger.NodeState) bool { return n.Name == name }), 0)
}
