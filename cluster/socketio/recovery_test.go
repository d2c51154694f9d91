package socketio

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/trace"
)

// connectAnswer reads the answer to CONNECT.
func (p *peer) connectAnswer() (sid, pid string) {
	p.w.t.Helper()
	answer := p.recv()
	m := regexp.MustCompile(`^0\{"sid":"([^"]+)","pid":"([^"]+)"\}$`).FindStringSubmatch(answer)
	if m == nil {
		p.w.t.Fatalf("the answer to CONNECT is %s", answer)
	}
	return m[1], m[2]
}

// event reads an event and returns it without its offset.
func (p *peer) event() (event, offset string) {
	p.w.t.Helper()
	e := p.recv()
	m := regexp.MustCompile(`^(.*),"([^"]+)"\]$`).FindStringSubmatch(e)
	if m == nil {
		p.w.t.Fatalf("%s has no offset", e)
	}
	return m[1] + "]", m[2]
}

// wantEvents checks the next events, and returns the last one's offset.
func (p *peer) wantEvents(events ...string) (offset string) {
	p.w.t.Helper()
	for _, want := range events {
		var got string
		if got, offset = p.event(); got != want {
			p.w.t.Errorf("received %s, want %s", got, want)
		}
	}
	return offset
}

func recoverFrame(pid, offset string) string {
	return fmt.Sprintf(`0{"pid":"%s","offset":"%s"}`, pid, offset)
}

// A client that comes back with its pid and its last offset has its id, its rooms
// and its data again, and is sent what it missed before the answer to CONNECT: what
// was for it, and only that.
func TestRecovery(t *testing.T) {
	inWorld(t, Config{Recovery: &Recovery{}}, func(w *world) {
		n := w.Of("/")
		var latest *Socket
		n.OnConnection(func(s *Socket) { latest = s })
		p := w.open("0")
		sid, pid := p.connectAnswer()
		latest.Join("r")
		latest.Data["k"] = "v"
		n.To("r").Emit("before", 1)
		offset := p.wantEvents(`2["before",1]`)
		p.leave()
		if latest.Connected() {
			t.Fatal("still connected")
		}

		n.Emit("all")
		n.To("r").Emit("bin", []byte("x"))
		n.To("q").Emit("other room")
		n.Except("r").Emit("excepted")
		n.To("r").Volatile().Emit("volatile")
		n.To(sid).Emit("to the socket")
		n.Except("q").To("r", "r2").Emit("twice chosen")
		time.Sleep(time.Minute)

		p = w.open(recoverFrame(pid, offset))
		p.wantEvents(`2["all"]`, `51-["bin",{"_placeholder":true,"num":0}]`)
		p.want("#x")
		p.wantEvents(`2["to the socket"]`, `2["twice chosen"]`)
		if s, again := p.connectAnswer(); s != sid || again != pid {
			t.Errorf("sid %s, pid %s", s, again)
		}
		ok, replayed := latest.Recovered()
		if !ok || replayed != 4 || latest.NotRecovered() != "" || latest.Data["k"] != "v" || strings.Join(latest.Rooms(), " ") != sid+" r" {
			t.Errorf("recovered %v, %d events, %v, rooms %q", ok, replayed, latest.Data, latest.Rooms())
		}
		n.To("r").Emit("after")
		offset = p.wantEvents(`2["after"]`)

		p.leave() // once more, having missed nothing
		p = w.open(recoverFrame(pid, offset))
		if s, _ := p.connectAnswer(); s != sid {
			t.Errorf("sid %s", s)
		}
		p.want(ping)
	})
}

