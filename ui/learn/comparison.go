package learn

import (
	"slices"

	"stickylab/sim/ledger"
	"stickylab/sim/report"
)

// Compare returns the figures of two runs that are worth showing: placement,
// delivery, and all else in which they differ.
func Compare(left, right *ledger.Snapshot) []report.Figure {
	return slices.DeleteFunc(report.Figures([]*ledger.Snapshot{left, right}), func(f report.Figure) bool {
		return !f.Main && !f.Differs()
	})
}

// Errors counts all error texts that were met.
func Errors(p *ledger.Snapshot) int {
	sum := 0
	for _, n := range p.Errors {
		sum += n
	}
	return sum
}
