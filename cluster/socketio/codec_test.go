package socketio

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/engineio"
)

// frames returns messages as tests write them: text, or binary after a "#".
func frames(messages []engineio.Message) []string {
	var list []string
	for _, m := range messages {
		if m.Binary {
			list = append(list, "#"+string(m.Data))
		} else {
			list = append(list, string(m.Data))
		}
	}
	return list
}

// decode puts together the packet of list, of which all but the last frame must
// leave it incomplete.
func decode(t *testing.T, list []string) (*Packet, error) {
	t.Helper()
	var d Decoder
	for i, f := range list {
		data, binary := strings.CutPrefix(f, "#")
		p, err := d.Add([]byte(data), binary)
		if err != nil {
			return nil, err
		}
		if last := i == len(list)-1; (p != nil) != last {
			t.Fatalf("after frame %d of %q: packet %v", i, list, p)
		}
		if p != nil {
			return p, nil
		}
	}
	return nil, nil
}

func ptr(n uint64) *uint64 { return &n }

// Most of the bytes were captured from sessions of the official client with the
// official server.
var codec = []struct {
	name   string
	packet Packet
	frames []string
}{
	{"connect", Packet{Connect, "/", nil, nil}, []string{`0`}},
	{"connect with auth", Packet{Connect, "/", nil, map[string]any{"user": "u1"}}, []string{`0{"user":"u1"}`}},
	{"connect to a namespace", Packet{Connect, "/nope", nil, nil}, []string{`0/nope,`}},
	{"connect to a namespace with auth", Packet{Connect, "/admin", nil, map[string]any{"token": "bad"}}, []string{`0/admin,{"token":"bad"}`}},
	{"connected", Packet{Connect, "/", nil, map[string]any{"sid": "_HIdFmQ4gY2lTK8wAAAA"}}, []string{`0{"sid":"_HIdFmQ4gY2lTK8wAAAA"}`}},
	{"disconnect", Packet{Disconnect, "/", nil, nil}, []string{`1`}},
	{"disconnect of a namespace", Packet{Disconnect, "/admin", nil, nil}, []string{`1/admin,`}},
	{"event", Packet{Event, "/", nil, []any{"x", 1.0}}, []string{`2["x",1]`}},
	{"event that asks", Packet{Event, "/", ptr(0), []any{"echo", map[string]any{"a": []any{1.0, "é"}}}}, []string{`20["echo",{"a":[1,"é"]}]`}},
	{"event of a namespace that asks", Packet{Event, "/admin", ptr(456), []any{"project:delete", 123.0}}, []string{`2/admin,456["project:delete",123]`}},
	{"event with a number for a name", Packet{Event, "/", nil, []any{42.0}}, []string{`2[42]`}},
	{"ack", Packet{Ack, "/", ptr(0), []any{"answer"}}, []string{`30["answer"]`}},
	{"empty ack", Packet{Ack, "/", ptr(12), []any{}}, []string{`312[]`}},
	{"ack without a payload", Packet{Ack, "/", ptr(3), nil}, []string{`33`}},
	{"refused with a text", Packet{ConnectError, "/", nil, "no"}, []string{`4"no"`}},
	{"refused", Packet{ConnectError, "/nope", nil, map[string]any{"message": "Invalid namespace"}}, []string{`4/nope,{"message":"Invalid namespace"}`}},
	{"binary event", Packet{BinaryEvent, "/", nil, []any{"bin", []byte{1, 2, 3}}}, []string{`51-["bin",{"_placeholder":true,"num":0}]`, "#\x01\x02\x03"}},
	{
		"binary event with nested attachments",
		Packet{BinaryEvent, "/", nil, []any{"bin-back", []byte{1, 2, 3}, map[string]any{"n": []byte{9}}}},
		[]string{`52-["bin-back",{"_placeholder":true,"num":0},{"n":{"_placeholder":true,"num":1}}]`, "#\x01\x02\x03", "#\x09"},
	},
	{"binary event that asks", Packet{BinaryEvent, "/a", ptr(7), []any{"b", []byte{}}}, []string{`51-/a,7["b",{"_placeholder":true,"num":0}]`, "#"}},
	{"binary ack", Packet{BinaryAck, "/admin", ptr(456), []any{[]byte{3, 2, 1}}}, []string{`61-/admin,456[{"_placeholder":true,"num":0}]`, "#\x03\x02\x01"}},
}

