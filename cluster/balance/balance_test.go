package balance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// plain returns n equal peers named a, b, c and on, changed by change.
func plain(n int, change func(i int, p *Peer)) []Peer {
	peers := make([]Peer, n)
	for i := range peers {
		name := string(rune('a' + i))
		peers[i] = Peer{Name: name, Address: name, Weight: 1, MaxFails: 1, FailTimeout: 10 * time.Second}
		if change != nil {
			change(i, &peers[i])
		}
	}
	return peers
}

func mustNew(t testing.TB, method string, peers []Peer) *Upstream {
	t.Helper()
	words := strings.Fields(method)
	u, err := New(Method{words[0], words[1:]}, peers, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// pick makes one request that succeeds at once and returns the peer's name,
// "-" when there is none.
func pick(u *Upstream, r Request) string {
	a := u.Start(r)
	defer a.Done(false)
	p, err := a.Next()
	if errors.Is(err, ErrNoLive) {
		return "-"
	}
	return p.Name
}

func picks(u *Upstream, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(pick(u, Request{}))
	}
	return b.String()
}

// fail makes one request whose attempts all fail and returns the peers tried.
func fail(u *Upstream, r Request) string {
	a := u.Start(r)
	var b strings.Builder
	for {
		p, err := a.Next()
		if err != nil {
			return b.String() + "-"
		}
		b.WriteString(p.Name)
		a.Done(true)
		if a.TriesLeft() == 0 {
			return b.String()
		}
	}
}

func TestSmoothOrder(t *testing.T) {
	u := mustNew(t, "round_robin", plain(3, func(i int, p *Peer) { p.Weight = []int{5, 1, 1}[i] }))
	if got := picks(u, 14); got != "aabacaaaabacaa" {
		t.Errorf("weights 5,1,1 give %s", got)
	}
}

// TestSingle promises that the only peer of an upstream is tried each time,
// whatever its failures, and never twice for one request.
func TestSingle(t *testing.T) {
	for _, method := range []string{"round_robin", "ip_hash", "hash k", "hash k consistent", "least_conn", "random", "random two least_conn"} {
		u := mustNew(t, method, plain(1, nil))
		for range 3 {
			if got := fail(u, Request{Key: "x"}); got != "a" {
				t.Errorf("%s: tried %q", method, got)
			}
		}
		if s := u.Status()[0]; s.Conns != 0 {
			t.Errorf("%s: %+v", method, s)
		}
		u = mustNew(t, method, plain(1, func(_ int, p *Peer) { p.Down = true }))
		if got := pick(u, Request{Key: "x"}); got != "-" {
			t.Errorf("%s: a peer that is down was picked", method)
		}
	}
}

// TestWindow promises the seconds at which a failed peer is tried again, and
// that one request is let through per fail timeout.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := mustNew(t, "round_robin", plain(2, nil))
		if got := fail(u, Request{MaxTries: 1}); got != "a" {
			t.Fatalf("tried %s", got)
		}
		time.Sleep(10 * time.Second)
		if got := picks(u, 3); got != "bbb" {
			t.Errorf("in the tenth second: %s", got)
		}
		time.Sleep(time.Second)
		probe := u.Start(Request{})
		for { // the peer's turn comes within two requests
			p, _ := probe.Next()
			if p.Name == "a" {
				break
			}
			probe.Done(false)
			probe = u.Start(Request{})
		}
		if got := picks(u, 3); got != "bbb" {
			t.Errorf("while the probe runs: %s", got)
		}
		probe.Done(false)
		if got := picks(u, 2); got != "ab" && got != "ba" {
			t.Errorf("after the probe: %s", got)
		}
	})
}

// TestMaxFailsZero promises that such a peer is never disabled.
func TestMaxFailsZero(t *testing.T) {
	u := mustNew(t, "ip_hash", plain(2, func(_ int, p *Peer) { p.MaxFails = 0 }))
	for range 5 {
		if got := fail(u, Request{Addr: netip.MustParseAddr("192.0.2.1")}); len(got) != 2 {
			t.Errorf("tried %s", got)
		}
	}
}

func TestMaxConns(t *testing.T) {
	u := mustNew(t, "round_robin", plain(2, func(i int, p *Peer) { p.MaxConns = 2 - i }))
	var held []*Attempt
	var names []string
	for range 4 {
		a := u.Start(Request{})
		if p, err := a.Next(); err == nil {
			names = append(names, p.Name)
			held = append(held, a)
		}
	}
	if got := strings.Join(names, ""); got != "aba" {
		t.Errorf("picked %s", got)
	}
	if s := u.Status(); s[0].Why != "at max_conns" || s[1].Why != "at max_conns" {
		t.Errorf("status %+v", s)
	}
	for _, a := range held {
		a.Done(false)
	}
	if got := picks(u, 2); got == "--" {
		t.Error("still full")
	}
}

