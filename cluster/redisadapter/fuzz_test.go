package redisadapter

import (
	"encoding/json"
	"testing"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
)

func FuzzDecodeBroadcast(f *testing.F) {
	for _, m := range recording(f) {
		if !m.isRequest() && !m.isResponse() {
			f.Add(m.raw)
		}
	}
	f.Add([]byte("\x93\xa1u\x82\xa4type\x02\xa4data\x92\xa1e\xd6\xff\x6a\x00\x00\x00\x80"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeBroadcast(b, "3VxdPy")
		if err != nil || m.Packet.Data == nil {
			return
		}
		name, _, ok := m.Packet.Event()
		if !ok || socketio.Reserved(name) {
			t.Fatalf("clients would refuse %v", m.Packet.Data)
		}
		for _, message := range m.Messages {
			if head := pack.TextHead(m.Packet.Namespace); !json.Valid(message.Data[head:]) {
				t.Fatalf("sockets would get %q", message.Data)
			}
		}
		again, err := encodeBroadcast(m)
		if err != nil {
			return // more attachments than a packet may have
		}
		if _, err := decodeBroadcast(again, "3VxdPy"); err != nil {
			t.Fatalf("%x from %x: %v", again, b, err)
		}
	})
}

func FuzzDecodeRequest(f *testing.F) {
	for _, m := range recording(f) {
		if m.isRequest() {
			f.Add(m.raw)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRequest(b)
		if err != nil {
			return
		}
		again, err := reencodeRequest(r)
		if err != nil {
			return
		}
		if _, err := decodeRequest(again); err != nil {
			t.Fatalf("%q from %q: %v", again, b, err)
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	for _, m := range recording(f) {
		if m.isResponse() {
			f.Add(m.raw)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeResponse(b)
		if err != nil {
			return
		}
		again, err := appendResponse(nil, r)
		if err != nil {
			return
		}
		if _, err := decodeResponse(again); err != nil {
			t.Fatalf("%q from %q: %v", again, b, err)
		}
	})
}