func TestCodec(t *testing.T) {
	for _, test := range codec {
		t.Run(test.name, func(t *testing.T) {
			messages, err := Encode(test.packet)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.frames, frames(messages)); diff != "" {
				t.Errorf("encoded (-want +got):\n%s", diff)
			}
			p, err := decode(t, test.frames)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.packet, *p); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

// What the official parser takes although the official encoder never writes it.
func TestDecodeLenient(t *testing.T) {
	for in, want := range map[string]Packet{
		`0/custom`:                    {Connect, "/custom", nil, nil},
		`2/,["a"]`:                    {Event, "/", nil, []any{"a"}},
		`2007["a"]`:                   {Event, "/", ptr(7), []any{"a"}},
		`2 ["a" , null] `:             {Event, "/", nil, []any{"a", nil}},
		`2`:                           {Event, "/", nil, nil},
		`21`:                          {Event, "/", ptr(1), nil},
		`2["a",1e400]`:                {Event, "/", nil, []any{"a", math.Inf(1)}},
		`2["a",{"b":-1e400,"c":[1]}]`: {Event, "/", nil, []any{"a", map[string]any{"b": math.Inf(-1), "c": []any{1.0}}}},
		`299999999999999999999["a"]`:  {Event, "/", nil, []any{"a"}},
		`0/a?b=c,{}`:                  {Connect, "/a?b=c", nil, map[string]any{}},
	} {
		p, err := decode(t, []string{in})
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if diff := cmp.Diff(want, *p); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

var malformed = []struct {
	name   string
	frames []string
	want   string
}{
	{"empty", []string{``}, `unknown packet type`},
	{"letter for a type", []string{`abc`}, `unknown packet type "a"`},
	{"type 7", []string{`7`}, `unknown packet type "7"`},
	{"event with an object", []string{`2{}`}, "invalid payload"},
	{"event with an empty array", []string{`2[]`}, "invalid payload"},
	{"event named by an object", []string{`2[{}]`}, "invalid payload"},
	{"event that is no JSON", []string{`2["a"`}, "invalid payload"},
	{"letters for an ack id", []string{`2abc["message-with-ack",1]`}, "invalid payload"},
	{"connect with an array", []string{`0[]`}, "invalid payload"},
	{"connect with a text", []string{`0"abc"`}, "invalid payload"},
	{"connect with null", []string{`0null`}, "invalid payload"},
	{"disconnect with a payload", []string{`1{}`}, "invalid payload"},
	{"ack with an object", []string{`30{}`}, "invalid payload"},
	{"reserved name connect", []string{`2["connect"]`}, "invalid payload"},
	{"reserved name connect_error", []string{`2["connect_error"]`}, "invalid payload"},
	{"reserved name disconnect", []string{`2["disconnect"]`}, "invalid payload"},
	{"reserved name disconnecting", []string{`2["disconnecting"]`}, "invalid payload"},
	{"reserved name newListener", []string{`2["newListener"]`}, "invalid payload"},
	{"reserved name removeListener", []string{`51-["removeListener"]`, "#"}, "invalid payload"},
	{"binary without a header", []string{"#\x01"}, "got binary data when not reconstructing a packet"},
	{"text while attachments are missing", []string{`51-["a",{"_placeholder":true,"num":0}]`, `2["a"]`}, "got plaintext data when reconstructing a packet"},
	{"no attachment count", []string{`5["a"]`}, "illegal attachments"},
	{"negative attachment count", []string{`5-1-["a"]`}, "illegal attachments"},
	{"zero attachments", []string{`50-["a"]`}, "illegal attachments"},
	{"half an attachment", []string{`50.5-["a"]`}, "illegal attachments"},
	{"11 attachments", []string{`511-["a"]`}, "too many attachments"},
	{"placeholder beyond the attachments", []string{`51-["a",{"_placeholder":true,"num":1}]`, "#"}, "illegal attachments"},
	{"placeholder of no number", []string{`51-["a",{"_placeholder":true,"num":"0"}]`, "#"}, "illegal attachments"},
}

func TestDecodeMalformed(t *testing.T) {
	for _, test := range malformed {
		t.Run(test.name, func(t *testing.T) {
			_, err := decode(t, test.frames)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// Values are written as JSON.stringify writes them.
func TestEncodeValues(t *testing.T) {
	type message struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	}
	for _, test := range []struct {
		value any
		want  string
	}{
		{1.0, "1"}, {-0.5, "-0.5"}, {1e6, "1000000"}, {123456789012.0, "123456789012"},
		{1e20, "100000000000000000000"}, {1e21, "1e+21"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {1.5e-10, "1.5e-10"},
		{math.Copysign(0, -1), "0"}, {math.NaN(), "null"}, {math.Inf(1), "null"},
		{int64(-5), "-5"}, {uint8(7), "7"}, {true, "true"},
		{"<a href='&'>", `"<a href='&'>"`}, {"a\"b\\c\n\t\b\f\r\x01\x7f", `"a\"b\\c\n\t\b\f\r\u0001` + "\x7f" + `"`},
		{"bad\xff!", "\"bad\uFFFD!\""}, {"\uFFFD", "\"\uFFFD\""}, {"日本", `"日本"`},
		{map[string]any{"b": 1, "a": []any{nil}}, `{"a":[null],"b":1}`}, {map[string]any(nil), "null"},
		{message{"beijing-07:12", "<hi>"}, `{"id":"beijing-07:12","text":"<hi>"}`},
		{&message{}, `{"id":"","text":""}`}, {[]string{"x"}, `["x"]`},
	} {
		messages, err := Encode(Packet{Type: Event, Data: []any{test.value}})
		if err != nil {
			t.Errorf("%v: %v", test.value, err)
			continue
		}
		if got := string(messages[0].Data); got != "2["+test.want+"]" {
			t.Errorf("%#v is written %s, want %s", test.value, got, "2["+test.want+"]")
		}
	}
}

func TestEncodeFails(t *testing.T) {
	many := []any{"a"}
	for range MaxAttachments + 1 {
		many = append(many, []byte{1})
	}
	for name, p := range map[string]Packet{
		"a value without JSON": {Type: Event, Data: []any{"a", make(chan int)}},
		"unknown type":         {Type: 7},
		"event without data":   {Type: Event},
		"11 attachments":       {Type: Event, Data: many},
	} {
		if messages, err := Encode(p); err == nil {
			t.Errorf("%s: encoded as %q", name, frames(messages))
		}
	}
}

// An attachment does not alias the buffer that the transport reads into.
func TestDecoderKeepsNothing(t *testing.T) {
	var d Decoder
	head, body := []byte(`51-["a",{"_placeholder":true,"num":0}]`), []byte{1, 2}
	if _, err := d.Add(head, false); err != nil {
		t.Fatal(err)
	}
	p, err := d.Add(body, true)
	if err != nil {
		t.Fatal(err)
	}
	clear(head)
	clear(body)
	if diff := cmp.Diff([]any{"a", []byte{1, 2}}, p.Data); diff != "" {
		t.Error(diff)
	}
}

func TestPacketEvent(t *testing.T) {
	name, args, ok := Packet{Type: Event, Data: []any{7.0, "x"}}.Event()
	if name != "7" || !ok || !cmp.Equal(args, []any{"x"}) {
		t.Errorf("got %q %v %v", name, args, ok)
	}
	if got := BinaryEvent.String() + ", " + PacketType(9).String(); got != "BINARY_EVENT, packet type 9" {
		t.Error(got)
	}
	if _, _, ok := (Packet{Type: Ack, Data: []any{"x"}}).Event(); ok {
		t.Error("an ack is no event")
	}
}
