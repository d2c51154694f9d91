package redisadapter

import (
	"testing"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
)

func BenchmarkEncodeBroadcast(b *testing.B) {
	p := event("said", said{"beijing-07:12", "beijing-07", "lobby", "hello from the other side", "im-3030"})
	o := socketio.Options{Rooms: []string{"lobby"}}
	messages, err := socketio.Encode(p)
	if err != nil {
		b.Fatal(err)
	}
	o.Encoded = messages // as Namespace.Emit hands it over
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := appendBroadcast(make([]byte, 0, 256), "3VxdPx", "/", p, o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeBroadcast(b *testing.B) {
	p := event("said", said{"beijing-07:12", "beijing-07", "lobby", "hello from the other side", "im-3030"})
	m, err := encodeBroadcast(broadcast{uid: "3VxdPx", Received: pack.Received{Packet: p}, options: socketio.Options{Rooms: []string{"lobby"}}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeBroadcast(m, "rPK4qU"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeOwnEcho(b *testing.B) {
	m, err := encodeBroadcast(broadcast{uid: "3VxdPx", Received: pack.Received{Packet: event("e", 1)}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeBroadcast(m, "3VxdPx"); err != nil {
			b.Fatal(err)
		}
	}
}
