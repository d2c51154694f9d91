package inspect

import (
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/scenario"
)

// all are the events of a run so far.
func all(s *Source) []trace.Event { return s.Events(1, s.Cursor) }

// The hops are those that a look through the whole trace finds.
func TestHopsAgreeWithTheTrace(t *testing.T) {
	for name, text := range map[string]string{"redis-adapter": "", "two-regions": "", "killing": killing} {
		live := recorded(t, name, text)
		s := seen(live, 28*time.Second)
		events := all(s)
		checked := 0
		for _, m := range s.Ledger.Recent(60) {
			j := Follow(s, m.ID)
			if j.Aged || !j.Known {
				t.Fatalf("%s: %v is not found: %+v", name, m.ID, j)
			}
			want := Journey{Said: Unknown, Sent: Unknown, Published: Unknown}
			relayed := map[string]time.Duration{}
			for _, e := range events {
				if e.Msg != m.ID {
					continue
				}
				switch e.Kind {
				case trace.Said:
					want.Said = e.At
				case trace.Sent:
					want.Sent = e.At
				case trace.Published:
					want.Published = e.At
				case trace.Relayed:
					relayed[e.Node.String()] = e.At
				}
			}
			if j.Said != want.Said || j.Sent != want.Sent || j.Published != want.Published {
				t.Errorf("%s: %v: said %v, sent %v, published %v; want %v, %v, %v", name, m.ID, j.Said, j.Sent, j.Published, want.Said, want.Sent, want.Published)
			}
			for i, r := range j.State.Nodes {
				want, ok := relayed[r.Node]
				if !ok {
					want = Unknown
				}
				if j.Relayed[i] != want {
					t.Errorf("%s: %v was relayed to %s at %v, want %v", name, m.ID, r.Node, j.Relayed[i], want)
				}
				checked += r.Arrived
			}
			if !(j.Said <= j.Left && j.Left <= j.AtProxy && j.AtProxy <= j.Sent) {
				t.Errorf("%s: %v: said %v, left %v, at the proxy %v, sent %v", name, m.ID, j.Said, j.Left, j.AtProxy, j.Sent)
			}
		}
		if checked == 0 {
			t.Errorf("%s: no message arrived", name)
		}
	}
}

// slack is more than what each packet is spread by.
const slack = 10 * time.Microsecond

func near(a, b time.Duration) bool { return max(a-b, b-a) <= slack }

// What comes back to its sender on a websocket takes as long as it took there:
// latencies are the same both ways.
func TestFirstHopIsTheClientsLatency(t *testing.T) {
	live := recorded(t, "redis-adapter", "")
	s := seen(live, 28*time.Second)
	checked := 0
	for _, m := range s.Ledger.Recent(40) {
		j := Follow(s, m.ID)
		for _, e := range all(s) {
			if e.Kind != trace.Read || e.Msg != m.ID || e.Client != m.ID.From {
				continue
			}
			checked++
			there, last := j.AtProxy-j.Left, j.Sent-j.AtProxy
			if back := e.At - j.Sent; !near(there+last, back) || !near(last, 500*time.Microsecond) {
				t.Errorf("%v: %v to the proxy and %v to the node, %v back", m.ID, there, last, back)
			}
		}
	}
	if checked < 20 {
		t.Errorf("%d messages came back", checked)
	}
}

const polls = `
title: Polling only
summary: Requests that the proxy tells of.
duration: 30s
nodes: 2
proxy: {policy: ip_hash}
network: {client: 50ms, backend: 1ms..9ms}
clients:
  pollers: {count: 4, ip: 10.0.0.0/8, say: every 2s, transports: [polling]}
`

// The proxy tells when it had a request: what a client posts is followed
// exactly, whatever the latencies.
func TestPostIsSeenAtTheProxy(t *testing.T) {
	live := recorded(t, "polls", polls)
	s := seen(live, 20*time.Second)
	list := s.Ledger.Recent(20)
	if len(list) < 10 {
		t.Fatalf("%d messages", len(list))
	}
	for _, m := range list {
		j := Follow(s, m.ID)
		if !j.Exact {
			t.Errorf("%v was not seen at the proxy: %+v", m.ID, j)
			continue
		}
		if there := j.AtProxy - j.Left; !near(there, 50*time.Millisecond) {
			t.Errorf("%v: %v to the proxy", m.ID, there)
		}
		if last := j.Sent - j.AtProxy; last < time.Millisecond || last > 3*9*time.Millisecond {
			t.Errorf("%v: %v to the node", m.ID, last)
		}
	}
}

// Without a proxy's word and with latencies that vary the two hops stay one.
func TestUnknownSplitIsNotGuessed(t *testing.T) {
	text := `
title: Varying
summary: No one knows how long the second hop took.
duration: 30s
nodes: 2
proxy: {policy: ip_hash}
network: {client: 50ms, backend: 1ms..9ms}
clients:
  talkers: {count: 2, ip: 10.0.0.0/8, say: every 2s, transports: [websocket]}
`
	s := seen(recorded(t, "varying", text), 20*time.Second)
	for _, m := range s.Ledger.Recent(5) {
		if j := Follow(s, m.ID); j.AtProxy != Unknown || j.Said == Unknown {
			t.Errorf("%+v", j)
		}
	}
}

// What is said without a connection waits in the client.
func TestWaitsInTheClient(t *testing.T) {
	live := recorded(t, "killing", killing)
	s := seen(live, 14*time.Second)
	connected := map[trace.Name]time.Duration{}
	said := map[trace.Msg]time.Duration{}
	waited := 0
	for _, e := range all(s) {
		switch e.Kind {
		case trace.Connected:
			connected[e.Client] = e.At
		case trace.Said:
			said[e.Msg] = e.At
		case trace.Sent:
			if from := connected[e.Client]; said[e.Msg] < from && e.At > 10*time.Second && e.At-from < 300*time.Millisecond {
				j := Follow(s, e.Msg)
				if j.Left != from && !j.Exact {
					t.Errorf("%v left at %v, its client connected at %v", e.Msg, j.Left, from)
				}
				waited++
			}
		}
	}
	if waited == 0 {
		t.Error("no message waited")
	}
}

func TestTextOfAStep(t *testing.T) {
	live := recorded(t, "killing", killing)
	s := seen(live, 16*time.Second)
	texts := map[string]int{}
	for _, m := range s.Ledger.Recent(100) {
		texts[Follow(s, m.ID).Text]++
	}
	if texts[`hello "there"`] != 1 || texts[scenario.DefaultText] < 50 {
		t.Errorf("%v", texts)
	}
}

// A message that has not been accepted, and one that has not been said.
func TestNotThereYet(t *testing.T) {
	live := recorded(t, "two-regions", "")
	var said trace.Event
	for _, e := range all(seen(live, 30*time.Second)) {
		if e.Kind == trace.Said && e.At > 20*time.Second {
			said = e
			break
		}
	}
	j := Follow(cursorAt(live, said.Seq, said.At), said.Msg)
	if j.Known || j.Said != said.At {
		t.Errorf("just said: %+v", j)
	}
	if j = Follow(cursorAt(live, said.Seq-1, said.At), said.Msg); j.Known || j.Said != Unknown {
		t.Errorf("not yet said: %+v", j)
	}
}
