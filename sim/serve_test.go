package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/cluster"
	"stickylab/cluster/proxyproto"
	"stickylab/cluster/trace"
	"stickylab/sim/expect"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

const servedText = `title: For real clients
seed: 7
duration: 60s
settle: 300ms
nodes: 2
adapter: none
proxy: {policy: ip_hash}
clients:
  beijing: {count: 2, ip: 203.0.113.0/24, say: every 100ms}
`

// served serves a scenario until the test ends.
func serve(t testing.TB, text string, o ServeOptions) *Served {
	t.Helper()
	o.Listen = "127.0.0.1:0"
	v, err := Serve(parse(t, "served.yaml", text, nil), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			var detailed interface{ Detail() string }
			if errors.As(err, &detailed) {
				t.Log(detailed.Detail())
			}
			t.Error(err)
		}
	})
	return v
}

// people serves the scenario without virtual clients.
func people(t testing.TB, b cluster.Limits) *Served {
	return serve(t, servedText, ServeOptions{NoClients: true, Bounds: b})
}

// timeout is how long anything may take that must happen.
const timeout = time.Minute

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	if !until(timeout, so) {
		t.Fatalf("not %s", what)
	}
}

// here connects to an address as a client with its own IP.
func here(t testing.TB, address, ip string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(timeout))
	if ip != "" {
		line := proxyproto.Append(nil, netip.AddrPortFrom(netip.MustParseAddr(ip), 4000), netip.MustParseAddrPort("192.0.2.1:80"))
		if _, err := c.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// user is a real client over WebSocket.
type user struct {
	t  testing.TB
	ws *websocket.Conn
}

func (v *Served) enter(t testing.TB, name, ip string) *user {
	t.Helper()
	u := v.connect(t, name, ip)
	u.send(`420["join","lobby"]`)
	u.hears(`430[{"room":"lobby"`)
	return u
}

func (v *Served) connect(t testing.TB, name, ip string) *user {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var conn net.Conn
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		conn = here(t, v.Entry(), ip)
		return conn, nil
	}}
	ws, _, err := websocket.Dial(ctx, "ws://"+v.Entry()+"/socket.io/?EIO=4&transport=websocket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	conn.SetDeadline(time.Time{})
	u := &user{t, ws}
	u.send(fmt.Sprintf(`40{"name":%q}`, name))
	u.hears(`42["welcome",`)
	return u
}

func (u *user) send(text string) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := u.ws.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		u.t.Fatal(err)
	}
}

// hears reads until a message begins with the text, and returns it.
func (u *user) hears(prefix string) string {
	u.t.Helper()
	for {
		text, err := u.next()
		if err != nil {
			u.t.Fatalf("waiting for %q: %v", prefix, err)
		}
		if strings.HasPrefix(text, prefix) {
			return text
		}
	}
}

func (u *user) next() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	_, text, err := u.ws.Read(ctx)
	return string(text), err
}

// says says something and waits for what comes back.
func (u *user) says(text string) {
	u.t.Helper()
	u.send(fmt.Sprintf(`42["say",{"room":"lobby","text":%q}]`, text))
	for !strings.Contains(u.hears(`42["said",`), text) {
	}
}

// now is the ledger's state.
func (v *Served) now() *ledger.Ledger { return v.Ledger(v.Len(), v.Head()) }

// step does a step in words.
func (v *Served) step(t testing.TB, words string) {
	t.Helper()
	s, err := scenario.ParseStep(v.Names(), words)
	if err == nil {
		_, err = v.Do(s)
	}
	if err != nil {
		t.Fatalf("%s: %v", words, err)
	}
}

