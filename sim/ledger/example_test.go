package ledger_test

import (
	"fmt"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// Two clients on two nodes without an adapter. What one says reaches only its own node, and
// the ledger says why.
func ExampleLedger() {
	l := ledger.New(ledger.Config{Settle: 2 * time.Second})
	apply := func(at time.Duration, e trace.Event) {
		e.At = at
		l.Apply(&e)
	}
	lobby := trace.N("lobby")
	for name, host := range map[string]string{"ann": "im-1", "bob": "im-2"} {
		client, node := trace.N(name), trace.N(host)
		apply(0, trace.Event{Kind: trace.NodeUp, Node: node})
		apply(0, trace.Event{Kind: trace.ClientAdded, Client: client, Text: trace.N("people")})
		apply(0, trace.Event{Kind: trace.SessionOpened, Node: node, Session: client})
		apply(0, trace.Event{Kind: trace.SocketOpened, Node: node, Session: client, Socket: client, Client: client})
		apply(0, trace.Event{Kind: trace.Joined, Node: node, Socket: client, Client: client, Room: lobby})
	}
	ann, node := trace.N("ann"), trace.N("im-1")
	message := trace.Msg{From: ann, N: 1}
	apply(time.Second, trace.Event{Kind: trace.Said, Client: ann, Msg: message, Room: lobby})
	apply(time.Second, trace.Event{Kind: trace.Sent, Client: ann, Node: node, Socket: ann, Msg: message, Room: lobby})
	apply(time.Second, trace.Event{Kind: trace.Read, Client: ann, Socket: ann, Msg: message})
	l.Advance(10 * time.Second)

	s := l.SnapshotSince(0)
	fmt.Println("same node:", s.Delivery.Same.Arrived, "of", s.Delivery.Same.Due)
	fmt.Println("cross node:", s.Delivery.Cross.Arrived, "of", s.Delivery.Cross.Due)
	for _, miss := range s.Missed {
		fmt.Println(miss.Count, miss.Reason.Sentence(miss.Sender, miss.Receiver))
	}
	// Output:
	// same node: 1 of 1
	// cross node: 0 of 1
	// 1 receiver is on im-2, adapter is off on im-1
}
