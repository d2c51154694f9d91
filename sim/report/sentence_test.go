package report

import (
	"strings"
	"testing"

	"stickylab/sim/expect"
	"stickylab/sim/ledger"
)

// made returns a snapshot of two nodes with 10 connected clients each, all of
// whose 100 deliveries arrived, after a change.
func made(change func(*ledger.Snapshot)) *ledger.Snapshot {
	s := &ledger.Snapshot{Matrix: ledger.Matrix{Nodes: []string{"im-1", "im-2"}}}
	s.Nodes = map[string]ledger.Node{"im-1": {Up: true, Adapter: true}, "im-2": {Up: true, Adapter: true}}
	s.Groups = map[string]ledger.Group{"users": {Count: 20, Connected: 20, Nodes: map[string]int{"im-1": 10, "im-2": 10}}}
	s.Clients = ledger.Clients{Count: 20, Connected: 20}
	s.Messages = ledger.Messages{Said: 5, Sent: 5}
	deliver(s, 100, 0)
	s.Delivery.Cross.Arrived = 50
	change(s)
	return s
}

// deliver sets what became of the deliveries, and the reasons for those that
// were missed.
func deliver(s *ledger.Snapshot, arrived, missed int, why ...ledger.Miss) {
	s.Delivery.Total = ledger.Counts{Due: arrived + missed, Arrived: arrived, Missed: missed}
	s.Missed = why
}

