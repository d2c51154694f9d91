package expect

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/sim/ledger"
)

// compiled compiles an expression whose keys of nodes and groups are not known.
// The error names every flaw, with its column.
func compiled(expression string) (*Check, error) {
	c, flaws := Compile(expression, Names{})
	var errs []error
	for _, f := range flaws {
		errs = append(errs, fmt.Errorf("column %d: %s (%s)", f.At+1, f.Text, f.Hint))
	}
	return c, errors.Join(errs...)
}

// view is a cluster of two nodes after a while.
func view() *ledger.View {
	return &ledger.View{
		Delivery: ledger.Delivery{
			Total: ledger.Counts{Due: 4480, Arrived: 2240, Missed: 2240, Ratio: 0.5},
			Same:  ledger.Counts{Due: 2250, Arrived: 2240, Pending: 10, Ratio: 1},
			Cross: ledger.Counts{Due: 2240, Missed: 2240},
		},
		Nodes: map[string]ledger.Node{"im-1": {Up: true, Clients: 20, Share: 1}},
		Groups: map[string]ledger.Group{"beijing": {
			Count: 20, Connected: 20, Nodes: map[string]int{"im-1": 20}, Errors: map[string]int{"timeout": 1},
			Requests: ledger.GroupRequests{Total: 60, Failed: 1}, Received: ledger.Counts{Due: 10, Arrived: 5, Missed: 5, Ratio: 0.5},
		}},
		Clients:  ledger.Clients{Count: 40, Connected: 40},
		Errors:   map[string]int{"timeout": 2},
		Latency:  ledger.Latency{P50: 41.23456, P95: 80, Count: 10},
		Requests: ledger.Requests{Total: 120, Failed: 3},
	}
}

