package redisadapter

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
)

type said struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Room string `json:"room"`
	Text string `json:"text"`
	Node string `json:"node"`
}

func event(args ...any) socketio.Packet {
	return socketio.Packet{Type: socketio.Event, Namespace: "/", Data: args}
}

func TestValuesArePackedAsNotepackDoes(t *testing.T) {
	long := strings.Repeat("x", 32)
	tests := []struct {
		value any
		want  string // hex
	}{
		{nil, "c0"},
		{true, "c3"},
		{false, "c2"},
		{0.0, "00"},
		{math.Copysign(0, -1), "00"},
		{127, "7f"},
		{128.0, "cc80"},
		{uint32(256), "cd0100"},
		{65536, "ce00010000"},
		{int64(1) << 33, "cf0000000200000000"},
		{float64(1 << 53), "cf0020000000000000"},
		{-1, "ff"},
		{-33.0, "d0df"},
		{-129, "d1ff7f"},
		{int32(-32769), "d2ffff7fff"},
		{-2147483649.0, "d3ffffffff7fffffff"},
		{1.5, "cb3ff8000000000000"},
		{float32(1.5), "cb3ff8000000000000"},
		{1e300, "cb7e37e43c8800759c"},
		{math.Inf(1), "cb7ff0000000000000"},
		{uint64(math.MaxUint64), "cfffffffffffffffff"},
		{json.Number("12"), "0c"},
		{"", "a0"},
		{long, "d920" + hex.EncodeToString([]byte(long))},
		{"\xff", "a3efbfbd"},
		{"<&>\u2028", "a63c263ee280a8"},
		{[]byte{1, 2}, "c4020102"},
		{[]byte{}, "c400"},
		{[]any{1, "a"}, "9201a161"},
		{[]any(nil), "90"},
		{map[string]any{"b": 1, "a": []byte{9}}, "82a161c40109a16201"},
		{map[string]any(nil), "c0"},
		{[]string{"a"}, "91a161"},
		{map[string]int{"b": 1, "a": 2}, "82a16102a16201"},
		{said{ID: "1", Text: `"<`}, "85a26964a131a466726f6da0a4726f6f6da0a474657874a2223ca46e6f6465a0"},
		{json.RawMessage(` {"b" : [ 1 , -2.5e0, null,true ,false], "a":{} } `), "82a1629501cbc004000000000000c0c3c2a16180"},
		{json.RawMessage(`"\u00e9\n"`), "a3c3a90a"},
		{json.RawMessage(nil), "c0"},
		{make([]int, 16), "dc0010" + strings.Repeat("00", 16)},
		{make([]int, 65536), "dd00010000" + strings.Repeat("00", 65536)},
		{time.Date(2026, 11, 22, 12, 57, 57, 0, time.UTC), "b4" + hex.EncodeToString([]byte("2026-11-22T12:57:57Z"))},
	}
	for _, tt := range tests {
		got, err := pack.AppendValue(nil, tt.value, 0)
		if err != nil {
			t.Errorf("%v: %v", tt.value, err)
		} else if hex.EncodeToString(got) != tt.want {
			t.Errorf("%v: %x, want %s", tt.value, got, tt.want)
		}
	}
}

func TestWhatHasNoFormIsRefused(t *testing.T) {
	deep := any(1)
	for range pack.MaxDepth + 2 {
		deep = []any{deep}
	}
	for _, v := range []any{make(chan int), map[string]any{"a": func() {}}, deep, json.RawMessage(`{"a"`), json.RawMessage(`[1 2]`), json.RawMessage(`tru`), json.RawMessage(`1 2`)} {
		if _, err := pack.AppendValue(nil, v, 0); err == nil {
			t.Errorf("%.40v was packed", v)
		}
	}
}