// TestBackup promises the backups only when no primary is left, for every
// method that falls back on round robin.
func TestBackup(t *testing.T) {
	for _, method := range []string{"round_robin", "ip_hash", "hash k", "hash k consistent", "least_conn", "random", "random two"} {
		u := mustNew(t, method, plain(4, func(i int, p *Peer) { p.Backup = i >= 2 }))
		r := Request{Key: "x", Addr: netip.MustParseAddr("192.0.2.1")}
		for range 5 {
			if got := pick(u, r); got != "a" && got != "b" {
				t.Errorf("%s: picked %s while primaries live", method, got)
			}
		}
		got := fail(u, r)
		if len(got) != 4 || strings.ContainsAny(got[:2], "cd") || strings.ContainsAny(got[2:], "ab") {
			t.Errorf("%s: tried %s", method, got)
		}
		if got := pick(u, r); got != "-" {
			t.Errorf("%s: picked %s when all failed", method, got)
		}
	}
}

// TestRandom promises draws by weight, and the less loaded of two.
func TestRandom(t *testing.T) {
	u := mustNew(t, "random", plain(3, func(i int, p *Peer) { p.Weight = []int{1, 2, 7}[i] }))
	count := map[string]int{}
	for range 10_000 {
		count[pick(u, Request{})]++
	}
	for name, want := range map[string]int{"a": 1000, "b": 2000, "c": 7000} {
		if got := count[name]; got < want-200 || got > want+200 {
			t.Errorf("%s was drawn %d times of 10,000", name, got)
		}
	}
	u = mustNew(t, "random two least_conn", plain(2, nil))
	busy := u.Start(Request{})
	p, _ := busy.Next()
	for range 20 {
		if got := pick(u, Request{}); got == p.Name {
			t.Errorf("the busy one of two was taken")
		}
	}
}

// TestSameSeed promises the same draws from the same source.
func TestSameSeed(t *testing.T) {
	for _, method := range []string{"random", "random two least_conn"} {
		if a, b := picks(mustNew(t, method, plain(5, nil)), 50), picks(mustNew(t, method, plain(5, nil)), 50); a != b {
			t.Errorf("%s: %s and %s", method, a, b)
		}
	}
}

// TestSticky promises the named peer on top of any method, a draining one only
// to those who hold its id, and the method's choice when it cannot be used.
func TestSticky(t *testing.T) {
	for _, method := range []string{"round_robin", "ip_hash", "hash k", "hash k consistent", "least_conn", "random"} {
		u := mustNew(t, method, plain(3, func(i int, p *Peer) {
			p.Drain = i == 1
			p.Route = "r" + p.Name
			p.MaxFails = 2
		}))
		r := Request{Key: "x", Addr: netip.MustParseAddr("192.0.2.1")}
		for i := range 20 {
			r.Key = fmt.Sprint(i)
			if got := pick(u, r); got == "b" {
				t.Fatalf("%s: a new client got the draining peer", method)
			}
		}
		r.Sticky = "rb"
		for range 5 {
			if got := pick(u, r); got != "b" {
				t.Errorf("%s: the holder got %s", method, got)
			}
		}
		r.Sticky = "nobody"
		if got := pick(u, r); got == "b" || got == "-" {
			t.Errorf("%s: an unknown id got %s", method, got)
		}
		r.Sticky = "ra"
		if got := fail(u, r); got[0] != 'a' || strings.Contains(got, "b") {
			t.Errorf("%s: tried %s", method, got)
		}
	}
	if id := (&Peer{Address: "127.0.0.1:9001"}).ID(); len(id) != 32 || id != strings.ToLower(id) {
		t.Errorf("id %q", id)
	}
}

// TestTries promises the number of attempts: peers that are not down, at most
// proxy_next_upstream_tries, and one more after a refund.
func TestTries(t *testing.T) {
	peers := plain(4, func(i int, p *Peer) { p.Down = i == 0 })
	u := mustNew(t, "round_robin", peers)
	if got := u.Start(Request{}).TriesLeft(); got != 3 {
		t.Errorf("%d tries", got)
	}
	a := u.Start(Request{MaxTries: 2})
	a.Next()
	a.Done(true)
	if got := a.TriesLeft(); got != 1 {
		t.Errorf("%d tries left", got)
	}
	a.Refund()
	if got := a.TriesLeft(); got != 2 {
		t.Errorf("%d tries after a refund", got)
	}
	a.Done(true) // no attempt in flight
	if s := u.Status(); s[1].Fails+s[2].Fails+s[3].Fails != 1 {
		t.Errorf("status %+v", s)
	}
}