func TestSentence(t *testing.T) {
	miss := func(r ledger.Reason, count int) ledger.Miss {
		return ledger.Miss{Reason: r, Sender: "im-1", Receiver: "im-2", Count: count}
	}
	for _, tt := range []struct {
		what   string
		change func(*ledger.Snapshot)
		want   string
	}{
		{"every message arrived", func(*ledger.Snapshot) {}, "Every message arrived (100 deliveries, 50 across nodes)."},
		{"one node is alone", func(s *ledger.Snapshot) { s.Matrix.Nodes = s.Matrix.Nodes[:1] }, "Every message arrived (100 deliveries)."},
		{"the adapter is off", func(s *ledger.Snapshot) {
			deliver(s, 50, 50, miss(ledger.AdapterOffSender, 25), ledger.Miss{Reason: ledger.AdapterOffReceiver, Sender: "im-2", Receiver: "im-2", Count: 25})
			s.Delivery.Cross.Arrived = 0
			s.Nodes = map[string]ledger.Node{"im-1": {Up: true}, "im-2": {Up: true}}
		}, "Half of all messages were lost (50 of 100 deliveries): no message crosses nodes, the adapter is off on both nodes."},
		{"the adapter was off for a time", func(s *ledger.Snapshot) {
			deliver(s, 90, 10, miss(ledger.AdapterOffSender, 10))
		}, "10 % of all messages were lost (10 of 100 deliveries): the adapter was off on im-1."},
		{"two causes, and one that is rare", func(s *ledger.Snapshot) {
			deliver(s, 10, 90, miss(ledger.NodeFrozen, 50), miss(ledger.ReceiverGone, 38), miss(ledger.LeftRoom, 2))
		}, "90 % of all messages were lost (90 of 100 deliveries): a freeze of im-2, and receivers had gone, unnoticed by im-2."},
		{"what a reconnect leaves over", func(s *ledger.Snapshot) {
			deliver(s, 80, 20, miss(ledger.LeftOver, 15), miss(ledger.ReceiverGone, 5))
		}, "5 % of all messages were lost (5 of 85 deliveries): receivers had gone, unnoticed by im-2; 15 deliveries more were for sockets that a reconnect had left over."},
		{"nothing but what a reconnect leaves over", func(s *ledger.Snapshot) {
			deliver(s, 80, 20, miss(ledger.LeftOver, 20))
		}, "Every message reached every client that was connected (80 deliveries); 20 deliveries more were for sockets that a reconnect had left over."},
		{"hardly anything was lost", func(s *ledger.Snapshot) {
			deliver(s, 999, 1, miss(ledger.ReceiverNodeDied, 1))
		}, "1 of 1,000 deliveries was lost: im-2 went down."},
		{"everything was lost", func(s *ledger.Snapshot) {
			deliver(s, 0, 3, miss(ledger.RedisDownReceiver, 3))
		}, "All messages were lost (3 of 3 deliveries): no link to Redis on im-2."},
		{"no client ever connected", func(s *ledger.Snapshot) {
			deliver(s, 0, 0)
			s.Clients = ledger.Clients{Count: 20, Never: 20}
			s.Messages = ledger.Messages{}
			s.Errors = map[string]int{"xhr poll error": 66, "Unsupported protocol version": 66}
		}, `No client is connected at the end ("Unsupported protocol version", 66 times); no message was sent, so none could be lost.`},
		{"sessions broke", func(s *ledger.Snapshot) {
			s.Sessions.Lost, s.Messages.Away, s.Clients.Connected = 9, 40, 19
			s.Errors = map[string]int{"transport close": 9}
		}, `Every message reached every client that was connected (100 deliveries); 1 of 20 clients is not connected at the end; 9 sessions broke ("transport close", 9 times).`},
		{"deliveries are late", func(s *ledger.Snapshot) { s.Latency.P95, s.Latency.P99 = 640, 1200 },
			"Every message arrived (100 deliveries, 50 across nodes); 1 delivery in 20 took 0.6 s or more."},
		{"duplicates and strangers", func(s *ledger.Snapshot) { s.Delivery.Total.Duplicates, s.Delivery.Total.Extra = 1, 7 },
			"Every message arrived (100 deliveries, 50 across nodes); 1 duplicate arrived as well; 7 deliveries reached clients that should not have got them."},
		{"some are in flight", func(s *ledger.Snapshot) { s.Delivery.Total.Pending = 2 },
			"100 deliveries arrived and none was lost; 2 deliveries more were still in flight at the end."},
		{"all are in flight", func(s *ledger.Snapshot) { s.Delivery.Total = ledger.Counts{Due: 2, Pending: 2} },
			"2 deliveries were expected, and all still in flight at the end."},
		{"the room is empty", func(s *ledger.Snapshot) { deliver(s, 0, 0); s.Messages.Unsent = 0 },
			"No delivery was expected: no client was in a room that a node accepted a message for."},
		{"no node accepted anything", func(s *ledger.Snapshot) {
			deliver(s, 0, 0)
			s.Messages = ledger.Messages{Said: 11, Unsent: 11}
		}, "No delivery was expected: no client was in a room that a node accepted a message for; 11 of 11 messages reached no node."},
		{"all are on one node", func(s *ledger.Snapshot) { s.Groups["users"].Nodes["im-1"] = 40 },
			"Every message arrived (100 deliveries, 50 across nodes); 40 of 50 connected clients are on one node, im-1."},
		{"a node is down", func(s *ledger.Snapshot) { s.Nodes["im-2"] = ledger.Node{} },
			"Every message arrived (100 deliveries, 50 across nodes); im-2 is down at the end."},
	} {
		if got := Sentence(made(tt.change)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.what, got, tt.want)
		}
	}
}

// Every reason for which a user misses something has a cause to be named in a sentence.
func TestFaultsAreComplete(t *testing.T) {
	for r := ledger.Reason(0); !strings.HasPrefix(r.String(), "reason("); r++ {
		if r != ledger.LeftOver && strings.Count(faultOf(r), "%s") != 1 {
			t.Errorf("%v: %q", r, faultOf(r))
		}
	}
}

func TestAsExpected(t *testing.T) {
	for _, tt := range []struct {
		verdicts []expect.Verdict
		want     string
	}{
		{nil, "The file has no expectations."},
		{[]expect.Verdict{expect.Pass}, "As the file expects: 1 of 1 expectation met."},
		{[]expect.Verdict{expect.Pass, expect.Fail, expect.Inconclusive}, "Not as the file expects: 1 of 3 expectations failed."},
		{[]expect.Verdict{expect.Pass, expect.Inconclusive}, "Whether the file expects that is open: 1 of 2 expectations had nothing to judge."},
		{[]expect.Verdict{expect.Pass, expect.NotJudged, expect.Inconclusive}, "Whether the file expects that is not known: 1 of 3 expectations was not judged."},
	} {
		r := new(Result)
		for _, v := range tt.verdicts {
			r.Expectations = append(r.Expectations, Expectation{Verdict: v})
		}
		if got := r.asExpected(); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.verdicts, got, tt.want)
		}
	}
}
