package learn

import (
	"stickylab/sim/ledger"
	"stickylab/sim/report"
)

// Figure is one measure of two runs.
type Figure struct {
	Label       string
	Left, Right string
	Worse       [2]bool // whether there is loss in it
}

// Beside returns what can be compared of two runs: placement, delivery, and
// what went wrong.
func Beside(left, right *ledger.Picture) []Figure {
	var out []Figure
	number := func(label string, bad bool, of func(*ledger.Picture) int) {
		a, b := of(left), of(right)
		out = append(out, Figure{label, report.Number(a), report.Number(b), [2]bool{bad && a > 0, bad && b > 0}})
	}
	nodes := left.Matrix.Nodes
	for _, n := range right.Matrix.Nodes {
		if _, ok := left.Nodes[n]; !ok {
			nodes = append(nodes[:len(nodes):len(nodes)], n)
		}
	}
	for _, n := range nodes {
		number("clients on "+n, false, func(p *ledger.Picture) int { return p.Nodes[n].Clients })
	}
	number("not connected", true, func(p *ledger.Picture) int { return p.Clients.Count - p.Clients.Connected })
	share := func(label string, of func(*ledger.Picture) ledger.Counts) {
		a, b := of(left), of(right)
		out = append(out, Figure{label, Arrived(a), Arrived(b), [2]bool{a.Missed > 0, b.Missed > 0}})
	}
	share("heard on the same node", func(p *ledger.Picture) ledger.Counts { return p.Delivery.Same })
	share("heard on other nodes", func(p *ledger.Picture) ledger.Counts { return p.Delivery.Cross })
	number("sessions lost", true, func(p *ledger.Picture) int { return p.Sessions.Lost })
	number("errors", true, Errors)
	number("attempts to reconnect", true, func(p *ledger.Picture) int { return p.Requests.Reconnects })
	return out
}

// Arrived writes what arrived of what was due: "31/40   77 %".
func Arrived(c ledger.Counts) string {
	if c.Arrived+c.Missed == 0 {
		return "nothing due"
	}
	return report.Share(c.Arrived, c.Arrived+c.Missed)
}

// Errors counts all error texts that were met.
func Errors(p *ledger.Picture) int {
	sum := 0
	for _, n := range p.Errors {
		sum += n
	}
	return sum
}
