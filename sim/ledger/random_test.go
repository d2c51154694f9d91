package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stickylab/cluster/trace"
)

// chaos draws a trace in which everything may happen: nodes die and come back,
// messages are read twice, late, or by those whom they do not concern.
func chaos(r *rand.Rand, events int) []trace.Event {
	var out []trace.Event
	now := time.Duration(0)
	emit := func(e trace.Event) {
		now += 1 + time.Duration(r.Int64N(int64(120*time.Millisecond)))
		e.At = now
		e.Value = min(e.Value, now)
		out = append(out, e)
	}
	pick := func(names []trace.Name) trace.Name { return names[r.IntN(len(names))] }
	name := func(format string, n int) trace.Name { return trace.N(fmt.Sprintf(format, n)) }

	var nodes, clients, rooms []trace.Name
	apps := map[trace.Name]trace.Name{}
	other := r.IntN(3) // the node of another application; of none for 0
	for i := range 3 {
		nodes = append(nodes, name("im-%d", i))
		if i > 0 && i == other {
			apps[nodes[i]] = trace.N("shop")
		}
		emit(trace.Event{Kind: trace.NodeUp, Node: nodes[i], Text: apps[nodes[i]]})
		emit(trace.Event{Kind: trace.AdapterOn, Node: nodes[i]})
		emit(trace.Event{Kind: trace.RedisUp, Node: nodes[i]})
	}
	for i := range 2 {
		rooms = append(rooms, name("room-%d", i))
	}
	for i := range 9 {
		clients = append(clients, name("client-%d", i))
		emit(trace.Event{Kind: trace.ClientAdded, Client: clients[i], Text: name("group-%d", i%2)})
	}

	type connection struct {
		node, client, session, socket trace.Name
		room                          trace.Name
	}
	w := newWorld()
	var live []connection
	var ever []connection
	type spoken struct {
		msg  trace.Msg
		node trace.Name
		room trace.Name
	}
	var messages []spoken
	said := map[trace.Name]uint32{}
	done, sessions := 0, 0
	for len(out) < events {
		for ; done < len(out); done++ {
			w.apply(out[done])
		}
		live = slices.DeleteFunc(live, func(c connection) bool { return w.sockets[c.socket] == nil })
		switch k := r.IntN(100); {
		case k < 12: // somebody connects
			node, client := pick(nodes), pick(clients)
			if !w.up[node] || w.connected[client] {
				continue
			}
			sessions++
			n := sessions
			c := connection{node, client, name("sid-%d", n), name("socket-%d", n), trace.Name{}}
			emit(trace.Event{Kind: trace.Asked, Client: client})
			transport := pick([]trace.Name{trace.N("polling"), trace.N("websocket")})
			emit(trace.Event{Kind: trace.SessionOpened, Node: node, Session: c.session, Text: transport})
			emit(trace.Event{Kind: trace.Answered, Client: client, Status: 200})
			if r.IntN(3) == 0 {
				emit(trace.Event{Kind: trace.Asked, Client: client, Session: c.session})
				emit(trace.Event{Kind: trace.Answered, Client: client, Session: c.session, Status: []int32{0, 200, 400}[r.IntN(3)], Value: time.Duration(r.Int64N(int64(3 * time.Second)))})
			}
			if r.IntN(6) == 0 { // it comes no further
				emit(trace.Event{Kind: trace.SessionClosed, Node: node, Session: c.session, Text: trace.N("ping timeout")})
				continue
			}
			emit(trace.Event{Kind: trace.SocketOpened, Node: node, Session: c.session, Socket: c.socket, Client: client})
			emit(trace.Event{Kind: trace.Connected, Client: client, Session: c.session, Socket: c.socket, Text: transport})
			live, ever = append(live, c), append(ever, c)
		case k < 25 && len(live) > 0: // rooms
			c := live[r.IntN(len(live))]
			kind := trace.Joined
			if r.IntN(4) == 0 {
				kind = trace.Left
			}
			emit(trace.Event{Kind: kind, Node: c.node, Socket: c.socket, Client: c.client, Room: pick(rooms)})
		case k < 30 && len(live) > 0: // the server loses somebody
			c := live[r.IntN(len(live))]
			text := pick([]trace.Name{trace.N("transport close"), trace.N("ping timeout"), trace.N("client namespace disconnect")})
			emit(trace.Event{Kind: trace.SocketClosed, Node: c.node, Socket: c.socket, Client: c.client, Text: text})
			emit(trace.Event{Kind: trace.SessionClosed, Node: c.node, Session: c.session, Text: text})
		case k < 35: // a client loses the server
			client := pick(clients)
			if w.connected[client] {
				text := pick([]trace.Name{trace.N("transport close"), trace.N("io client disconnect"), trace.N("io server disconnect")})
				emit(trace.Event{Kind: trace.Disconnected, Client: client, Text: text})
			} else {
				emit(trace.Event{Kind: trace.Reconnecting, Client: client})
				emit(trace.Event{Kind: trace.ConnectError, Client: client, Text: trace.N("xhr poll error")})
			}
		case k < 37 && len(ever) > 0:
			c := ever[r.IntN(len(ever))]
			emit(trace.Event{Kind: trace.SessionUpgraded, Session: c.session})
			if r.IntN(2) == 0 {
				emit(trace.Event{Kind: trace.Upgraded, Client: c.client, Session: c.session})
			} else {
				emit(trace.Event{Kind: trace.UpgradeError, Client: c.client, Text: trace.N("probe error")})
			}
		case k < 41: // nodes
			node := pick(nodes)
			switch {
			case w.up[node] && r.IntN(6) == 0:
				emit(trace.Event{Kind: pick2(r, trace.NodeFroze, trace.NodeResumed), Node: node})
			case w.up[node] && r.IntN(6) == 0:
				emit(trace.Event{Kind: trace.Counted, Node: node, Status: int32(r.IntN(9)), Text: trace.N("local")})
				if r.IntN(2) == 0 {
					emit(trace.Event{Kind: trace.Counted, Node: node, Status: -1, Text: trace.N("no answer")})
				} else {
					emit(trace.Event{Kind: trace.Counted, Node: node, Status: int32(r.IntN(9)), Text: trace.N("cluster")})
				}
			case !w.up[node]:
				emit(trace.Event{Kind: trace.NodeUp, Node: node, Text: apps[node]})
			case r.IntN(3) == 0:
				emit(trace.Event{Kind: trace.NodeDown, Node: node, Text: trace.N("killed")})
			case !w.adapter[node]:
				emit(trace.Event{Kind: trace.AdapterOn, Node: node})
			case !w.redis[node]:
				emit(trace.Event{Kind: trace.RedisUp, Node: node})
			case r.IntN(2) == 0:
				emit(trace.Event{Kind: trace.RedisDown, Node: node})
			default:
				emit(trace.Event{Kind: trace.AdapterOff, Node: node})
			}
		case k < 43:
			node, who := pick(nodes), pick(clients).String()
			refused := trace.Event{Kind: trace.Refused, Node: node, Status: 400, Text: trace.N("Session ID unknown"), Lane: serving("client-0", trace.LaneWebSocket, "proxy", node.String())}
			switch k := r.IntN(5); {
			case k == 0: // without a proxy between
				refused.Lane = serving(who, trace.LanePoll, node.String())
			case k == 1 && len(ever) > 0:
				refused.Session = ever[max(len(ever)-1-r.IntN(9), 0)].session
			case k == 2:
				refused.Session, refused.Text = trace.N("nobody's"), trace.N("Bad request")
			}
			emit(refused)
			if r.IntN(3) > 0 {
				emit(trace.Event{Kind: trace.Proxied, Node: pick(nodes), Session: refused.Session, Status: 502, Lane: serving(who, trace.LanePoll, "proxy")})
			}
			if r.IntN(3) > 0 {
				emit(trace.Event{Kind: trace.Proxied, Node: node, Session: refused.Session, Status: 400, Lane: serving(who, trace.LaneWebSocket, "cdn", "proxy")})
			}
		case k < 52: // somebody speaks
			client := pick(clients)
			said[client]++
			msg := trace.Msg{From: client, N: said[client]}
			emit(trace.Event{Kind: trace.Said, Client: client, Msg: msg})
			node := pick(nodes)
			if r.IntN(8) == 0 || !w.up[node] {
				continue
			}
			s := spoken{msg, node, pick(rooms)}
			emit(trace.Event{Kind: trace.Sent, Node: s.node, Client: client, Msg: msg, Room: s.room})
			messages = append(messages, s)
			if r.IntN(2) == 0 {
				emit(trace.Event{Kind: trace.Published, Node: s.node, Msg: msg})
			}
		case len(messages) > 0 && len(ever) > 0: // a message takes its next step
			s := messages[max(len(messages)-1-r.IntN(6), 0)]
			c := ever[max(len(ever)-1-r.IntN(12), 0)]
			switch r.IntN(8) {
			case 0:
				emit(trace.Event{Kind: trace.Relayed, Node: pick(nodes), Msg: s.msg, Text: pick([]trace.Name{{}, {}, trace.N("nobody here")})})
			case 1, 2:
				emit(trace.Event{Kind: trace.Wrote, Node: c.node, Client: c.client, Socket: c.socket, Msg: s.msg})
			default:
				emit(trace.Event{Kind: trace.Read, Client: c.client, Socket: c.socket, Msg: s.msg})
			}
		}
	}
	return out
}

