package stage

import "time"

// A Span is a leg of the way of a message with its instants. Until is Unknown while it has not come to
// the end; then it takes Guess, about.
type Span struct {
	Leg                Leg
	To                 string // the node of the receivers; "" on the way to the proxy
	From, Until, Guess time.Duration
}

// Spans returns the way of the message as far as it is known. To each node it is on one leg at a time.
func (m *Motion) Spans() (out []Span) {
	put := func(leg Leg, to string, from, until, guess time.Duration) (ends bool) {
		out = append(out, Span{leg, to, from, until, guess})
		return until != Unknown
	}
	if m.Said != Unknown && !m.direct {
		atProxy := Unknown
		if m.Sent != Unknown {
			atProxy = max(m.Sent-m.Guess.Backend, m.Said)
		}
		if !put(ToProxy, "", m.Said, atProxy, m.Guess.Client) || !put(ToNode, m.Node, atProxy, m.Sent, m.Guess.Backend) {
			return out
		}
	}
	if m.Sent == Unknown {
		return out
	}
	for _, h := range m.Hops {
		from := m.Sent
		if h.Node != m.Node {
			if h.Stopped {
				continue
			}
			half := m.Sent + m.Guess.Redis
			if h.Relayed != Unknown {
				half = middle(m.Sent, h.Relayed)
			}
			put(ToRedis, h.Node, m.Sent, half, m.Guess.Redis)
			if h.Relayed == Unknown && h.Ended || !put(FromRedis, h.Node, half, h.Relayed, m.Guess.Redis) {
				continue
			}
			from = h.Relayed
		}
		until := Unknown
		if h.Ended {
			if until = h.Last; until == Unknown {
				continue // nothing arrived, and nothing can
			}
		}
		put(ToReceivers, h.Node, from, until, m.Guess.Client+m.Guess.Backend)
	}
	return out
}
