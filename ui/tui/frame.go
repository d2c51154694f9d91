package tui

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
	"stickylab/ui/tui/inspect"
	"stickylab/ui/tui/style"
)

// frame is all that the stage shows of a run at a cursor. It is made beside the
// program's loop, and not changed any more.
type frame struct {
	live   sim.Watched
	cursor cursor
	filter string

	ledger  *ledger.Ledger
	palette *style.Palette
	nodes   []ledger.NodeState
	groups  []group
	policy  string
	loaded  int // configurations that the proxy has loaded
	upgrade bool
	proxy   inspect.Proxy
	recent  *ledger.Snapshot // of the last moments
	whole   *ledger.Snapshot
	series  []ledger.Slice
	expect  []report.Expectation
	tally   map[report.Verdict]int
	errors  []errorCount
	lines   []happening // newest first
	redis   string      // the last step about Redis itself: "", "down", "up", "slow"
}

// cursor is a place in the trace of a run: how many events have happened, and
// the time.
type cursor struct {
	n  uint64
	at time.Duration
}

// errorCount is how often an error text occurred in the whole run.
type errorCount struct {
	text  string
	count int
}

// lately is the span of the live windows.
const lately = 10 * time.Second

// take makes the frame of a run at a cursor. lines that hold no filter are
// left out.
func take(live sim.Watched, at cursor, filter string) (*frame, error) {
	l := live.Ledger(at.n, at.at)
	f := &frame{live: live, cursor: at, filter: filter, ledger: l}
	f.nodes = l.Nodes()
	names := make([]string, len(f.nodes))
	for i, n := range f.nodes {
		names[i] = n.Name
	}
	f.palette = style.NewPalette(names)
	f.policy, f.loaded = l.Policy()
	f.recent, f.whole = l.SnapshotSince(max(at.at-lately, 0)), l.SnapshotSince(0)
	f.series = l.Series(0)
	steps := stepsUntil(live, at.at)
	f.groups = groupsOf(live.Plan(), l.Clients(), steps, at.at)
	f.groups = append(f.groups, outside(l)...)
	f.redis = redisAfter(steps)
	var failed, err error
	f.proxy, failed = inspect.ProxyOf(inspect.At(live, at.n, at.at, l))
	f.upgrade = passesUpgrades(live.Plan(), f.proxy.Config)
	f.leaveOut()
	for text, n := range f.whole.Errors {
		f.errors = append(f.errors, errorCount{text, n})
	}
	slices.SortFunc(f.errors, func(a, b errorCount) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.text, b.text))
	})
	f.lines = happenings(f, filter)
	f.expect, err = live.Expectations(l)
	f.tally = make(map[report.Verdict]int)
	for _, x := range f.expect {
		f.tally[x.Verdict]++
	}
	return f, errors.Join(failed, err)
}

// leaveOut leaves out the nodes that were taken away without ever having had a
// part in a message.
func (f *frame) leaveOut() {
	m := &f.whole.Matrix
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
	f.nodes = slices.DeleteFunc(f.nodes, func(n ledger.NodeState) bool { return gone[n.Name] })
	f.recent.Matrix = without(f.recent.Matrix, gone)
	f.whole.Matrix = without(f.whole.Matrix, gone)
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

// find returns where a client is among the groups.
func (f *frame) find(client string) (g, i int, ok bool) {
	for g := range f.groups {
		for i := range f.groups[g].clients {
			if f.groups[g].clients[i].name == client {
				return g, i, true
			}
		}
	}
	return 0, 0, false
}

// count returns how many clients there are.
func (f *frame) count() int {
	n := 0
	for i := range f.groups {
		n += len(f.groups[i].clients)
	}
	return n
}

// adapter is the state of the adapter: "on", "off", or on which nodes it is on.
func (f *frame) adapter() string {
	var on []string
	up := 0
	for _, n := range f.nodes {
		if !n.Up {
			continue
		}
		up++
		if n.Adapter {
			on = append(on, f.palette.Letter(n.Name))
		}
	}
	switch {
	case len(on) == 0:
		return "off"
	case len(on) == up:
		return "on"
	}
	return "on " + strings.Join(on, "")
}

// node returns the state of a node.
func (f *frame) node(name string) (ledger.NodeState, bool) {
	for _, n := range f.nodes {
		if n.Name == name {
			return n, true
		}
	}
	return ledger.NodeState{}, false
}
