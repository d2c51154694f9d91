package ledger

import "stickylab/cluster/trace"

// codeCounts count what comes of how the code of clients is written.
type codeCounts struct{ outside, repeated, resent, discarded int }

func (c *codeCounts) add(o *codeCounts) {
	c.outside += o.outside
	c.repeated += o.repeated
	c.resent += o.resent
	c.discarded += o.discarded
}

// code notes what the code of a client did.
func (l *Ledger) code(e *trace.Event) {
	c := &l.segments.last(l.owner).code
	switch e.Kind {
	case trace.Repeated:
		c.repeated++
	case trace.Resent:
		c.resent++
	case trace.Discarded:
		c.discarded++
	}
}