func TestPackedValuesAreRead(t *testing.T) {
	tests := []struct {
		packed string // hex
		want   any
		json   string // "": it has bytes inside
	}{
		{"c0", nil, "null"},
		{"cd012c", 300.0, "300"},
		{"d1ff7f", -129.0, "-129"},
		{"cfffffffffffffffff", 18446744073709551615.0, "18446744073709551615"},
		{"ca3fc00000", 1.5, "1.5"},
		{"cb7ff8000000000001", nil, "null"},
		{"cb444b1ae4d6e2ef50", 1e21, "1e+21"},
		{"cb3e45798ee2308c3a", 1e-8, "1e-8"},
		{"a161", "a", `"a"`},
		{"a3220a01", "\"\n\x01", `"\"\n\u0001"`},
		{"d901ff", "\ufffd", "\"\ufffd\""},
		{"d40000", nil, "null"},                                                    // undefined
		{"d6ff6a000000", "2026-05-10T03:48:16.000Z", `"2026-05-10T03:48:16.000Z"`}, // Date
		{"d7000000000000000001", "1970-01-01T00:00:00.001Z", `"1970-01-01T00:00:00.001Z"`},
		{"d7ff0000000400000001", "1970-01-01T00:00:01.000Z", `"1970-01-01T00:00:01.000Z"`},
		{"c70cff000f42400000000000000002", "1970-01-01T00:00:02.001Z", `"1970-01-01T00:00:02.001Z"`},
		{"c7020009ff", []byte{9, 255}, ""}, // ArrayBuffer
		{"c40107", []byte{7}, ""},
		{"9201c40107", []any{1.0, []byte{7}}, ""},
		{"82a162a178a16190", map[string]any{"b": "x", "a": []any{}}, `{"b":"x","a":[]}`},
		{"8105c3", map[string]any{"5": true}, `{"5":true}`},
	}
	for _, tt := range tests {
		b, err := hex.DecodeString(tt.packed)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, err := pack.ReadValue(b, 0)
		if err != nil || len(rest) > 0 {
			t.Errorf("%s: rest %x, %v", tt.packed, rest, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.packed, diff)
		}
		text, _, err := pack.AppendJSON(nil, b, 0)
		if tt.json == "" {
			if !errors.Is(err, pack.ErrBinary) {
				t.Errorf("%s: %q, %v, want %v", tt.packed, text, err, pack.ErrBinary)
			}
			continue
		}
		if err != nil || string(text) != tt.json {
			t.Errorf("%s: %q, %v, want %q", tt.packed, text, err, tt.json)
		}
	}
}

func TestBroadcastFromElsewhere(t *testing.T) {
	compress := false
	packed := func(v any) []byte {
		b, err := pack.AppendValue(nil, v, 0)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	packet := json.RawMessage(`{"nsp":"/chat","id":7,"data":["e",{"z":1,"a":2},3],"type":2}`)
	tests := []struct {
		name    string
		message any
		want    socketio.Options
	}{
		{"other order of keys", []any{"u", packet, json.RawMessage(`{"flags":{"volatile":true,"compress":false,"timeout":250,"x":[1]},"except":["b"],"rooms":["a",42]}`)},
			socketio.Options{Rooms: []string{"a", "42"}, Except: []string{"b"}, Flags: socketio.Flags{Volatile: true, Compress: &compress, Timeout: 250 * time.Millisecond}}},
		{"no flags", []any{"u", packet, json.RawMessage(`{"rooms":["a"],"except":[]}`)}, socketio.Options{Rooms: []string{"a"}}},
		{"nil for empty", []any{"u", packet, json.RawMessage(`{"rooms":null,"except":null,"flags":null}`)}, socketio.Options{}},
		{"a fourth item", []any{"u", packet, map[string]any{}, "more"}, socketio.Options{}},
		{"type as a float", []any{"u", json.RawMessage(`{"type":2.0,"data":["e",{"z":1,"a":2},3],"nsp":"/chat"}`), map[string]any{}}, socketio.Options{}},
	}
	for _, tt := range tests {
		m, err := decodeBroadcast(packed(tt.message), "self")
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, m.options); diff != "" {
			t.Errorf("%s: options (-want +got):\n%s", tt.name, diff)
		}
		want := socketio.Packet{Type: socketio.Event, Namespace: "/chat", Data: []any{"e", json.RawMessage(`{"z":1,"a":2}`), 3.0}}
		if diff := cmp.Diff(want, m.Packet); diff != "" {
			t.Errorf("%s: packet (-want +got):\n%s", tt.name, diff)
		}
		if got, want := string(m.Messages[0].Data), `2/chat,["e",{"z":1,"a":2},3]`; got != want {
			t.Errorf("%s: sockets would get %s, want %s", tt.name, got, want)
		}
	}
	m, err := decodeBroadcast(packed([]any{"u", json.RawMessage(`{"type":2,"data":["e"]}`), map[string]any{}}), "self")
	if err != nil || m.Packet.Namespace != "/" {
		t.Errorf("without nsp: namespace %q, %v", m.Packet.Namespace, err)
	}
	m, err = decodeBroadcast(packed([]any{"self", 1, 2}), "self")
	if err != nil || m.uid != "self" || m.Packet.Data != nil {
		t.Errorf("an echo: %+v, %v", m, err)
	}
}