// Real and virtual clients share a room, and the ledger knows of both.
func TestRealAndVirtualClientsShareARoom(t *testing.T) {
	v := serve(t, servedText, ServeOptions{})
	ada := v.enter(t, "ada", "203.0.113.200") // where beijing is
	ada.hears(`42["said",{"id":"beijing-`)
	ada.says("hello")
	eventually(t, "heard by beijing", func() bool {
		for _, m := range v.now().Recent(100) {
			if m.ID.From.String() != "beijing-01" && m.ID.From.String() != "beijing-02" && m.Arrived == 3 {
				return true
			}
		}
		return false
	})
	list, n := v.now().RealClients(10)
	if n != 1 || list[0].Name != "ada" || list[0].Transport != "websocket" || list[0].IP != "203.0.113.200" || len(list[0].Rooms) != 1 {
		t.Errorf("outsiders are %+v", list)
	}

	said := slices.ContainsFunc(v.Events(1, v.Len()), func(e trace.Event) bool {
		return e.Kind == trace.Sent && e.Client == trace.N("ada") && e.Text == trace.N("hello")
	})
	if !said {
		t.Error("the trace does not have ada's words")
	}

	// Another address is on the other node, and hears nobody until the adapter is on.
	zoe := v.enter(t, "zoe", "192.0.2.5")
	eventually(t, "two outsiders", func() bool {
		list, n = v.now().RealClients(10)
		return n == 2
	})
	if list[0].Node == list[1].Node {
		t.Fatalf("outsiders are %+v", list)
	}
	v.step(t, "adapter redis")
	zoe.hears(`42["said",{"id":"beijing-`)

	home := list[1].Node
	v.step(t, "kill "+home)
	if text, err := zoe.next(); err == nil {
		for err == nil {
			text, err = zoe.next()
		}
		_ = text
	}
	zoe = v.enter(t, "zoe", "192.0.2.5")
	zoe.says("I am back")
	eventually(t, "told that the node is down", func() bool { return !nodeOf(v, home).Up })
	v.step(t, "restart "+home)
	eventually(t, "told that the node is up", func() bool { return nodeOf(v, home).Up })
	if hand := v.Hand(); len(hand) != 3 || hand[1].String() != "kill "+home {
		t.Errorf("done manually: %v", hand)
	}
}

func nodeOf(v *Served, name string) ledger.NodeState {
	for _, n := range v.now().Nodes() {
		if n.Name == name {
			return n
		}
	}
	return ledger.NodeState{}
}

// Every kind of step can be done to a served cluster.
func TestStepsOfAServedCluster(t *testing.T) {
	t.Parallel()
	v := serve(t, servedText, ServeOptions{})
	eventually(t, "connected", func() bool { return v.now().SnapshotSince(0).Clients.Connected == 2 })
	for _, words := range []string{
		"adapter redis", "policy hash $remote_addr consistent", "down im-2", "up im-2", "scale 3", "slow im-3 20ms", "resume im-3",
		"scale remove im-3", "scale add im-9", "refuse im-9", "resume im-9", "kill im-9", "restart im-9",
		"partition proxy im-2", "heal proxy im-2", "hang im-2", "resume im-2", "redis down", "redis up", "redis slow 10ms",
		"latency client 5ms", "add extra 2 198.18.100.0/24", "say beijing-01 \"a word\"", "disconnect beijing-02", "connect beijing-02", "move beijing 192.0.2.0/25",
		"adapter none",
	} {
		v.step(t, words)
	}
	if n := len(v.Hand()); n != 27 {
		t.Errorf("%d steps manually", n)
	}
	eventually(t, "connected in the end", func() bool {
		p := v.now().SnapshotSince(0)
		return p.Clients.Count == 4 && p.Clients.Connected == 4
	})
	v.most = 4 // steps that are no longer listed still count
	v.step(t, "slow im-9 1ms")
	v.step(t, "close im-9")
	if n := len(v.Hand()); n > 27 {
		t.Errorf("%d steps are listed", n)
	}
	for _, s := range []scenario.Step{{Verb: scenario.Kill, Node: "im-7"}, {Verb: "juggle"}} {
		var wrong *WrongStepError
		if _, err := v.Do(s); !errors.As(err, &wrong) {
			t.Errorf("%v: %v", s, err)
		}
	}
}

