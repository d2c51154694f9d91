package inspect

import (
	"testing"
	"time"

	"stickylab/sim"
)

// busy is a run in which 200 clients in one room make 80,000 events a second,
// and everything goes wrong for some of them.
const busy = `
title: Busy
summary: Many clients in one room.
seed: 3
duration: 60s
nodes: 3
adapter: redis
proxy: {policy: ip_hash}
clients:
  talkers: {count: 200, ip: 10.0.0.0/8, connect: 0s..1s, say: every 1s, room: lobby, transports: [websocket]}
  pollers: {count: 5, ip: 172.16.0.0/12, connect: 0s..1s, say: every 5s, room: attic, transports: [polling]}
steps:
  - {at: 2s, kill: im-2}
`

var busyRun *sim.Live

// manyEvents returns a source on a trace of a million events.
func manyEvents(b *testing.B) *Source {
	if busyRun == nil {
		busyRun = open(b, planOf(b, "busy", busy))
		for at := time.Second; busyRun.Len() < 1_000_000; at += time.Second {
			if err := busyRun.Advance(at); err != nil {
				b.Fatal(err)
			}
		}
	}
	head := busyRun.Head()
	return cursorAt(busyRun, busyRun.Len(), head)
}

func BenchmarkClient(b *testing.B) {
	s := manyEvents(b)
	for b.Loop() {
		Client(s, "talkers-007", 120)
	}
}

func BenchmarkPollingClient(b *testing.B) {
	s := manyEvents(b)
	for b.Loop() {
		Client(s, "pollers-03", 120)
	}
}

func BenchmarkNode(b *testing.B) {
	s := manyEvents(b)
	for b.Loop() {
		Node(s, "im-1", 120)
	}
}

func BenchmarkMessage(b *testing.B) {
	s := manyEvents(b)
	list := s.Ledger.Recent(500)
	id := list[len(list)-1].ID
	for b.Loop() {
		Message(s, id, 120)
	}
}

func BenchmarkError(b *testing.B) {
	s := manyEvents(b)
	for b.Loop() {
		Error(s, "transport close", 120)
	}
}
