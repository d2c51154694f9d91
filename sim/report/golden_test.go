package report

import (
	"bytes"
	order "cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/trace"
	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// region is a group of clients that all are on one node.
type region struct {
	name, node string
	clients    int
}

// live is the trace of a minute in which every client says something every 5 s
// and is heard on the speaker's own node only, if the adapter is off.
func live(regions []region, adapter bool) []trace.Event {
	var out []trace.Event
	lanes := map[string]*trace.Lane{}
	numbers := map[string]uint32{}
	rec := trace.NewRecorder(nil)
	emit := func(at time.Duration, lane string, e trace.Event) {
		if lanes[lane] == nil {
			lanes[lane] = rec.Lane(trace.LaneID{Host: lane})
		}
		numbers[lane]++
		e.Seq, e.At, e.Lane, e.N = uint64(len(out)+1), at, lanes[lane], numbers[lane]
		out = append(out, e)
	}
	node := func(r region) trace.Name { return trace.N(r.node) }
	up := map[string]bool{}
	for _, r := range regions {
		if !up[r.node] {
			up[r.node] = true
			emit(0, r.node, trace.Event{Kind: trace.NodeUp, Node: node(r), Peer: trace.N("127.0.0.1:3030")})
			if adapter {
				emit(0, r.node, trace.Event{Kind: trace.AdapterOn, Node: node(r)})
				emit(0, r.node, trace.Event{Kind: trace.RedisUp, Node: node(r)})
			}
		}
	}
	type user struct {
		region
		name, socket trace.Name
	}
	var users []user
	for _, r := range regions {
		for i := range r.clients {
			u := user{r, trace.N(fmt.Sprintf("%s-%02d", r.name, i+1)), trace.N(fmt.Sprintf("%s-%02d@%s", r.name, i+1, r.node))}
			users = append(users, u)
			lane := u.name.String()
			emit(time.Second, "steps", trace.Event{Kind: trace.ClientAdded, Client: u.name, Peer: trace.N("203.0.113.7"), Room: trace.N("lobby"), Text: trace.N(r.name)})
			emit(time.Second, lane, trace.Event{Kind: trace.Asked, Client: u.name, Text: trace.N("GET polling")})
			emit(time.Second, lane, trace.Event{Kind: trace.Answered, Client: u.name, Text: trace.N("GET polling"), Status: 200, Value: 41 * time.Millisecond})
			emit(time.Second, r.node, trace.Event{Kind: trace.SessionOpened, Node: node(r), Session: u.socket, Text: trace.N("polling")})
			emit(time.Second, r.node, trace.Event{Kind: trace.SocketOpened, Node: node(r), Session: u.socket, Socket: u.socket, Client: u.name})
			emit(time.Second, lane, trace.Event{Kind: trace.Connected, Client: u.name, Session: u.socket, Socket: u.socket, Text: trace.N("polling")})
			emit(time.Second, r.node, trace.Event{Kind: trace.Joined, Node: node(r), Socket: u.socket, Client: u.name, Room: trace.N("lobby")})
			emit(time.Second, r.node, trace.Event{Kind: trace.SessionUpgraded, Node: node(r), Session: u.socket})
		}
	}
	for k := range 11 {
		for i, u := range users {
			at := 5*time.Second*time.Duration(k+1) + time.Duration(i)*time.Millisecond
			msg := trace.Msg{From: u.name, N: uint32(k + 1)}
			emit(at, u.name.String(), trace.Event{Kind: trace.Said, Client: u.name, Msg: msg, Room: trace.N("lobby")})
			emit(at, u.node, trace.Event{Kind: trace.Sent, Node: node(u.region), Client: u.name, Socket: u.socket, Msg: msg, Room: trace.N("lobby")})
			cause := trace.Ref{Lane: lanes[u.node], N: numbers[u.node]}
			for j, to := range users {
				if to.node == u.node || adapter {
					emit(at, to.node, trace.Event{Kind: trace.Wrote, Node: node(to.region), Client: to.name, Socket: to.socket, Msg: msg, Cause: cause})
					emit(at+time.Duration(20+j)*time.Millisecond, to.name.String(), trace.Event{Kind: trace.Read, Client: to.name, Socket: to.socket, Msg: msg})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b trace.Event) int { return order.Compare(a.At, b.At) })
	for i := range out {
		out[i].Seq = uint64(i + 1)
	}
	return out
}

// finish folds a trace into the result of a minute.
func finish(name, title string, events []trace.Event, more ...trace.Event) *Result {
	l := ledger.New(ledger.Config{Settle: 2 * time.Second, End: time.Minute})
	w := l.Watch(0, time.Minute)
	for i := range events {
		l.Apply(&events[i])
	}
	for i := range more {
		l.Apply(&more[i])
	}
	l.Advance(62 * time.Second)
	return &Result{
		Scenario: name, Title: title, Seed: 7, Virtual: time.Minute, Wall: 910 * time.Millisecond,
		Verdict: expect.Pass, Final: l.Snapshot(w), Expectations: []Expectation{},
	}
}

func results() []*Result {
	calm := finish("two-regions", "Two regions, no adapter", live([]region{{"beijing", "im-3030", 20}, {"shanghai", "im-5080", 20}}, false))
	calm.Expectations = []Expectation{
		{That: "delivery.cross.ratio == 0", At: 19 * time.Second, Verdict: expect.Pass, Actual: "delivery.cross.ratio = 0 (0/2,240)", Why: "a node knows only its own sockets"},
		{That: "errors['Session ID unknown'] == 0", At: time.Minute, Verdict: expect.Pass, Actual: "errors['Session ID unknown'] = 0"},
	}

	broken := finish("./my scenarios/three.yaml", "Three nodes, one of which falls over in the middle of it all, and what comes of that",
		live([]region{{"beijing", "im-3030", 9}, {"shanghai", "im-5080", 6}, {"tokyo", "im-7070", 5}}, true),
		trace.Event{At: 58 * time.Second, Kind: trace.Sent, Node: trace.N("im-3030"), Client: trace.N("beijing-01"), Msg: trace.Msg{From: trace.N("beijing-01"), N: 99}, Room: trace.N("lobby")},
		trace.Event{At: 58 * time.Second, Kind: trace.Published, Node: trace.N("im-3030"), Msg: trace.Msg{From: trace.N("beijing-01"), N: 99}},
		trace.Event{At: 58010 * time.Millisecond, Kind: trace.NodeDown, Node: trace.N("im-5080"), Text: trace.N("killed")},
		trace.Event{At: 58020 * time.Millisecond, Kind: trace.Disconnected, Client: trace.N("shanghai-01"), Text: trace.N("transport close")},
		trace.Event{At: 58030 * time.Millisecond, Kind: trace.Proxied, Peer: trace.N("192.0.2.1"), Status: 502},
		trace.Event{At: 58040 * time.Millisecond, Kind: trace.ConnectError, Client: trace.N("shanghai-01"), Text: trace.N("xhr poll error"), Status: 502},
		trace.Event{At: 58050 * time.Millisecond, Kind: trace.Refused, Node: trace.N("im-3030"), Text: trace.N("Session ID unknown"), Status: 400},
		trace.Event{At: 58060 * time.Millisecond, Kind: trace.Refused, Node: trace.N("im-3030"), Text: trace.N("Session ID unknown"), Status: 400},
		trace.Event{At: 58070 * time.Millisecond, Kind: trace.Reconnecting, Client: trace.N("shanghai-01"), Status: 1, Value: time.Second},
	)
	broken.Verdict = expect.Fail
	broken.Expectations = []Expectation{
		{That: "delivery.total.ratio == 1", At: time.Minute, Verdict: expect.Fail, Actual: "delivery.total.ratio = 0.995 (4,400/4,420)", Why: "nothing is lost while the adapter is on <unless a node & its sockets die>"},
		{That: "latency.p99 < 250 && errors['502 Bad Gateway'] == 0 && errors['Session ID unknown'] == 0 && sessions.lost == 0", From: 30 * time.Second, At: 59500 * time.Millisecond, Verdict: expect.Fail, Actual: "latency.p99 = 39.0, errors['502 Bad Gateway'] = 1, errors['Session ID unknown'] = 2, sessions.lost = 6", Why: "im-5080 went down at 0:58.01"},
		{That: "delivery.cross.ratio == 1", From: 59 * time.Second, At: time.Minute, Verdict: expect.Inconclusive, Actual: "delivery.cross.ratio (0/0)", Why: "nothing was due"},
		{That: "nodes['im-3030'].up", At: time.Minute, Verdict: expect.Pass, Actual: "nodes['im-3030'].up = true"},
	}
	empty := finish("empty", "", nil)
	stopped := &Result{
		Scenario: "stopped", Title: "Stopped before its end", Seed: 7, Virtual: time.Minute, Err: errors.New("stopped before the end"),
		Expectations: []Expectation{{That: "clients.connected == 40", At: time.Minute, Actual: "not measured: stopped before the end"}},
	}
	return []*Result{calm, broken, empty, stopped}
}

func TestText(t *testing.T) {
	for i, r := range results() {
		var plain, narrow, color bytes.Buffer
		for _, x := range []struct {
			to *bytes.Buffer
			o  format.Screen
		}{{&plain, format.Screen{}}, {&narrow, format.Screen{Width: 50}}, {&color, format.Screen{Color: true}}} {
			if err := WriteText(x.to, r, x.o); err != nil {
				t.Fatal(err)
			}
		}
		golden(t, fmt.Sprintf("summary-%d.txt", i), plain.Bytes())
		golden(t, fmt.Sprintf("summary-%d-narrow.txt", i), narrow.Bytes())
		golden(t, fmt.Sprintf("summary-%d-color.txt", i), color.Bytes())
		for _, line := range bytes.Split(plain.Bytes(), []byte("\n")) {
			if format.Width(string(line)) > 80 {
				t.Errorf("a line of %d columns: %s", format.Width(string(line)), line)
			}
		}
	}
	var total bytes.Buffer
	if err := WriteTotal(&total, results(), 2730*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if got := total.String(); got != "4 scenarios in 2.73 s: 2 pass, 1 fail, 1 not judged\n" {
		t.Errorf("total: %q", got)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	for _, r := range results() {
		if err := WriteJSON(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "results.jsonl", b.Bytes())
	if bytes.Contains(b.Bytes(), []byte("null")) {
		t.Error("a null in the JSON")
	}
	b.Reset()
	if err := WriteJSON(&b, &Result{Scenario: "bare"}); err != nil || bytes.Contains(b.Bytes(), []byte("null")) {
		t.Errorf("without a picture: %v, %s", err, b.Bytes())
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJUnit(&b, results()); err != nil {
		t.Fatal(err)
	}
	golden(t, "results.xml", b.Bytes())
}