// A scenario's steps are done at their times; one that cannot be is told, and
// the cluster lives on. Its expectations are judged if that is wanted.
func TestTheScenarioOfAServedCluster(t *testing.T) {
	text := strings.Replace(servedText, "duration: 60s", "duration: 500ms", 1) + `
steps:
  - {at: 100ms, adapter: redis}
  - {at: 150ms, add: beijing, ip: 203.0.113.0/24}
expect:
  - {at: 400ms, that: "clients.connected == 3"}
  - {at: end, that: "nodes['im-1'].adapter && !nodes['im-2'].adapter"}
`
	var mu sync.Mutex
	var verdicts []expect.Verdict
	v := serve(t, text, ServeOptions{Judged: func(x report.Expectation) {
		mu.Lock()
		defer mu.Unlock()
		verdicts = append(verdicts, x.Verdict)
	}})
	eventually(t, "judged", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(verdicts) == 2
	})
	if verdicts[0] != expect.Pass || verdicts[1] != expect.Fail {
		t.Errorf("verdicts are %v", verdicts)
	}
	ada := v.enter(t, "ada", "203.0.113.200") // it continues after the scenario's end
	ada.hears(`42["said",{"id":"beijing-`)
	v.step(t, "kill im-2")
}

func TestAStepThatCannotBeDoneIsTold(t *testing.T) {
	told := make(chan error, 10)
	serve(t, servedText+"steps:\n  - {at: 10ms, say: beijing-01}\n", ServeOptions{NoClients: true, Failed: func(_ scenario.Step, err error) { told <- err }})
	select {
	case err := <-told:
		if !strings.Contains(err.Error(), "beijing-01") {
			t.Error(err)
		}
	case <-time.After(timeout):
		t.Error("nothing was told")
	}
}

// What a run on virtual time can do and this one cannot says why.
func TestAServedClusterCannotBeTakenBack(t *testing.T) {
	v := people(t, cluster.Limits{})
	for _, err := range []error{v.Pause(), v.Speed(2), v.Branch(0)} {
		if err == nil || !strings.Contains(err.Error(), "real clients") {
			t.Error(err)
		}
	}
	eventually(t, "up", func() bool { return nodeOf(v, "im-1").Up && nodeOf(v, "im-2").Up })
	before := v.Len()
	if err := v.Advance(v.Head() + 20*time.Millisecond); err != nil || v.Head() < 20*time.Millisecond {
		t.Errorf("advanced to %v, %v", v.Head(), err)
	}
	v.step(t, "kill im-2")
	eventually(t, "recorded", func() bool { return v.Len() > before })
	if at := v.Ledger(before, v.Head()); !at.Nodes()[1].Up {
		t.Error("the past is not as it was")
	}
	if n := v.Before(v.Head()); n != v.Len() {
		t.Errorf("%d of %d events happened before now", n, v.Len())
	}
	if x, err := v.Expectations(v.now()); err != nil || len(x) > 0 {
		t.Errorf("expects %v, %v", x, err)
	}
}

