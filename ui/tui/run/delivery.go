package run

import (
	"fmt"

	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// fate tells in a line who heard a message and why the others did not.
func fate(m ledger.MessageState, p *style.Palette) string {
	text := fmt.Sprintf("heard %d of %d", m.Arrived, m.Due)
	if m.Pending > 0 {
		text += fmt.Sprintf(", %d under way", m.Pending)
	}
	for _, r := range m.Nodes {
		for _, by := range r.Missed {
			text += fmt.Sprintf("; %d missed: %s", len(by.Clients), because(by.Reason, p.Letter(m.Node), p.Letter(r.Node)))
		}
	}
	return text
}

// because is a reason with the letters of the sender's and receivers' nodes.
func because(r ledger.Reason, from, to string) string {
	switch r {
	case ledger.AdapterOffSender:
		return fmt.Sprintf("they are on %s, the adapter is off on %s", to, from)
	case ledger.AdapterOffReceiver:
		return fmt.Sprintf("they are on %s, the adapter is off there", to)
	case ledger.RedisDownSender:
		return fmt.Sprintf("they are on %s, and %s has no link to Redis", to, from)
	case ledger.RedisDownReceiver:
		return fmt.Sprintf("they are on %s, which has no link to Redis", to)
	case ledger.SenderNodeDied:
		return fmt.Sprintf("%s went down before it passed it on", from)
	case ledger.ReceiverNodeDied:
		return fmt.Sprintf("they were on %s, which went down", to)
	case ledger.ReceiverGone:
		return fmt.Sprintf("they were gone, %s had not noticed", to)
	case ledger.NodeFrozen:
		return fmt.Sprintf("they are on %s, which stood still", to)
	case ledger.ConnectionBroke:
		return fmt.Sprintf("their connection to %s broke", to)
	case ledger.LeftRoom:
		return "they left the room meanwhile"
	}
	return r.Sentence(from, to)
}
