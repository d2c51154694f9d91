package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/cluster/trace"
	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/internal/drive"
)

// tape is a served run that does not move: a run on virtual time up to an
// instant, with two real clients in it that never were.
type tape struct {
	*sim.Live
	events []trace.Event
	did    []scenario.Step
}

func (r *tape) Pause() error               { return sim.ErrNoPause }
func (r *tape) Speed(float64) error        { return sim.ErrNoSpeed }
func (r *tape) Branch(time.Duration) error { return sim.ErrNoBranch }

func (r *tape) Advance(time.Duration) error { return nil }
func (r *tape) Hand() []scenario.Step       { return r.did }
func (r *tape) Len() uint64                 { return uint64(len(r.events)) }
func (r *tape) Oldest() uint64              { return 1 }

func (r *tape) Do(s scenario.Step) (scenario.Step, error) {
	s.At = r.Head()
	r.did = append(r.did, s)
	return s, nil
}

func (r *tape) Before(t time.Duration) uint64 {
	n, _ := slices.BinarySearchFunc(r.events, t, func(e trace.Event, t time.Duration) int { return cmp.Compare(e.At, t) })
	return uint64(n)
}

func (r *tape) Events(from, to uint64) []trace.Event {
	return r.events[max(from, 1)-1 : min(to, r.Len())]
}

func (r *tape) Ledger(n uint64, now time.Duration) *ledger.Ledger {
	l := ledger.New(ledger.Config{Settle: 2 * time.Second, RealClients: true, Every: 500 * time.Millisecond})
	for i := range r.events[:n] {
		l.Apply(&r.events[i])
	}
	l.Advance(now)
	return l
}

func (r *tape) Expectations(*ledger.Ledger) ([]report.Expectation, error) { return nil, nil }

// taped is the two regions after 30 s, with ada there since 20 s, and someone
// with a name that means no good.
func taped(t *testing.T) *tape {
	t.Helper()
	plan, _, err := drive.Load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	live, err := sim.Open(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &tape{Live: live}
	t.Cleanup(func() { r.Live.Close() })
	if err := r.Live.Advance(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	r.events = slices.Clone(r.Live.Events(1, r.Live.Len()))
	node, room := trace.N("im-3030"), trace.N("lobby")
	enter := func(at time.Duration, name, sid string) {
		who, session, socket := trace.N(name), trace.N(sid), trace.N("socket-"+sid)
		r.add(at, trace.Event{Kind: trace.SessionOpened, Node: node, Session: session, Peer: trace.N("203.0.113.9"), Text: trace.N("polling")})
		r.add(at+time.Millisecond, trace.Event{Kind: trace.SocketOpened, Node: node, Session: session, Socket: socket, Client: who})
		r.add(at+2*time.Millisecond, trace.Event{Kind: trace.Joined, Node: node, Socket: socket, Client: who, Room: room})
	}
	enter(20*time.Second, "ada", "s1")
	r.add(20*time.Second+30*time.Millisecond, trace.Event{Kind: trace.SessionUpgraded, Node: node, Session: trace.N("s1")})
	enter(21*time.Second, "ada", "s2")
	enter(22*time.Second, "\x1b[2Jmallory", "s3")
	for i, text := range []string{"can anybody hear me?", "\x1b[31mred"} {
		at := 29*time.Second + time.Duration(500+i*200)*time.Millisecond
		r.add(at, trace.Event{
			Kind: trace.Sent, Node: node, Client: trace.N("ada"), Socket: trace.N("socket-s1"), Room: room, Text: trace.N(text),
			Msg: trace.Msg{From: trace.N("socket-s1"), N: uint32(i + 1)},
		})
	}
	return r
}

func (r *tape) add(at time.Duration, e trace.Event) {
	e.At = at
	n := r.Before(at + 1)
	r.events = slices.Insert(r.events, int(n), e)
	for i := range r.events {
		r.events[i].Seq = uint64(i + 1)
	}
}

const about = `serving two-regions: Two regions, no adapter

  open       http://127.0.0.1:8080/
  im-3030    127.0.0.1:3030

  import { io } from "socket.io-client";
`

// front sits down in front of a served run.
func front(t *testing.T, run ServedRun, width, height int) *desk {
	t.Helper()
	v := &Served{Run: run, Name: "two-regions", URL: "http://127.0.0.1:8080/", About: about}
	d := at(t, func(h *drive.Host) *Model { return NewServed(h.Shell, v, Options{Dir: t.TempDir()}) }, width, height)
	d.Until("a frame", d.m.Ready)
	return d
}

func TestServedScreens(t *testing.T) {
	d := front(t, taped(t), 120, 40)
	for _, x := range []shot{
		{"served", func(*desk) {}, nil},
		{"served-user", func(d *desk) { d.m.view.client = "ada"; d.Press("enter") }, []string{"esc"}},
		{"served-url", func(d *desk) { d.Press("u") }, []string{"esc"}},
		{"served-help", func(d *desk) { d.Press("?") }, []string{"esc"}},
		{"served-message", func(d *desk) { d.Press("5", "j", "j", "enter") }, []string{"esc", "k", "k", "1"}},
		{"served-past", func(d *desk) {
			d.Press("[")
			d.settle()
			d.Wait(9 * time.Second) // the notice goes
		}, []string{"end"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			d.TB = t
			d.Size(120, 40)
			x.look(d)
			d.shoot(x.name)
			d.Press(x.back...)
		})
	}
}

// What cannot be done with real clients says why, and changes nothing.
func TestServedKeysThatAreOff(t *testing.T) {
	run := taped(t)
	d := front(t, run, 120, 40)
	for key, why := range map[string]error{" ": sim.ErrNoPause, "<": sim.ErrNoSpeed, ">": sim.ErrNoSpeed, "b": sim.ErrNoBranch} {
		d.Press(key)
		if !strings.Contains(d.Last(), why.Error()) {
			t.Errorf("%q says %q", key, d.Last())
		}
	}
	d.Press("?")
	for _, gone := range []string{"faster", "pause and resume", "new branch"} {
		if strings.Contains(d.Screen(), gone) {
			t.Errorf("the keys have %q", gone)
		}
	}
	d.Press("esc", "[")
	d.settle()
	if d.m.riding || d.m.cursor.At != 25*time.Second {
		t.Errorf("at %v", d.m.cursor.At)
	}
	d.Press("x")
	if !strings.Contains(d.Last(), sim.ErrNoBranch.Error()) || len(run.did) != 0 {
		t.Errorf("in the past, x says %q and does %v", d.Last(), run.did)
	}
	d.Press("home", "[")
	if d.m.cursor.At != Beginning {
		t.Errorf("at %v", d.m.cursor.At)
	}
	d.Press("end", "x")
	d.settle()
	if !d.m.riding || len(run.did) != 1 || run.did[0].String() != "kill im-3030" {
		t.Errorf("x does %v", run.did)
	}
	d.m.view.client = "ada"
	for key, want := range map[string]string{"m": "real client", "i": "real clients", "esc": "q ends it"} {
		d.Press(key)
		if d.where() != "run" || !strings.Contains(d.Last(), want) {
			t.Errorf("%s says %q", key, d.Last())
		}
	}
	d.Press("q")
	if !d.Quit {
		t.Errorf("quitting asks %q", d.Last())
	}
}

// user is a real client over WebSocket.
func user(t *testing.T, entry, name string) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+entry+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	tell(t, ws, fmt.Sprintf(`40{"name":%q}`, name))
	tell(t, ws, `420["join","lobby"]`)
	for {
		_, text, err := ws.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(text), "430") {
			return ws
		}
	}
}

