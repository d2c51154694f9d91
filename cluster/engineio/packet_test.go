package engineio

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPacketForms(t *testing.T) {
	for _, test := range []struct {
		text string
		p    Packet
	}{
		{"0{}", Packet{Type: Open, Data: []byte("{}")}},
		{"1", Packet{Type: Close, Data: []byte{}}},
		{"2probe", Packet{Type: Ping, Data: []byte("probe")}},
		{"3probe", Packet{Type: Pong, Data: []byte("probe")}},
		{"4hello", Packet{Type: MessagePacket, Data: []byte("hello")}},
		{"4€", Packet{Type: MessagePacket, Data: []byte("€")}},
		{"4", Packet{Type: MessagePacket, Data: []byte{}}},
		{"5", Packet{Type: Upgrade, Data: []byte{}}},
		{"6", Packet{Type: Noop, Data: []byte{}}},
		{"bAQIDBA==", Packet{Type: MessagePacket, Data: []byte{1, 2, 3, 4}, Binary: true}},
		{"b", Packet{Type: MessagePacket, Data: []byte{}, Binary: true}},
	} {
		if got := string(AppendPacket(nil, test.p)); got != test.text {
			t.Errorf("AppendPacket(%v) = %q, want %q", test.p, got, test.text)
		}
		got, err := DecodePacket([]byte(test.text), false)
		if diff := cmp.Diff(test.p, got); err != nil || diff != "" {
			t.Errorf("DecodePacket(%q): %v %s", test.text, err, diff)
		}
	}
}

// What Buffer.from(text, "base64") of Node makes of these.
func TestBase64IsAcceptedInAllForms(t *testing.T) {
	for _, text := range []string{"b+/8=", "b+/8", "b-_8=", "b-_8", "b+ /\n8=", "b!+/8*", "b+_8=YQ=="} {
		p, err := DecodePacket([]byte(text), false)
		if err != nil || !bytes.Equal(p.Data, []byte{0xfb, 0xff}) {
			t.Errorf("DecodePacket(%q) = %x, %v", text, p.Data, err)
		}
	}
}

func TestBadPackets(t *testing.T) {
	for _, text := range []string{"", "7", "9x", "abc", "\x1e", "/", "€"} {
		if p, err := DecodePacket([]byte(text), false); err == nil {
			t.Errorf("DecodePacket(%q) = %v, want an error", text, p)
		}
	}
}

func TestBinaryFrameIsAMessage(t *testing.T) {
	p, err := DecodePacket([]byte("2"), true)
	if diff := cmp.Diff(Packet{Type: MessagePacket, Data: []byte("2"), Binary: true}, p); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestPayload(t *testing.T) {
	ps := []Packet{
		{Type: MessagePacket, Data: []byte("hello")},
		{Type: Ping, Data: []byte{}},
		{Type: MessagePacket, Data: []byte{1, 2, 3, 4}, Binary: true},
	}
	const body = "4hello\x1e2\x1ebAQIDBA=="
	if got := string(AppendPayload(nil, ps)); got != body {
		t.Errorf("AppendPayload = %q, want %q", got, body)
	}
	got, err := DecodePayload([]byte(body))
	if diff := cmp.Diff(ps, got); err != nil || diff != "" {
		t.Errorf("DecodePayload: %v %s", err, diff)
	}
}

func TestBadPacketStopsThePayload(t *testing.T) {
	for body, before := range map[string]int{"": 0, "abc": 0, "4a\x1e": 1, "4a\x1e4b\x1ex\x1e4c": 2, "\x1e4a": 0} {
		ps, err := DecodePayload([]byte(body))
		if err == nil || len(ps) != before {
			t.Errorf("DecodePayload(%q) = %d packets, %v; want %d and an error", body, len(ps), err, before)
		}
	}
}

func FuzzDecodePacket(f *testing.F) {
	for _, seed := range []string{"0{}", "1", "2probe", "4hello", "bAQIDBA==", "b-_8", "", "7", "abc"} {
		f.Add([]byte(seed), false)
	}
	f.Add([]byte{1, 2, 3}, true)
	f.Fuzz(func(t *testing.T, data []byte, binary bool) {
		p, err := DecodePacket(data, binary)
		if err != nil {
			return
		}
		again, err := DecodePacket(AppendPacket(nil, p), false)
		if diff := cmp.Diff(p, again, equalEmpty); err != nil || diff != "" {
			t.Fatalf("%q does not survive a round trip: %v %s", data, err, diff)
		}
	})
}

func FuzzDecodePayload(f *testing.F) {
	for _, seed := range []string{"4hello\x1e2\x1ebAQIDBA==", "40", "4a\x1e", "\x1e\x1e", "1", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ps, err := DecodePayload(body)
		if parts := 1 + bytes.Count(body, []byte{separator}); err == nil && len(ps) != parts || len(ps) > parts {
			t.Fatalf("%q has %d parts, got %d packets, %v", body, parts, len(ps), err)
		}
		if len(ps) == 0 {
			return
		}
		again, err := DecodePayload(AppendPayload(nil, ps))
		if diff := cmp.Diff(ps, again, equalEmpty); err != nil || diff != "" {
			t.Fatalf("%q does not survive a round trip: %v %s", body, err, diff)
		}
	})
}

// equalEmpty ignores the difference between nil and empty data.
var equalEmpty = cmp.Comparer(func(a, b []byte) bool { return slices.Equal(a, b) })