// Each way in which nothing is recovered has its reason. The client gets another id
// and another pid.
func TestNotRecovered(t *testing.T) {
	type lost struct {
		w           *world
		p           *peer
		s           *Socket
		pid, offset string
	}
	for _, tt := range []struct {
		why   trace.Text
		do    func(l *lost)
		frame func(l *lost) string
	}{
		{trace.NoPID, func(l *lost) { l.p.leave() }, func(*lost) string { return "0" }},
		{trace.NoPID, func(l *lost) { l.p.leave() }, func(*lost) string { return `0{"pid":7,"offset":"x"}` }},
		{trace.NoOffset, func(l *lost) { l.p.leave() }, func(l *lost) string { return fmt.Sprintf(`0{"pid":"%s"}`, l.pid) }},
		{trace.UnknownSession, func(l *lost) { l.p.leave() }, func(l *lost) string { return recoverFrame("other", l.offset) }},
		{trace.UnknownOffset, func(l *lost) { l.p.leave() }, func(l *lost) string { return recoverFrame(l.pid, "other") }},
		{trace.StillConnected, func(*lost) {}, nil},
		{trace.UnknownSession, func(l *lost) { l.s.Disconnect(true) }, nil},
		{trace.UnknownSession, func(l *lost) { l.p.send("1") }, nil},
		{trace.TooLate, func(l *lost) { l.p.leave(); time.Sleep(2*time.Minute + time.Millisecond) }, nil},
		{trace.UnknownSession, func(l *lost) { l.p.leave(); time.Sleep(3*time.Minute + time.Millisecond) }, nil},
		{trace.NoSessions, func(l *lost) {
			l.p.leave()
			l.w.Of("/").SetAdapter(struct{ Adapter }{&recording{Memory: l.w.Of("/").Memory()}})
		}, nil},
		{trace.UnknownSession, func(l *lost) {
			l.p.leave()
			l.w.Of("/").SetAdapter(&recording{Memory: l.w.Of("/").Memory()})
			l.w.Of("/").SetAdapter(nil)
		}, nil},
		// The event of the offset is dropped with the first cleaning 2 min later,
		// although the session is new.
		{trace.UnknownOffset, func(l *lost) {
			for range 6 {
				l.p.want(ping)
			}
			l.p.leave()
			time.Sleep(31 * time.Second)
		}, nil},
	} {
		inWorld(t, Config{Recovery: &Recovery{}}, func(w *world) {
			time.Sleep(10 * time.Second) // cleanings do not fall on what follows
			l := &lost{w: w}
			w.Of("/").OnConnection(func(s *Socket) { l.s = s })
			l.p = w.open("0")
			sid, pid := l.p.connectAnswer()
			l.pid = pid
			w.Of("/").Emit("e")
			l.offset = l.p.wantEvents(`2["e"]`)
			tt.do(l)
			w.Of("/").Emit("missed")
			frame := recoverFrame(l.pid, l.offset)
			if tt.frame != nil {
				frame = tt.frame(l)
			}
			p := w.open(frame)
			if s, again := p.connectAnswer(); s == sid || again == pid {
				t.Errorf("%s: the same id %s or pid %s", tt.why, s, again)
			}
			if ok, _ := l.s.Recovered(); ok || l.s.NotRecovered() != tt.why {
				t.Errorf("recovered %v, %q, want %q", ok, l.s.NotRecovered(), tt.why)
			}
			p.want(ping) // nothing of what was missed
		})
	}
}

// Until MaxDisconnection is over, to the millisecond, a client is recovered.
func TestRecoveryInTime(t *testing.T) {
	inWorld(t, Config{Recovery: &Recovery{MaxDisconnection: 10 * time.Second}}, func(w *world) {
		p := w.open("0")
		sid, pid := p.connectAnswer()
		w.Of("/").Emit("e")
		offset := p.wantEvents(`2["e"]`)
		p.leave()
		time.Sleep(10 * time.Second)
		p = w.open(recoverFrame(pid, offset))
		if s, _ := p.connectAnswer(); s != sid {
			t.Error("not recovered after exactly 10 s")
		}
	})
}

// Middlewares do not see a recovered socket, unless the server wants them to.
func TestRecoveryMiddlewares(t *testing.T) {
	for _, run := range []bool{false, true} {
		inWorld(t, Config{Recovery: &Recovery{RunMiddlewares: run}}, func(w *world) {
			refuse := false
			w.Of("/").Use(func(*Socket) error {
				if refuse {
					return errors.New("no")
				}
				return nil
			})
			p := w.open("0")
			sid, pid := p.connectAnswer()
			w.Of("/").Emit("e")
			offset := p.wantEvents(`2["e"]`)
			p.leave()
			refuse = true
			p = w.open(recoverFrame(pid, offset))
			if run {
				p.want(`4{"message":"no"}`)
			} else if s, _ := p.connectAnswer(); s != sid {
				t.Error("not recovered")
			}
		})
	}
}

// A socket's own events are sent again too; those that ask for an acknowledgement
// have no offset. Without recovery nothing has.
func TestOffsets(t *testing.T) {
	for _, on := range []bool{false, true} {
		c := Config{}
		if on {
			c.Recovery = &Recovery{}
		}
		inWorld(t, c, func(w *world) {
			w.Of("/").OnConnection(func(s *Socket) {
				s.Emit("hello")
				go s.EmitWithAck(w.t.Context(), "ask")
			})
			p := w.open("0")
			if on {
				p.connectAnswer()
				p.wantEvents(`2["hello"]`)
			} else {
				p.recv()
				p.want(`2["hello"]`)
			}
			synctest.Wait()
			p.want(`20["ask"]`)
			p.send("30[]")
		})
	}
}

// What a namespace keeps is bounded; the oldest goes first.
func TestReplayLogBound(t *testing.T) {
	g := newReplayLog(&Recovery{MaxDisconnection: time.Hour, MaxBytes: 10_000})
	messages := must(Encode(Packet{Type: Event, Data: []any{"e"}}))
	for i := range 100 {
		g.persist(Session{PID: fmt.Sprint(i)})
		g.add(messages, Options{})
	}
	sum := 0
	for _, e := range g.events {
		sum += e.size
	}
	for _, s := range g.sessions {
		sum += s.size
	}
	if g.bytes != sum || sum > 10_000 || sum < 9_000 || len(g.sessions) != len(g.ended) {
		t.Errorf("%d bytes, counted %d, %d sessions, %d events", sum, g.bytes, len(g.sessions), len(g.events))
	}
	if _, ok := g.sessions["99"]; !ok {
		t.Error("the newest session is gone")
	}
}
