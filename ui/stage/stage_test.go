package stage_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/trace"
	"stickylab/scenarios"
	"stickylab/sim"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/stage"
)

var update = flag.Bool("update", false, "write the golden files again")

// opened is a built-in scenario, without what it expects.
func opened(t testing.TB, name string) *sim.Live {
	t.Helper()
	text, err := scenarios.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	changed, _, _ := strings.Cut(string(text), "\nexpect:\n")
	f, problems := plan.Parse(name+".yaml", []byte(changed))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	live, err := sim.Open(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { live.Close() })
	return live
}

// at returns the run at an instant.
func at(t testing.TB, live *sim.Live, now time.Duration) stage.Source {
	t.Helper()
	if err := live.Advance(now); err != nil {
		t.Fatal(err)
	}
	n := live.Before(now + 1)
	return stage.Source{Plan: live.Plan(), Steps: live.Hand(), Ledger: live.Ledger(n, now), Now: now, Back: func(f func(*trace.Event) bool) {
		events := live.Events(max(n, 20_000)-19_999, n)
		for i := len(events) - 1; i >= 0 && f(&events[i]); i-- {
		}
	}}
}

// do does a step in words.
func do(t testing.TB, live *sim.Live, words string) {
	t.Helper()
	step, err := scenario.ParseStep(live.Names(), words)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := live.Do(step); err != nil {
		t.Fatal(err)
	}
}

// told writes a picture down.
func told(p *stage.Picture) string {
	var b strings.Builder
	for _, g := range p.Groups {
		fmt.Fprintf(&b, "%s: %d clients, on %v\n", g.Name, g.Clients, g.On)
	}
	for _, n := range p.Nodes {
		fmt.Fprintf(&b, "%s %s, %s: up %t, adapter %t, linked %t, %d clients\n", n.Letter, n.Name, n.Colour, n.Up, n.Adapter, n.Linked, n.Clients)
	}
	fmt.Fprintf(&b, "proxy: %s; redis: %+v\n", p.Proxy.Policy, p.Redis)
	j := p.Last
	name := func(node string) string { return p.Node(node).Letter }
	heard, lost := j.Fate(name)
	fmt.Fprintf(&b, "%s on %s: crossing %d, %d due, %d arrived, %d missed, %d in flight\n", j.From, name(j.Node), j.Crosses, j.Due, j.Arrived, j.Missed, j.Pending)
	for _, x := range j.Branches {
		fmt.Fprintf(&b, "  %s: %d of %d, %d missed, relayed %t\n", name(x.Node), x.Arrived, x.Due, x.Missed, x.Relayed)
	}
	fmt.Fprintf(&b, "%s | %s\n", heard, lost)
	return b.String()
}

// The journey of the last message says how far it came at each node, and why not further, whatever was done to
// the cluster.
func TestPictures(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct {
		name, scenario string
		steps          []string
	}{
		{"adapter off", "two-regions", nil},
		{"adapter on", "two-regions", []string{"adapter redis"}},
		{"Redis down", "redis-adapter", []string{"redis down"}},
		{"node killed", "redis-adapter", []string{"kill im-5080"}},
		{"ten nodes, adapter off on one", "redis-adapter", []string{"scale 10", "policy round_robin", "reconnect all", "adapter none im-3030"}},
	} {
		live := opened(t, c.scenario)
		at(t, live, 10*time.Second)
		for _, words := range c.steps {
			do(t, live, words)
		}
		fmt.Fprintf(&b, "--- %s\n%s\n", c.name, told(stage.Of(at(t, live, 16*time.Second), true)))
	}
	path := filepath.Join("testdata", "pictures.txt")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
}

// A message moves from leg to leg without going back, and at each instant is on each of its ways once at most.
func TestMotion(t *testing.T) {
	live := opened(t, "redis-adapter")
	p := stage.Of(at(t, live, 20*time.Second), true)
	m := p.Motions[len(p.Motions)/2]
	was := make(map[string]float64) // by receivers' node
	legs := make(map[stage.Leg]bool)
	for now := m.Said; now < m.Said+200*time.Millisecond; now += time.Millisecond / 4 {
		seen := make(map[string]bool)
		for _, d := range p.Dots(now) {
			if d.Message != m.ID {
				continue
			}
			legs[d.Leg] = true
			if seen[d.To] {
				t.Errorf("at %v it is twice on its way to %q", now, d.To)
			}
			seen[d.To] = true
			if d.Along < 0 || d.Along > 1 || float64(d.Leg)+d.Along < was[d.To] {
				t.Errorf("at %v it is at %v of leg %d, after %v", now, d.Along, d.Leg, was[d.To])
			}
			was[d.To] = float64(d.Leg) + d.Along
		}
	}
	for leg := stage.ToProxy; leg <= stage.ToReceivers; leg++ {
		if !legs[leg] {
			t.Errorf("it never was on leg %d", leg)
		}
	}
	if late := p.Dots(m.Said + time.Second); len(late) > 0 && late[0].Message == m.ID {
		t.Error("it still moves when all have heard it")
	}
}

// What does not leave its node moves to no other.
func TestStoppedMessageDoesNotMove(t *testing.T) {
	live := opened(t, "two-regions")
	p := stage.Of(at(t, live, 20*time.Second), true)
	for now := 19 * time.Second; now < 20*time.Second; now += time.Millisecond {
		for _, d := range p.Dots(now) {
			if d.Leg == stage.ToRedis || d.Leg == stage.FromRedis || d.Leg == stage.ToReceivers && d.To != d.From {
				t.Fatalf("at %v: %+v", now, d)
			}
		}
	}
}
