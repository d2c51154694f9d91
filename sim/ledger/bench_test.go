package ledger

import (
	"fmt"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// crowd is a trace of clients in one room on two nodes: each message is
// written to all and read by all a while later, among the next ones.
func crowd(clients, messages int) (start, talk []trace.Event) {
	nodes := []trace.Name{trace.N("im-3030"), trace.N("im-5080")}
	room := trace.N("lobby")
	for _, n := range nodes {
		start = append(start, trace.Event{Kind: trace.NodeUp, Node: n}, trace.Event{Kind: trace.AdapterOn, Node: n}, trace.Event{Kind: trace.RedisUp, Node: n})
	}
	var names, sockets []trace.Name
	for i := range clients {
		name, sid, node := trace.N(fmt.Sprintf("client-%d", i)), trace.N(fmt.Sprintf("socket-%d", i)), nodes[i%2]
		names, sockets = append(names, name), append(sockets, sid)
		start = append(start,
			trace.Event{Kind: trace.ClientAdded, Client: name, Text: trace.N("all")},
			trace.Event{Kind: trace.SessionOpened, Node: node, Session: sid},
			trace.Event{Kind: trace.SocketOpened, Node: node, Session: sid, Socket: sid, Client: name},
			trace.Event{Kind: trace.Connected, Client: name, Session: sid, Socket: sid},
			trace.Event{Kind: trace.Joined, Node: node, Socket: sid, Client: name, Room: room})
	}
	const late = 8 // messages on their way at a time
	msg := func(k int) trace.Msg { return trace.Msg{From: names[k%clients], N: uint32(k/clients + 1)} }
	for k := range messages {
		at := time.Duration(k) * 5 * time.Millisecond
		talk = append(talk, trace.Event{At: at, Kind: trace.Sent, Node: nodes[k%2], Client: names[k%clients], Msg: msg(k), Room: room})
		talk = append(talk,
			trace.Event{At: at, Kind: trace.Published, Node: nodes[k%2], Msg: msg(k)},
			trace.Event{At: at, Kind: trace.Relayed, Node: nodes[1-k%2], Msg: msg(k)})
		for i := range clients {
			talk = append(talk, trace.Event{At: at, Kind: trace.Wrote, Node: nodes[i%2], Client: names[i], Socket: sockets[i], Msg: msg(k)})
		}
		for i := range clients {
			if from := k - 1 - i%late; from >= 0 {
				talk = append(talk, trace.Event{At: at + time.Duration(i), Kind: trace.Read, Client: names[i], Socket: sockets[i], Msg: msg(from)})
			}
		}
	}
	return start, talk
}

// 1,000 clients in one room, each saying something every 5 s: an operation is
// one event, of which 2 in 1,000 are not Wrote or Read.
func BenchmarkApply(b *testing.B) {
	start, talk := crowd(1000, 400)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		l := New(Config{Settle: 2 * time.Second})
		l.Watch(0, time.Second)
		for i := range start {
			l.Apply(&start[i])
		}
		b.StartTimer()
		for i := range talk {
			l.Apply(&talk[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(talk)), "ns/event")
}

func BenchmarkClone(b *testing.B) {
	start, talk := crowd(1000, 400)
	l := New(Config{Settle: 2 * time.Second, Every: time.Second})
	for _, events := range [][]trace.Event{start, talk} {
		for i := range events {
			l.Apply(&events[i])
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Clone()
	}
}

func TestReadAndWroteDoNotAllocate(t *testing.T) {
	start, talk := crowd(100, 20)
	l := New(Config{Settle: 2 * time.Second})
	for i := range start {
		l.Apply(&start[i])
	}
	var hot []trace.Event
	for _, e := range talk {
		if e.Kind == trace.Sent {
			l.Apply(&e)
		} else {
			e.At = 200 * time.Millisecond
			hot = append(hot, e)
		}
	}
	for i := range hot { // the histogram's buckets appear once
		l.Apply(&hot[i])
	}
	if n := testing.AllocsPerRun(10, func() {
		for i := range hot {
			l.Apply(&hot[i])
		}
	}); n != 0 {
		t.Errorf("%v allocations for %d events", n, len(hot))
	}
}