func pick2(r *rand.Rand, a, b trace.Kind) trace.Kind {
	if r.IntN(2) == 0 {
		return a
	}
	return b
}

// ask puts a picture into the words of the model.
func ask(p *Snapshot) answer {
	a := answer{view: p.View, matrix: map[[2]string]Counts{}, missed: map[Miss]int{}}
	a.view.Latency = Latency{}
	for i, from := range p.Matrix.Nodes {
		for j, to := range p.Matrix.Nodes {
			if c := p.Matrix.Cells[i][j]; c != (Counts{}) {
				a.matrix[[2]string{from, to}] = c
			}
		}
	}
	for _, x := range p.Missed {
		a.missed[Miss{Reason: x.Reason, Sender: x.Sender, Receiver: x.Receiver}] += x.Count
	}
	return a
}

func diff(want, got answer) string {
	want.latency = nil
	for pair, c := range want.matrix {
		c.Ratio = ratio(c)
		want.matrix[pair] = c
	}
	return cmp.Diff(want, got, cmp.AllowUnexported(answer{}), cmpopts.EquateEmpty())
}

func TestAgreesWithModel(t *testing.T) {
	const settle = 2 * time.Second
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		events := chaos(r, 600)
		end := events[len(events)-1].At
		l := New(Config{Settle: settle, Keep: time.Hour})
		clones := []*Ledger{}

		var windows []*Window
		for range 6 {
			from := time.Duration(r.Int64N(int64(end)))
			windows = append(windows, l.Watch(from, from+time.Duration(r.Int64N(int64(end-from)))))
		}
		windows = append(windows, l.Watch(0, end), l.Watch(0, events[300].At), l.Watch(events[200].At, events[500].At))

		for i := range events {
			if i%150 == 75 {
				c := l.Clone()
				for j := range events[i:] { // a clone may live its own life
					c.Apply(&events[i+j])
				}
				c.Advance(end + settle)
				clones = append(clones, c)
			}
			l.Apply(&events[i])
		}
		l.Advance(end + settle)

		m := &model{events: events, settle: settle}
		for _, w := range windows {
			want := m.window(w.From, w.At)
			got := l.Snapshot(w)
			if !got.Judged {
				t.Fatalf("seed %d: window %v to %v is not judged", seed, w.From, w.At)
			}
			if d := diff(want, ask(got)); d != "" {
				t.Fatalf("seed %d: window %v to %v (-model +ledger):\n%s", seed, w.From, w.At, d)
			}
			checkLatency(t, want.latency, got.Latency)
			for i, c := range clones {
				if d := cmp.Diff(got, c.Snapshot(w)); d != "" {
					t.Fatalf("seed %d: clone %d, window %v to %v (-original +clone):\n%s", seed, i, w.From, w.At, d)
				}
			}
		}
	}
}

