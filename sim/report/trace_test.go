package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
)

// everything is an event with all its fields set, and awkward ones.
func everything() []trace.Event {
	rec := trace.NewRecorder(nil)
	out, in := rec.Lane(trace.LaneID{Host: "im-3030/sid/out"}), rec.Lane(trace.LaneID{Host: `proxy<"beijing-07/ws"#1`})
	return []trace.Event{
		{
			Seq: 1, At: 31402118000, Lane: out, N: 7, Kind: trace.Sent, Cause: trace.Ref{Lane: in, N: 12},
			Node: trace.N("im-3030"), Client: trace.N("beijing-07"), Session: trace.N("sid"), Socket: trace.N("b1Q"), Room: trace.N("lobby"),
			Peer: trace.N("203.0.113.77"), Text: trace.N("a \"word\"\\\n\x01\x7f 东 é"), Msg: trace.Msg{From: trace.N("beijing:07"), N: 12},
			Status: 400, Value: 41 * time.Millisecond,
		},
		{Seq: 2, At: 1, Lane: in, N: 1, Kind: trace.Step},
		{Seq: 18446744073709551615, At: time.Hour, Kind: trace.Reconnecting, Status: -1, Value: -1500 * time.Millisecond},
	}
}

func TestTraceLines(t *testing.T) {
	var b bytes.Buffer
	events := append(everything(), live([]region{{"beijing", "im-3030", 1}, {"shanghai", "im-5080", 1}}, true)[:30]...)
	b.Write(AppendEvents(nil, events))
	golden(t, "trace.jsonl", b.Bytes())
	for line := range bytes.Lines(b.Bytes()) {
		if !json.Valid(line) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestTraceRoundTrip(t *testing.T) {
	var first, second bytes.Buffer
	events := append(everything(), live([]region{{"beijing", "im-3030", 3}, {"shanghai", "im-5080", 3}}, true)...)
	first.Write(AppendEvents(nil, events))
	again, err := ReadTrace(bytes.NewReader(first.Bytes()))
	if err != nil || len(again) != len(events) {
		t.Fatalf("read %d of %d events: %v", len(again), len(events), err)
	}
	if again[0].Msg != events[0].Msg || again[0].Text != events[0].Text || again[0].Cause.Lane.Name() != events[0].Cause.Lane.Name() || again[0].At != events[0].At {
		t.Errorf("read %+v, want %+v", again[0], events[0])
	}
	second.Write(AppendEvents(nil, again))
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("writing what was read gives other bytes")
	}
}

func TestTraceFoldsTheSame(t *testing.T) {
	events := live([]region{{"beijing", "im-3030", 3}, {"shanghai", "im-5080", 3}}, true)
	var b, want, got bytes.Buffer
	b.Write(AppendEvents(nil, events))
	again, err := ReadTrace(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteJSON(&want, finish("x", "", events)), WriteJSON(&got, finish("x", "", again))); err != nil {
		t.Fatal(err)
	}
	if want.String() != got.String() {
		t.Errorf("a written trace gives %s, want %s", got.String(), want.String())
	}
}

func TestTraceErrors(t *testing.T) {
	ok := `{"seq":1,"at":0.000000001,"kind":"step"}` + "\n\n"
	for _, c := range []struct{ line, want string }{
		{`{`, "trace line 3: unexpected EOF"},
		{`{"at":0,"kind":"nonsense"}`, `trace line 3: unknown kind "nonsense"`},
		{`{"at":1e3,"kind":"step"}`, `trace line 3: at: "1e3" is not a number of seconds`},
		{`{"at":1.0000000001,"kind":"step"}`, `trace line 3: at: "1.0000000001" is not a number of seconds`},
		{`{"kind":"step"}`, `trace line 3: at: "" is not a number of seconds`},
		{`{"at":0,"kind":"step","value":0.x}`, "trace line 3: invalid character"},
		{`{"at":0,"kind":"step","cause":"lane"}`, `trace line 3: cause: "lane" has no '#'`},
		{`{"at":0,"kind":"said","msg":"a:-1"}`, `trace line 3: msg: "a:-1" does not end in a number`},
		{`{"at":0,"kind":"step"} {}`, "trace line 3: more than one object"},
		{`{"at":0,"kind":"step","colour":1}`, `trace line 3: json: unknown field "colour"`},
	} {
		events, err := ReadTrace(strings.NewReader(ok + c.line))
		if len(events) != 1 || err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %d events, %v; want one and %q", c.line, len(events), err, c.want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestASummaryReportsTheErrorOfItsWriter(t *testing.T) {
	if err := WriteText(full{}, results()[2], format.Screen{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("the summary: %v", err)
	}
}

func FuzzReadTrace(f *testing.F) {
	var b bytes.Buffer
	b.Write(AppendEvents(nil, everything()))
	f.Add(b.Bytes())
	f.Add([]byte(`{"seq":1,"at":-0.5,"lane":"","n":0,"kind":"none"}`))
	f.Add([]byte("{\"at\":0,\"kind\":\"step\",\"text\":\"\xff\\ud800\"}\n\n"))
	f.Add([]byte(`{"at":9000000000.999999999,"kind":"read","msg":":0","cause":"#4294967295"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		events, _ := ReadTrace(bytes.NewReader(data))
		var first, second bytes.Buffer
		first.Write(AppendEvents(nil, events))
		again, err := ReadTrace(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first.Bytes())
		}
		second.Write(AppendEvents(nil, again))
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("%s\nis written again as\n%s", first.Bytes(), second.Bytes())
		}
	})
}

func BenchmarkAppendEvents(b *testing.B) {
	events := live([]region{{"beijing", "im-3030", 5}, {"shanghai", "im-5080", 5}}, true)
	var buf []byte
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		buf = appendEvent(buf[:0], &events[i%len(events)])
		i++
	}
}
