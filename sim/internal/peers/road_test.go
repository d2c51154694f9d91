//go:build peers

package peers

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/scenarios"
	"stickylab/sim/ledger"
)

// A trip is one scenario of the road.
type trip struct {
	name    string
	windows []span // in which delivery is counted
	sticky  bool   // ip_hash determines the placement
}

const shortEnd = 6 * time.Second

var road = []trip{
	{name: "no-upgrade"},
	{name: "upgrade-only"},
	{name: "works-on-my-machine", sticky: true},
	{name: "two-regions", sticky: true},
	{name: "redis-adapter", sticky: true},
	{name: "toggle-live", sticky: true, windows: []span{
		{time.Second, 1900 * time.Millisecond}, {2100 * time.Millisecond, 3900 * time.Millisecond}, {4100 * time.Millisecond, shortEnd},
	}},
}

var (
	aDuration = regexp.MustCompile(`\b(\d+)(s|ms)\b`)
	aGroup    = regexp.MustCompile(`(count: \d+, )`)
	aServer   = regexp.MustCompile(`(server [\d.:]+);`)
)

// edges are windows that begin or end where something changes: by the wall
// clock it takes its time.
var edges = strings.NewReplacer(
	"{from: 6s, at: 20s,", "{from: 10s, at: 19s,",
	"{from: 20100ms, at: 40s,", "{from: 21s, at: 39s,",
	"{from: 40s,", "{from: 41s,",
	"{from: 6s,", "{from: 10s,",
)

// shortened is the scenario ten times as fast: what lasts, what repeats, the
// latencies, the pauses before a client comes back, and how long nginx passes
// over a server that failed. One may fail behind nginx: a client that gives up
// a session can cut short its own POST, and its node then hangs up.
func shortened(t *testing.T, name string) string {
	t.Helper()
	text, err := scenarios.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	short := aDuration.ReplaceAllStringFunc(edges.Replace(string(text)), func(d string) string {
		part := aDuration.FindStringSubmatch(d)
		n, _ := strconv.Atoi(part[1])
		if part[2] == "s" {
			n *= 1000
		}
		return fmt.Sprintf("%dms", n/10)
	})
	short = aServer.ReplaceAllString(short, "$1 fail_timeout=1s;")
	return aGroup.ReplaceAllString(short, "${1}reconnection: {delay: 100ms, delay_max: 500ms}, ")
}

// TestTheRoadOnNginx promises that the scenarios of the road end on nginx as
// they do in the simulation.
func TestTheRoadOnNginx(t *testing.T) {
	lines := make([]string, len(road))
	t.Run("scenarios", func(t *testing.T) {
		for i, r := range road {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				if r.windows == nil {
					r.windows = []span{{time.Second, shortEnd}}
				}
				own, real := twice(t, r.name, planOf(t, r.name, shortened(t, r.name)), r.windows...)
				compare(t, r, own, real)
				lines[i] = fmt.Sprintf("| %s | %s | %s |", r.name, own.cell(), real.cell())
			})
		}
	})
	t.Logf("verdict; clients per node; deliveries on the same node; to the other; Session ID unknown\n"+
		"| scenario | simulation | real nginx |\n| --- | --- | --- |\n%s", strings.Join(lines, "\n"))
}

// compare finds where the two differ more than they may.
func compare(t *testing.T, r trip, own, real *lived) {
	t.Helper()
	for i, x := range own.Expectations {
		if y := real.Expectations[i]; x.Verdict != y.Verdict || x.Verdict != "pass" {
			t.Errorf("%s: the simulation says %s (%s), nginx %s (%s)", x.That, x.Verdict, x.Actual, y.Verdict, y.Actual)
		}
	}
	a, b := own.Final, real.Final
	// By the wall clock what is due shortly before an edge may come after it.
	within(t, "messages said", a.Messages.Said, b.Messages.Said, 1.05)
	if !r.sticky {
		// How many sessions break is luck: by the wall clock, the order of arrival decides
		// whose turn it is, and one run counts 4 where the next counts 1,158. That some do is
		// among the expectations.
		within(t, "Bad request", a.Errors["Bad request"], b.Errors["Bad request"], 3)
		return
	}
	for _, d := range []string{
		cmp.Diff(own.nodes, real.nodes), cmp.Diff(standing(a.Groups), standing(b.Groups)), cmp.Diff(a.Sessions, b.Sessions), cmp.Diff(a.Errors, b.Errors),
		cmp.Diff(clients(a.Nodes), clients(b.Nodes)),
	} {
		if d != "" {
			t.Errorf("simulation (-) and nginx (+) differ:\n%s", d)
		}
	}
	for i := range own.windows {
		x, y := own.windows[i].Delivery, real.windows[i].Delivery
		if x.Same.Ratio != y.Same.Ratio || x.Cross.Ratio != y.Cross.Ratio || x.Total.Duplicates+y.Total.Duplicates > 0 {
			t.Errorf("window %v: the simulation delivered %+v, nginx %+v", r.windows[i], x, y)
		}
		within(t, "deliveries due", x.Total.Due, y.Total.Due, 1.25)
	}
}

// within promises that two counts differ by no more than a factor.
func within(t *testing.T, what string, own, real int, factor float64) {
	t.Helper()
	if a, b := float64(own), float64(real); a > b*factor || b > a*factor {
		t.Errorf("%s: %d in the simulation, %d on nginx", what, own, real)
	}
}

func clients(nodes map[string]ledger.Node) map[string]int {
	out := make(map[string]int)
	for name, n := range nodes {
		out[name] = n.Clients
	}
	return out
}

// cell is a run in the table.
func (v *lived) cell() string {
	var names, counts, same, cross []string
	for name := range v.Final.Nodes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		counts = append(counts, strconv.Itoa(v.Final.Nodes[name].Clients))
	}
	for _, w := range v.windows {
		same = append(same, share(w.Delivery.Same))
		cross = append(cross, share(w.Delivery.Cross))
	}
	return fmt.Sprintf("%s; %s; %s; %s; %d", v.Verdict, strings.Join(counts, " + "),
		strings.Join(same, ", "), strings.Join(cross, ", "), v.Final.Errors["Session ID unknown"])
}

// share is how much arrived of what was due.
func share(c ledger.Counts) string {
	if c.Due == 0 {
		return "none due"
	}
	return fmt.Sprintf("%d/%d", c.Arrived, c.Due)
}

// standing is where the groups are, without what happened to them, whose counts
// vary with the wall clock.
func standing(groups map[string]ledger.Group) map[string]ledger.Group {
	out := make(map[string]ledger.Group, len(groups))
	for name, g := range groups {
		out[name] = ledger.Group{
			Count: g.Count, Connected: g.Connected, Away: g.Away, Never: g.Never, Gone: g.Gone,
			Polling: g.Polling, Websocket: g.Websocket, Moved: g.Moved, Nodes: g.Nodes, Lost: g.Lost, Errors: g.Errors,
		}
	}
	return out
}