// The race detector watches what a ledger and its clone share.
func TestCloneInAnotherGoroutine(t *testing.T) {
	events := chaos(rand.New(rand.NewPCG(7, 1)), 900)
	end := events[len(events)-1].At
	l := New(Config{Settle: 2 * time.Second, Every: time.Second})
	w := l.Watch(0, end)
	live := func(l *Ledger, events []trace.Event) {
		for i := range events {
			l.Apply(&events[i])
		}
		l.Advance(end + time.Minute)
	}
	for i := range events[:400] {
		l.Apply(&events[i])
	}
	c := l.Clone()
	done := make(chan struct{})
	go func() {
		defer close(done)
		live(c, events[400:700]) // and another end of the story
	}()
	other := l.Clone()
	live(l, events[400:])
	<-done
	live(other, events[400:])
	if d := cmp.Diff(l.Snapshot(w), other.Snapshot(w)); d != "" {
		t.Errorf("one clone's life shows in the others (-original +clone):\n%s", d)
	}
}

func checkLatency(t *testing.T, all []time.Duration, got Latency) {
	t.Helper()
	if got.Count != len(all) {
		t.Fatalf("latency of %d deliveries, want %d", got.Count, len(all))
	}
	slices.Sort(all)
	for _, x := range []struct{ q, got float64 }{{0.50, got.P50}, {0.95, got.P95}, {0.99, got.P99}} {
		if len(all) == 0 {
			continue
		}
		rank := max(int(ceil(x.q*float64(len(all)))), 1)
		want := float64(all[rank-1]) / 1e6
		if x.got < want*0.99 || x.got > want*1.01 {
			t.Fatalf("p%.0f is %v ms, want %v", x.q*100, x.got, want)
		}
	}
}

func ceil(f float64) float64 {
	n := float64(int(f))
	if f > n {
		n++
	}
	return n
}
