package redisadapter

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/socketio"
)

// A recorded message is one that the official adapter, version 8.3.0, or the
// official emitter published.
type recorded struct {
	N        int
	Channel  string
	Encoding string
	Hex      string
	Decoded  any

	raw []byte
}

func recording(tb testing.TB) []recorded {
	tb.Helper()
	f, err := os.Open("testdata/pubsub.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var all []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m recorded
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			tb.Fatal(err)
		}
		if m.N == 0 {
			continue // says which call came next
		}
		if m.raw, err = hex.DecodeString(m.Hex); err != nil {
			tb.Fatal(err)
		}
		all = append(all, m)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	return all
}

func (m recorded) isRequest() bool  { return strings.Contains(m.Channel, "-request#") }
func (m recorded) isResponse() bool { return strings.Contains(m.Channel, "-response#") }

// reencode decodes a message and encodes what was read.
func (m recorded) reencode() ([]byte, error) {
	switch {
	case m.isRequest():
		r, err := decodeRequest(m.raw)
		if err != nil {
			return nil, err
		}
		return reencodeRequest(r)
	case m.isResponse():
		r, err := decodeResponse(m.raw)
		if err != nil {
			return nil, err
		}
		return appendResponse(nil, r)
	}
	b, err := decodeBroadcast(m.raw, "")
	if err != nil {
		return nil, err
	}
	return encodeBroadcast(b)
}

func reencodeRequest(r request) ([]byte, error) {
	if r.kind != kindBroadcast {
		return appendRequest(nil, r)
	}
	return appendBroadcastRequest(nil, r.uid, r.id, r.Packet.Namespace, r.Packet, *r.options)
}

// encodeBroadcast encodes the packet of m anew.
func encodeBroadcast(m broadcast) ([]byte, error) {
	b, _, err := appendBroadcast(nil, m.uid, m.Packet.Namespace, m.Packet, m.options)
	return b, err
}

func TestRecordingIsReproduced(t *testing.T) {
	all := recording(t)
	if len(all) != 44 {
		t.Fatalf("%d messages recorded, want 44", len(all))
	}
	for _, m := range all {
		got, err := m.reencode()
		if err != nil {
			t.Errorf("message %d, %v: %v", m.N, m.Decoded, err)
			continue
		}
		if strings.Contains(string(m.raw), `"handshake"`) { // its headers are in the order in which the client sent them
			var g, w any
			if err := json.Unmarshal(got, &g); err != nil {
				t.Errorf("message %d: %v", m.N, err)
			}
			if err := json.Unmarshal(m.raw, &w); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(w, g); diff != "" {
				t.Errorf("message %d (-want +got):\n%s", m.N, diff)
			}
			continue
		}
		if !bytes.Equal(got, m.raw) {
			t.Errorf("message %d, %v:\n got %q\nwant %q", m.N, m.Decoded, got, m.raw)
		}
	}
}

// What is read means what Node understood.
func TestRecordingIsUnderstood(t *testing.T) {
	for _, m := range recording(t) {
		if m.isRequest() || m.isResponse() {
			continue
		}
		b, err := decodeBroadcast(m.raw, "")
		if err != nil {
			t.Errorf("message %d: %v", m.N, err)
			continue
		}
		want := m.Decoded.([]any)
		packet, opts := want[1].(map[string]any), want[2].(map[string]any)
		if b.uid != want[0] || b.Packet.Namespace != packet["nsp"] {
			t.Errorf("message %d: uid %q, namespace %q", m.N, b.uid, b.Packet.Namespace)
		}
		if diff := cmp.Diff(opts["rooms"], anys(b.options.Rooms)); diff != "" {
			t.Errorf("message %d: rooms (-want +got):\n%s", m.N, diff)
		}
		if diff := cmp.Diff(opts["except"], anys(b.options.Except)); diff != "" {
			t.Errorf("message %d: except (-want +got):\n%s", m.N, diff)
		}
		text, err := socketio.AppendJSON(nil, b.Packet.Data)
		if err != nil {
			t.Errorf("message %d: %v", m.N, err)
			continue
		}
		var data any
		if err := json.Unmarshal(text, &data); err != nil {
			t.Errorf("message %d: %v", m.N, err)
		}
		if !reflect.DeepEqual(data, packet["data"]) {
			t.Errorf("message %d: data %s, want %v", m.N, text, packet["data"])
		}
	}
}

func anys(ss []string) any {
	vs := make([]any, 0, len(ss))
	for _, s := range ss {
		vs = append(vs, s)
	}
	return vs
}
