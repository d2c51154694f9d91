package socketio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever a peer sends, decoding does not panic, and what was decoded encodes
// to an equivalent packet.
func FuzzDecode(f *testing.F) {
	for _, test := range codec {
		f.Add([]byte(test.frames[0]), []byte("\x01\x02"))
	}
	for _, test := range malformed {
		f.Add([]byte(test.frames[0]), []byte{})
	}
	f.Add([]byte(`52-/a,3["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`), []byte{0})
	f.Add([]byte(`2["x",-0,1e-7,1e300,"\ud800\u2028<",{"":{}}]`), []byte{0})
	f.Fuzz(func(t *testing.T, text, attachment []byte) {
		p := feed(text, attachment)
		if p == nil {
			return
		}
		if p.Data == nil && (p.Type == Event || p.Type == BinaryEvent) { // says nothing, and is taken
			return
		}
		messages, err := Encode(*p)
		if err != nil {
			if countBinary(p.Data) > MaxAttachments { // one attachment may be used several times
				return
			}
			t.Fatalf("decoded %+v, which does not encode: %v", p, err)
		}
		var d Decoder
		var again *Packet
		for _, m := range messages {
			if again, err = d.Add(m.Data, m.Binary); err != nil {
				t.Fatalf("%q decodes, but not what it encodes to: %q: %v", text, m.Data, err)
			}
		}
		if again == nil {
			t.Fatalf("%q encodes to an incomplete packet", text)
		}
		if binary := countBinary(p.Data) > 0; !binary {
			// Attachments that nothing refers to are gone.
			switch p.Type {
			case BinaryEvent:
				p.Type = Event
			case BinaryAck:
				p.Type = Ack
			}
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("%q comes back as another packet (-first +second):\n%s", text, diff)
		}
	})
}

// feed decodes text, with as many copies of attachment as it asks for.
func feed(text, attachment []byte) *Packet {
	var d Decoder
	p, err := d.Add(text, false)
	for err == nil && p == nil {
		p, err = d.Add(attachment, true)
	}
	return p
}

func countBinary(v any) (n int) {
	switch v := v.(type) {
	case []byte:
		return 1
	case []any:
		for _, item := range v {
			n += countBinary(item)
		}
	case map[string]any:
		for _, item := range v {
			n += countBinary(item)
		}
	}
	return n
}