func tell(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// follow follows a run by the wall clock until something is so.
func (d *desk) follow(what string, so func() bool) {
	d.Helper()
	run := d.m.served.Run
	d.Until(what, func() bool {
		if so() {
			return true
		}
		if err := run.Advance(run.Head() + tick); err != nil { // waits for its clock
			d.Fatal(err)
		}
		return false
	})
}

// soon follows a run by the wall clock until texts are on the screen.
func (d *desk) soon(texts ...string) {
	d.Helper()
	d.follow(fmt.Sprintf("%q on the screen", texts), func() bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(d.Screen(), text) })
	})
}

// A real client comes, speaks and goes, a step comes from elsewhere, and all of
// it is on the screen.
func TestARealClientOnTheScreen(t *testing.T) {
	plan, name, err := drive.Load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	run, err := sim.Serve(plan, sim.ServeOptions{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	})
	d := front(t, run, 140, 45)
	if d.m.Name != name {
		t.Errorf("it is called %q", d.m.Name)
	}
	ada := user(t, run.Entry(), "ada")
	d.soon("outside  real clients", "1/1", "ada")
	tell(t, ada, `42["say",{"room":"lobby","text":"good morning, cluster"}]`)
	d.soon(`says "good morning, clu`)
	d.m.view.client = "ada"
	d.Press("enter")
	d.soon("127.0.0.1   a real client", "ip_hash reads 127.0.0", `said "good morning, cluster" in lobby`)
	d.Press("esc")

	if _, err := run.Do(scenario.Step{Verb: scenario.Adapter, Adapter: scenario.AdapterRedis}); err != nil {
		t.Fatal(err)
	}
	d.soon("step", "adapter redis", "adapter on")
	d.Press("d")
	d.soon("down im-3030", "down in the proxy")
	d.Type(":up im-3030")
	d.Press("enter")
	d.soon("up im-3030")
	d.Type(":kill im-9999")
	d.Press("enter")
	if !strings.Contains(d.Last(), "im-9999") {
		t.Errorf("a wrong step says %q", d.Last())
	}
	d.Press("esc")

	ada.Close(websocket.StatusNormalClosure, "")
	d.soon("disconnected")
	d.follow("no real client is left", func() bool {
		_, ada := d.m.Frame.find("ada")
		return ada == nil
	})
	d.Press("w", "enter")
	d.Shows("written:")
	if _, _, err := drive.Load(d.m.o.Dir + "/two-regions-2.yaml"); err != nil {
		t.Error(err)
	}
}

// What was done after the scenario's end makes the file longer.
func TestStepsAfterTheEndAreWritten(t *testing.T) {
	p, _, err := drive.Load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	text, err := written(p, []scenario.Step{{At: 90*time.Second + time.Millisecond, Verb: scenario.Kill, Node: "im-3030"}})
	if err != nil {
		t.Fatal(err)
	}
	f, errs := plan.Parse("longer.yaml", text)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if f.Duration != 100*time.Second {
		t.Errorf("it lasts %v", f.Duration)
	}
}