func TestVerdicts(t *testing.T) {
	quiet := view()
	quiet.Delivery.Cross = ledger.Counts{Due: 5, Pending: 5}
	quiet.Latency = ledger.Latency{}
	quiet.Requests = ledger.Requests{}
	quiet.Nodes = map[string]ledger.Node{"im-1": {Up: true}}
	for _, tt := range []struct {
		that   string
		view   *ledger.View
		want   Verdict
		actual string
	}{
		{"delivery.cross.ratio == 0", view(), Pass, "delivery.cross.ratio = 0 (0/2240)"},
		{"delivery.same.ratio == 1", view(), Pass, "delivery.same.ratio = 1 (2240/2240)"},
		{"delivery.total.ratio == 1", view(), Fail, "delivery.total.ratio = 0.5 (2240/4480)"},
		{"delivery.cross.missed > 0 and clients.away == 0", view(), Pass, "delivery.cross.missed = 2240, clients.away = 0"},
		{"nodes['im-1'].up", view(), Pass, "nodes['im-1'].up = true"},
		{"not nodes['im-2'].up", view(), Pass, "nodes['im-2'].up = false"},
		{"groups.beijing.nodes['im-1'] == groups['beijing'].count", view(), Pass, "groups['beijing'].nodes['im-1'] = 20, groups['beijing'].count = 20"},
		{"errors['Session ID unknown'] == 0", view(), Pass, "errors['Session ID unknown'] = 0"},
		{"errors.timeout == 0", view(), Fail, "errors['timeout'] = 2"},
		{"requests.failed / requests.total < 0.1", view(), Pass, "requests.failed = 3, requests.total = 120"},
		{"groups.beijing.errors.timeout == 1", view(), Pass, "groups['beijing'].errors['timeout'] = 1"},
		{"groups.beijing.requests.failed > 1", view(), Fail, "groups['beijing'].requests.failed = 1"},
		{"groups.beijing.heard.ratio == 1", view(), Fail, "groups['beijing'].heard.ratio = 0.5 (5/10)"},
		{"groups.beijing.missed_away + groups.beijing.gone == 0", view(), Pass, "groups['beijing'].missed_away = 0, groups['beijing'].gone = 0"},
		{"nodes['im-1'].share > 0.6", view(), Pass, "nodes['im-1'].share = 1"},
		{"latency.p50 < 50 ? true : false", view(), Pass, "latency.p50 = 41.235"},
		{"max(clients.away, clients.never) in [0, 1]", view(), Pass, "clients.away = 0, clients.never = 0"},

		{"delivery.cross.ratio == 0", quiet, Inconclusive, "delivery.cross.ratio = 0 (nothing was due)"},
		{"delivery.cross.extra == 0", quiet, Inconclusive, "delivery.cross.extra = 0 (nothing was due)"},
		{"clients.connected == 40 || delivery.cross.ratio == 1", quiet, Inconclusive, "clients.connected = 40, delivery.cross.ratio = 0 (nothing was due)"},
		{"clients.connected == 40 or errors.timeout == 0", quiet, Inconclusive, "clients.connected = 40, errors['timeout'] = 2 (no request was made)"},
		{"requests.failed == 0", quiet, Inconclusive, "requests.failed = 0 (no request was made)"},
		{"requests.total == 0", quiet, Pass, "requests.total = 0"},
		{"groups.beijing.said.ratio == 1", view(), Inconclusive, "groups['beijing'].said.ratio = 0 (nothing was due)"},
		{"groups.shanghai.errors.timeout == 0", view(), Inconclusive, "groups['shanghai'].errors['timeout'] = 0 (no request was made)"},
		{"groups.shanghai.requests.failed == 0", view(), Inconclusive, "groups['shanghai'].requests.failed = 0 (no request was made)"},
		{"groups.beijing.errors.timeout == 1", quiet, Pass, "groups['beijing'].errors['timeout'] = 1"},
		{"nodes['im-1'].share == 0", quiet, Inconclusive, "nodes['im-1'].share = 0 (no client was connected)"},
		{"latency.p95 < 100", quiet, Inconclusive, "latency.p95 = 0 (nothing was measured)"},
		{"latency.count == 0", quiet, Pass, "latency.count = 0"},
		{"delivery.same.ratio == 1", quiet, Pass, "delivery.same.ratio = 1 (2240/2240)"},
	} {
		t.Run(tt.that, func(t *testing.T) {
			check, err := compiled(tt.that)
			if err != nil {
				t.Fatal(err)
			}
			got, actual, err := check.Eval(tt.view)
			if err != nil || got != tt.want || actual.String() != tt.actual {
				t.Errorf("got %s, %q, %v; want %s, %q", got, actual, err, tt.want, tt.actual)
			}
		})
	}
}

func TestNamesOfAnExpression(t *testing.T) {
	check, err := compiled("nodes['a'].up and (delivery.cross.ratio == 1 or nodes.a.up)")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"nodes['a'].up", "delivery.cross.ratio"}, check.Names()); diff != "" {
		t.Error(diff)
	}
}

func TestCompileNamesEveryMistake(t *testing.T) {
	_, err := compiled("delivery.crosss.ratio == 1 and client.away == 0")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`column 10: unknown name "crosss" in delivery (did you mean "cross"?)`, `column 32: unknown name "client" (did you mean "clients"?)`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}

// A ratio shows 0 or 1 only when it is exactly that.
func TestRatioDoesNotFlatter(t *testing.T) {
	for _, tt := range []struct {
		part, whole int
		want        string
	}{
		{0, 2240, "0"}, {2240, 2240, "1"}, {1, 100_000, "<0.001"}, {99_999, 100_000, ">0.999"},
		{746, 2240, "0.333"}, {1, 2, "0.5"}, {0, 0, "-"}, {100_001, 100_000, ">1"}, {3, 2, "1.5"},
	} {
		if got := Ratio(tt.part, tt.whole); got != tt.want {
			t.Errorf("Ratio(%d, %d) = %q, want %q", tt.part, tt.whole, got, tt.want)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		if _, flaws := Compile(fmt.Sprintf("delivery.cross.ratio == 1 and clients.away < %d", i), Names{}); len(flaws) > 0 {
			b.Fatal(flaws)
		}
	}
}