func TestAttachmentsTravel(t *testing.T) {
	p := event("bin", []byte{1, 2}, map[string]any{"k": []byte{3}, "n": 4.0})
	b, err := encodeBroadcast(broadcast{uid: "u", Received: pack.Received{Packet: p}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := decodeBroadcast(b, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, m.Packet); diff != "" || m.Messages != nil {
		t.Errorf("messages %v (-want +got):\n%s", m.Messages, diff)
	}
}

// The two forms of an event have the same order of keys, that of the struct.
func TestStructFieldsKeepTheirOrder(t *testing.T) {
	p := event("said", said{"b-07:12", "b-07", "lobby", "1 < 2", "im-3030"})
	b, err := encodeBroadcast(broadcast{uid: "u", Received: pack.Received{Packet: p}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := decodeBroadcast(b, "")
	if err != nil {
		t.Fatal(err)
	}
	const want = `2["said",{"id":"b-07:12","from":"b-07","room":"lobby","text":"1 < 2","node":"im-3030"}]`
	if got := string(m.Messages[0].Data); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBadMessagesAreRefused(t *testing.T) {
	packed := func(v any) string {
		b, err := pack.AppendValue(nil, v, 0)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	opts, data := map[string]any{}, []any{"e"}
	packet := map[string]any{"type": 2, "data": data, "nsp": "/"}
	deep := strings.Repeat("\x91", pack.MaxDepth+2) + "\x01"
	broadcasts := map[string]string{
		"nothing":          "",
		"text":             "hello",
		"JSON":             `["u",{"type":2,"data":["e"]},{}]`,
		"no array":         packed(packet),
		"no options":       packed([]any{"u", packet}),
		"options nil":      packed([]any{"u", packet, nil}),
		"truncated":        packed([]any{"u", packet, opts})[:12],
		"trailing":         packed([]any{"u", packet, opts}) + "\x01",
		"uid a number":     packed([]any{1, packet, opts}),
		"binary name":      packed([]any{"u", map[string]any{"type": 2, "data": []any{[]byte("e")}}, opts}),
		"reserved name":    packed([]any{"u", map[string]any{"type": 2, "data": []any{"disconnect"}}, opts}),
		"no name":          packed([]any{"u", map[string]any{"type": 2, "data": []any{}}, opts}),
		"no data":          packed([]any{"u", map[string]any{"type": 2}, opts}),
		"no event":         packed([]any{"u", map[string]any{"type": 3, "data": data}, opts}),
		"nsp nil":          packed([]any{"u", map[string]any{"type": 2, "data": data, "nsp": nil}, opts}),
		"rooms a string":   packed([]any{"u", packet, map[string]any{"rooms": "abc"}}),
		"too deep":         "\x93\xa1u\x82\xa4type\x02\xa4data\x92\xa1e" + deep + "\x80",
		"endless array":    "\xdd\xff\xff\xff\xff\xa1u",
		"unknown ext":      "\x93\xa1u\x82\xa4type\x02\xa4data\x92\xa1e\xd4\x09\x01\x80",
		"never-used byte":  "\x93\xa1u\x82\xa4type\x02\xa4data\x92\xa1e\xc1\x80",
		"map as map's key": "\x93\xa1u\x82\xa4type\x02\xa4data\x92\xa1e\x81\x80\x01\x80",
	}
	for name, m := range broadcasts {
		if _, err := decodeBroadcast([]byte(m), ""); err == nil {
			t.Errorf("broadcast, %s: accepted", name)
		}
	}
	requests := map[string]string{
		"nothing":             "",
		"text":                "GARBAGE",
		"half":                `{"type":1`,
		"no type":             `{"uid":"u"}`,
		"unknown type":        `{"type":12}`,
		"a response's type":   `{"type":8}`,
		"type a string":       `{"type":"1"}`,
		"fetch, no opts":      `{"uid":"u","requestId":"r","type":5}`,
		"emit, no data":       `{"uid":"u","type":6}`,
		"emit, no name":       `{"uid":"u","type":6,"data":[]}`,
		"emit, number":        `{"uid":"u","type":6,"data":[1]}`,
		"rooms of rooms":      `{"type":2,"opts":{"rooms":[["a"]]},"rooms":["b"]}`,
		"packed, no packet":   packed(map[string]any{"type": 7, "requestId": "r", "opts": opts}),
		"packed, no opts":     packed(map[string]any{"type": 7, "requestId": "r", "packet": packet}),
		"packed, trailing":    packed(map[string]any{"type": 1, "requestId": "r"}) + "\x01",
		"packed, half a type": packed(map[string]any{"type": 1.5}),
		"too deep":            `{"type":6,"data":["e",` + strings.Repeat("[", pack.MaxDepth) + strings.Repeat("]", pack.MaxDepth) + `]}`,
	}
	for name, m := range requests {
		if _, err := decodeRequest([]byte(m)); err == nil {
			t.Errorf("request, %s: accepted", name)
		}
	}
	responses := map[string]string{
		"nothing":           "",
		"text":              "GARBAGE",
		"no request":        `{"sockets":[]}`,
		"count below zero":  `{"type":8,"requestId":"r","clientCount":-1}`,
		"sockets no array":  `{"requestId":"r","sockets":5}`,
		"socket a number":   `{"requestId":"r","sockets":[1]}`,
		"packed, no type":   packed(map[string]any{"requestId": "r"}),
		"packed, truncated": packed(map[string]any{"requestId": "r", "type": 9})[:5],
	}
	for name, m := range responses {
		if _, err := decodeResponse([]byte(m)); err == nil {
			t.Errorf("response, %s: accepted", name)
		}
	}
}

// What one application of the cluster keeps for a socket does not harm the others.
func TestSocketsWithAnyRoomsAndData(t *testing.T) {
	for data, want := range map[string]any{
		`{"a":1}`: map[string]any{"a": 1.0}, `"text"`: "text", `7`: 7.0, `[1,"b"]`: []any{1.0, "b"}, `true`: true, `null`: nil,
		`"2026-01-01T00:00:00.000Z"`: "2026-01-01T00:00:00.000Z",
	} {
		text := `{"requestId":"r","sockets":[{"id":"s","handshake":{},"rooms":["s",123,1.5,true,{"a":[]}],"data":` + data + `}]}`
		r, err := decodeResponse([]byte(text))
		if err != nil {
			t.Errorf("data %s: %v", data, err)
			continue
		}
		s := r.sockets[0]
		if diff := cmp.Diff([]string{"s", "123", "1.5", "true", `{"a":[]}`}, s.Rooms); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, s.Data); diff != "" {
			t.Errorf("data %s: %s", data, diff)
		}
		s.Rooms = []string{"s"}
		again, err := appendResponse(nil, response{kind: kindNone, id: "r", sockets: []socketio.RemoteSocket{s}})
		if got := string(again); err != nil || got != `{"requestId":"r","sockets":[{"id":"s","handshake":{},"rooms":["s"],"data":`+data+`}]}` {
			t.Errorf("written again: %s, %v", got, err)
		}
	}
}

func TestRequestsInEitherForm(t *testing.T) {
	text := `{"uid":"u","requestId":"r","type":0,"rooms":["a"]}`
	a, err := decodeRequest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := pack.AppendValue(nil, json.RawMessage(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := decodeRequest(packed)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(b), fmt.Sprint(a); got != want {
		t.Errorf("packed %s, JSON %s", got, want)
	}
	if got, err := appendRequest(nil, a); err != nil || string(got) != text {
		t.Errorf("encoded again: %s, %v", got, err)
	}
}

func TestBytesInServerSideEvents(t *testing.T) {
	got, err := appendRequest(nil, request{uid: "u", kind: kindServerSideEmit, data: []any{"e", []byte{1, 255}}})
	if want := `{"uid":"u","type":6,"data":["e",{"type":"Buffer","data":[1,255]}]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
