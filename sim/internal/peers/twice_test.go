//go:build peers

package peers

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
)

// lived is what came of a scenario.
type lived struct {
	*report.Result
	windows []ledger.View
	nodes   map[string]string // by client: where it connected last
}

// span is a window of time.
type span struct{ from, at time.Duration }

// planOf resolves a scenario for the installed nginx.
func planOf(t *testing.T, name, text string) *plan.Plan {
	t.Helper()
	text += fmt.Sprintf("nginx_version: %q\n", version(t))
	f, problems := plan.Parse(name+".yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatalf("%v\n%s", problems, text)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// twice lives through a plan behind our proxy, on virtual time, and behind
// nginx.
func twice(t *testing.T, name string, p *plan.Plan, windows ...span) (own, real *lived) {
	t.Helper()
	own = live(t, name, p, sim.Options{}, windows)
	real = live(t, name, p, sim.Options{Real: true, Proxy: realNginx(t, p.Config.Tree.Text())}, windows)
	return own, real
}

func live(t *testing.T, name string, p *plan.Plan, o sim.Options, windows []span) *lived {
	t.Helper()
	v := &lived{nodes: make(map[string]string)}
	l := ledger.New(ledger.Config{Settle: p.File.Settle, End: p.File.Duration})
	var watched []*ledger.Window
	for _, w := range windows {
		watched = append(watched, l.Watch(w.from, w.at))
	}
	o.Trace = func(events []trace.Event) {
		for i := range events {
			if e := &events[i]; e.Kind == trace.SocketOpened {
				v.nodes[e.Client.String()] = e.Node.String()
			}
			l.Apply(&events[i])
		}
	}
	o.Name = name
	var err error
	if v.Result, err = sim.Run(t.Context(), p, o); err != nil {
		var detailed interface{ Detail() string }
		if errors.As(err, &detailed) {
			t.Log(detailed.Detail())
		}
		t.Fatal(err)
	}
	l.Advance(p.File.Duration + p.File.Settle)
	for _, w := range watched {
		v.windows = append(v.windows, l.View(w))
	}
	return v
}
