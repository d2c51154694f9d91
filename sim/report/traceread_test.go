package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/trace"
)

// traceLine is a line of a written trace.
type traceLine struct {
	Seq     uint64      `json:"seq"`
	At      json.Number `json:"at"`
	Lane    *string     `json:"lane"`
	N       uint32      `json:"n"`
	Kind    string      `json:"kind"`
	Cause   string      `json:"cause"`
	Node    string      `json:"node"`
	Client  string      `json:"client"`
	Session string      `json:"session"`
	Socket  string      `json:"socket"`
	Room    string      `json:"room"`
	Peer    string      `json:"peer"`
	Text    string      `json:"text"`
	Msg     string      `json:"msg"`
	Status  int32       `json:"status"`
	Value   json.Number `json:"value"`
}

// TraceReader reads what AppendEvents wrote. Events of one lane share one
// Lane; it is there to be compared and named, nothing may be emitted on it.
type TraceReader struct {
	in    *bufio.Reader
	lanes map[string]*trace.Lane
	kinds map[string]trace.Kind
	line  int
}

// NewTraceReader returns a reader of the trace in r.
func NewTraceReader(r io.Reader) *TraceReader {
	t := &TraceReader{in: bufio.NewReader(r), lanes: make(map[string]*trace.Lane), kinds: make(map[string]trace.Kind)}
	for k := trace.None; ; k++ {
		name := k.String()
		if strings.HasPrefix(name, "kind(") {
			return t
		}
		t.kinds[name] = k
	}
}

// ReadTrace reads a whole trace. When a line is wrong it returns the events
// before it, and the error with the line's number.
func ReadTrace(r io.Reader) ([]trace.Event, error) {
	t := NewTraceReader(r)
	var all []trace.Event
	for {
		e, err := t.Read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, e)
	}
}

// Read returns the next event, or io.EOF. Empty lines are passed over.
func (t *TraceReader) Read() (trace.Event, error) {
	for {
		text, err := t.in.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return trace.Event{}, fmt.Errorf("read trace: %w", err)
		}
		t.line++
		if text = bytes.TrimSpace(text); len(text) > 0 {
			e, err := t.event(text)
			if err != nil {
				return trace.Event{}, fmt.Errorf("trace line %d: %w", t.line, err)
			}
			return e, nil
		}
		if err == io.EOF {
			return trace.Event{}, io.EOF
		}
	}
}

func (t *TraceReader) event(text []byte) (e trace.Event, err error) {
	var x traceLine
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&x); err != nil {
		return e, err
	}
	if dec.More() {
		return e, fmt.Errorf("more than one object")
	}
	kind, ok := t.kinds[x.Kind]
	if !ok {
		return e, fmt.Errorf("unknown kind %q", x.Kind)
	}
	e = trace.Event{
		Seq: x.Seq, Kind: kind, Node: trace.N(x.Node), Client: trace.N(x.Client), Session: trace.N(x.Session),
		Socket: trace.N(x.Socket), Room: trace.N(x.Room), Peer: trace.N(x.Peer), Text: trace.N(x.Text), Status: x.Status,
	}
	if x.Lane != nil {
		e.Lane, e.N = t.lane(*x.Lane), x.N
	}
	if e.At, err = parseSeconds(x.At.String()); err != nil {
		return e, fmt.Errorf("at: %w", err)
	}
	if x.Value != "" {
		if e.Value, err = parseSeconds(x.Value.String()); err != nil {
			return e, fmt.Errorf("value: %w", err)
		}
	}
	if x.Cause != "" {
		lane, n, err := numbered(x.Cause, '#')
		if err != nil {
			return e, fmt.Errorf("cause: %w", err)
		}
		e.Cause = trace.Ref{Lane: t.lane(lane), N: n}
	}
	if x.Msg != "" {
		from, n, err := numbered(x.Msg, ':')
		if err != nil {
			return e, fmt.Errorf("msg: %w", err)
		}
		e.Msg = trace.Msg{From: trace.N(from), N: n}
	}
	return e, nil
}

func (t *TraceReader) lane(name string) *trace.Lane {
	l, ok := t.lanes[name]
	if !ok {
		l = trace.NewRecorder(nil).Lane(trace.LaneID{Host: name})
		t.lanes[name] = l
	}
	return l
}

// numbered splits "name#3" at the last separator.
func numbered(s string, sep byte) (string, uint32, error) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return "", 0, fmt.Errorf("%q has no %q", s, sep)
	}
	n, err := strconv.ParseUint(s[i+1:], 10, 32)
	if err != nil {
		return "", 0, fmt.Errorf("%q does not end in a number", s)
	}
	return s[:i], uint32(n), nil
}

// parseSeconds reads seconds with up to nine decimals, exactly.
func parseSeconds(s string) (time.Duration, error) {
	rest, negative := strings.CutPrefix(s, "-")
	whole, frac, _ := strings.Cut(rest, ".")
	n, err := strconv.ParseUint(whole, 10, 33)
	if err != nil || len(frac) > 9 {
		return 0, fmt.Errorf("%q is not a number of seconds", s)
	}
	f := uint64(0)
	if frac != "" {
		if f, err = strconv.ParseUint((frac + "000000000")[:9], 10, 32); err != nil {
			return 0, fmt.Errorf("%q is not a number of seconds", s)
		}
	}
	d := time.Duration(n*1e9 + f)
	if negative {
		d = -d
	}
	return d, nil
}