// TestFixedPoint promises that the clients whose hash stays at 89 are spread by
// round robin while their node is away.
func TestFixedPoint(t *testing.T) {
	addr := netip.MustParseAddr("55.52.246.200")
	if h := IPHash(addr, 1); h != IPHashStart || IPHash(addr, 7) != IPHashStart {
		t.Fatalf("the hash of %s is %d", addr, h)
	}
	u := mustNew(t, "ip_hash", plain(3, func(i int, p *Peer) { p.Down = i == IPHashStart%3 }))
	var steps []Step
	seen := map[string]bool{}
	for range 4 {
		steps = nil
		seen[pick(u, Request{Addr: addr, Steps: &steps})] = true
	}
	if len(seen) != 2 {
		t.Errorf("it got %v", seen)
	}
	if len(steps) != MaxMisses+2 || !steps[MaxMisses+1].Fallback || steps[0].Why != "down" || steps[0].Hash != IPHashStart {
		t.Errorf("steps %+v", steps)
	}
}

// TestSteps promises an account of the choice that ends at the peer taken.
func TestSteps(t *testing.T) {
	for _, method := range []string{"ip_hash", "hash k", "hash k consistent"} {
		u := mustNew(t, method, plain(5, func(i int, p *Peer) { p.Down = i < 3 }))
		for i := range 50 {
			var steps []Step
			r := Request{Addr: netip.AddrFrom4([4]byte{10, 0, byte(i), 1}), Key: fmt.Sprint(i), Steps: &steps}
			got := pick(u, r)
			if len(steps) == 0 || steps[len(steps)-1].Fallback {
				continue
			}
			if last := steps[len(steps)-1]; last.Peer != got || last.Why != "" ||
				slices.ContainsFunc(steps[:len(steps)-1], func(s Step) bool { return s.Why != "down" }) {
				t.Errorf("%s %d: got %s by %+v", method, i, got, steps)
			}
		}
	}
}

func TestManyPeers(t *testing.T) {
	peers := plain(200, func(i int, p *Peer) { p.Name = fmt.Sprintf("%d,", i) })
	u := mustNew(t, "round_robin", peers)
	if got := strings.Count(fail(u, Request{}), ","); got != 200 {
		t.Errorf("%d of 200 peers were tried", got)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		method string
		peers  []Peer
		want   string
	}{
		{"round_robin", nil, "balance: no servers in upstream"},
		{"fair", plain(1, nil), `balance: unknown method "fair"`},
		{"random", plain(2, nil), "balance: method random without a source of randomness"},
		{"ip_hash", plain(1, func(_ int, p *Peer) { p.Weight = 0 }), `balance: invalid weight 0 of server "a"`},
	} {
		if _, err := New(Method{Name: test.method}, test.peers, nil); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.method, err, test.want)
		}
	}
}

// FuzzRemoteAddr promises a text that reads back as the same address.
func FuzzRemoteAddr(f *testing.F) {
	for _, s := range []string{"::", "::1", "::100", "1::", "::ffff:1.2.3.4", "2001:db8::1:0:0:1", "192.0.2.1"} {
		b := netip.MustParseAddr(s).As16()
		f.Add(b[:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		if back, err := netip.ParseAddr(RemoteAddr(a)); err != nil || back != a {
			t.Errorf("%v is written %q", a, RemoteAddr(a))
		}
	})
}

// TestNoAllocation promises that a choice costs no memory.
func TestNoAllocation(t *testing.T) {
	for _, c := range choices(t) {
		if n := testing.AllocsPerRun(100, c.once); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

var methods = []string{"round_robin", "ip_hash", "hash k", "hash k consistent", "least_conn", "random", "random two least_conn"}

// choice is a request to an upstream of eight peers.
type choice struct {
	name string
	u    *Upstream
	a    Attempt
	r    Request
}

// once makes the request, its end included.
func (c *choice) once() {
	c.u.StartIn(&c.a, c.r)
	c.a.Next()
	c.a.Done(false)
}

// choices are one of each method: plain, with half of the peers down, and with
// a sticky id.
func choices(tb testing.TB) []*choice {
	var list []*choice
	for _, method := range methods {
		name := strings.ReplaceAll(method, " ", "_")
		r := Request{Addr: netip.MustParseAddr("192.0.2.1"), Key: "192.0.2.1"}
		held := r
		held.Sticky = (&Peer{Address: "c"}).ID()
		down := plain(8, func(i int, p *Peer) { p.Down = i%2 == 0 })
		list = append(list,
			&choice{name: name, u: mustNew(tb, method, plain(8, nil)), r: r},
			&choice{name: name + "/down", u: mustNew(tb, method, down), r: r},
			&choice{name: name + "/sticky", u: mustNew(tb, method, plain(8, nil)), r: held},
		)
	}
	return list
}

func BenchmarkChoice(b *testing.B) {
	for _, c := range choices(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.once()
			}
		})
	}
}