// Clients get what io.close() gives: the WebSocket a close frame, the waiting
// GET a close packet. Everything ends, and the ports are free again.
func TestAServedClusterStops(t *testing.T) {
	before := runtime.NumGoroutine()
	v := serve(t, servedText, ServeOptions{})
	ada := v.enter(t, "ada", "203.0.113.200")
	poller := v.openPolling(t, "192.0.2.5")
	poll := make(chan string, 1)
	go func() { poll <- poller.get() }()
	eventually(t, "two users", func() bool { return nodeOf(v, "im-1").Sessions+nodeOf(v, "im-2").Sessions >= 3 })
	for range 3 {
		ada.hears(`42["said"`)
	}
	closed := make(chan error, 1)
	go func() { closed <- v.Close() }()
	for {
		if _, err := ada.next(); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusNoStatusRcvd {
				t.Errorf("the WebSocket ended with %v", err)
			}
			break
		}
	}
	if got := <-poll; got != "1" {
		t.Errorf("the waiting GET got %q", got)
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	for _, p := range v.Places() {
		l, err := net.Listen("tcp", p.Real)
		if err != nil {
			t.Errorf("%s: %v", p.Host, err)
			continue
		}
		l.Close()
	}
	if _, err := v.Do(scenario.Step{Verb: scenario.Kill, Node: "im-1"}); err == nil {
		t.Error("a step was done to a cluster that was stopped")
	}
	if err := v.Advance(time.Hour); err == nil {
		t.Error("time continues in a cluster that was stopped")
	}
	poller.conn.Close()
	eventually(t, "all goroutines ended", func() bool { return runtime.NumGoroutine() <= before+2 })
}

// Addresses of this machine and those of the PROXY protocol are clients'
// addresses without more ado.
func TestAddressesOfRealClients(t *testing.T) {
	v := people(t, cluster.Limits{})
	for _, from := range []string{"127.0.0.1", "127.9.8.7", "203.0.113.77"} {
		var c net.Conn
		if strings.HasPrefix(from, "127.") {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
			var err error
			if c, err = d.Dial("tcp", v.Entry()); err != nil {
				t.Fatal(err)
			}
		} else {
			c = here(t, v.Entry(), from)
		}
		fmt.Fprint(c, "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
		eventually(t, from+" in the trace", func() bool {
			for _, e := range v.Events(1, v.Len()) {
				if e.Kind == trace.Proxied && e.Peer.String() == from {
					return true
				}
			}
			return false
		})
		c.Close()
	}
}

// A port that was asked for and is taken is an error, and nothing stays open.
func TestAPortThatIsTaken(t *testing.T) {
	before := runtime.NumGoroutine()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	p := parse(t, "served.yaml", servedText, nil)
	for _, o := range []ServeOptions{{Listen: taken.Addr().String()}, {NodePorts: []int{port}}, {RedisPort: port}} {
		if _, err := Serve(p, o); err == nil || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	eventually(t, "all goroutines ended", func() bool { return runtime.NumGoroutine() <= before+1 })
}

// Whoever follows gets every event once and in order, and is told by the
// numbers of those that he came too late for.
func TestFollowing(t *testing.T) {
	p := history{limit: 2 * chunkLength}
	state := ledger.New(ledger.Config{})
	p.begin(state)
	rec := trace.NewRecorder(func(events []trace.Event) { p.record(events, state) })
	lane := rec.Lane(trace.LaneID{Host: "lane"})
	emit := func(n int) {
		for range n {
			lane.Emit(trace.Event{Kind: trace.Step})
		}
		rec.CloseStep()
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan uint64, 200_000)
	var follower sync.WaitGroup
	follower.Go(func() {
		p.Follow(ctx, 1, func(events []trace.Event) error {
			for i := range events {
				got <- events[i].Seq
			}
			return nil
		})
	})
	for range 5 {
		emit(3)
	}
	for want := uint64(1); want <= 15; want++ {
		if n := <-got; n != want {
			t.Fatalf("event %d, want %d", n, want)
		}
	}
	cancel()
	follower.Wait()
	for range 100 {
		emit(1000)
	}
	first := uint64(0)
	stop := errors.New("enough")
	err := p.Follow(t.Context(), 1, func(events []trace.Event) error {
		first = events[0].Seq
		return stop
	})
	if err != stop || first < 100_015-3*chunkLength || first != p.Oldest() {
		t.Errorf("the oldest of %d is %d (%v)", p.Len(), first, err)
	}
	if kept := len(p.chunks); kept > 6 {
		t.Errorf("%d chunks are kept", kept)
	}
	if n := p.Before(0); n != first-1 {
		t.Errorf("%d events before the start", n)
	}
}
