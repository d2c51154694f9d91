package inspect

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/balance"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// behind returns a plan of three nodes behind an upstream with these lines.
func behind(t testing.TB, upstream string) *plan.Plan {
	t.Helper()
	return planOf(t, "behind", fmt.Sprintf(`
title: Behind a proxy
duration: 60s
nodes:
  - {name: im-1, listen: 10.1.0.1:3000}
  - {name: im-2, listen: 10.1.0.2:3000}
  - {name: im-3, listen: 10.1.0.3:3000}
proxy:
  nginx: |
    upstream im { %s }
    server { listen 192.168.33.10:80; location / { proxy_pass http://im; } }
clients:
  all: {count: 2, ip: 203.0.113.0/24}
`, upstream))
}

// still is a source at the beginning of a plan.
func still(t testing.TB, plan *plan.Plan) *Source {
	live := opened(t, plan, 0)
	return seen(live, 0)
}

const twoServers = "server 10.1.0.1:3000; server 10.1.0.2:3000;"

func TestPlacing(t *testing.T) {
	for _, c := range []struct {
		upstream, addr, node string
		tried                []string
		want                 []string
	}{
		{"ip_hash; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			"ip_hash reads 203.0.113 of 203.0.113.77, from 89 on:",
			"hash  (89 * 113 + 203) % 6271 = 3989",
			"      (3989 * 113 + 0) % 6271 = 5516",
			"      (5516 * 113 + 113) % 6271 = 2592",
			"slot  2592 % 2 = 0, first server, 10.1.0.1:3000",
		}},
		{"ip_hash; " + twoServers, "203.0.113.77", "im-2", []string{"im-1"}, []string{
			"ip_hash reads 203.0.113 of 203.0.113.77, from 89 on:",
			"hash  (89 * 113 + 203) % 6271 = 3989",
			"      (3989 * 113 + 0) % 6271 = 5516",
			"      (5516 * 113 + 113) % 6271 = 2592",
			"slot  2592 % 2 = 0, first server, 10.1.0.1:3000, which failed",
			"again (2592 * 113 + 203) % 6271 = 4633",
			"      (4633 * 113 + 0) % 6271 = 3036",
			"      (3036 * 113 + 113) % 6271 = 4547",
			"slot  4547 % 2 = 1, second server, 10.1.0.2:3000",
		}},
		{"ip_hash; server 10.1.0.1:3000 down; server 10.1.0.2:3000;", "203.0.113.77", "im-2", nil, []string{
			"ip_hash reads 203.0.113 of 203.0.113.77, from 89 on:",
			"hash  (89 * 113 + 203) % 6271 = 3989",
			"      (3989 * 113 + 0) % 6271 = 5516",
			"      (5516 * 113 + 113) % 6271 = 2592",
			"slot  2592 % 2 = 0, first server, 10.1.0.1:3000, marked down",
			"again (2592 * 113 + 203) % 6271 = 4633",
			"      (4633 * 113 + 0) % 6271 = 3036",
			"      (3036 * 113 + 113) % 6271 = 4547",
			"slot  4547 % 2 = 1, second server, 10.1.0.2:3000",
		}},
		{"ip_hash; server 10.1.0.1:3000 weight=2; server 10.1.0.2:3000;", "203.0.113.77", "im-1", nil, []string{
			"ip_hash reads 203.0.113 of 203.0.113.77, from 89 on:",
			"hash  (89 * 113 + 203) % 6271 = 3989",
			"      (3989 * 113 + 0) % 6271 = 5516",
			"      (5516 * 113 + 113) % 6271 = 2592",
			"slot  2592 % 3 = 0, first server, 10.1.0.1:3000",
		}},
		{"ip_hash; " + twoServers, "203.0.113.77", "im-3", nil, []string{
			"ip_hash reads 203.0.113 of 203.0.113.77, from 89 on:",
			"hash  (89 * 113 + 203) % 6271 = 3989",
			"      (3989 * 113 + 0) % 6271 = 5516",
			"      (5516 * 113 + 113) % 6271 = 2592",
			"slot  2592 % 2 = 0, first server, 10.1.0.1:3000",
			"that is not where it is: something other than the rule decided",
		}},
		{"hash $remote_addr; " + twoServers, "203.0.113.77", "im-2", nil, []string{
			`hash $remote_addr of "203.0.113.77":`,
			`hash  crc32("203.0.113.77") = 0xd38528fe`,
			"      (0xd38528fe >> 16) & 0x7fff = 21381",
			"slot  21381 % 2 = 1, second server, 10.1.0.2:3000",
		}},
		{"hash $remote_addr; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			`hash $remote_addr of "203.0.113.77":`,
			`hash  crc32("203.0.113.77") = 0xd38528fe`,
			"      (0xd38528fe >> 16) & 0x7fff = 21381",
			"slot  21381 % 2 = 1, second server, 10.1.0.2:3000, off after failures",
			`again crc32("1203.0.113.77") = 0x7dcb9cb9`,
			"      (0x7dcb9cb9 >> 16) & 0x7fff = 32203",
			"      21381 + 32203 = 53584",
			"slot  53584 % 2 = 0, first server, 10.1.0.1:3000",
		}},
		{"hash $remote_addr consistent; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			`hash $remote_addr consistent of "203.0.113.77":`,
			"hash  crc32 = 3548719358",
			"point 3567198549, number 278 of the ring, first server, 10.1.0.1:3000",
		}},
		{"hash $arg_sid; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			"hash $arg_sid: the key holds $arg_sid, which each request brings along",
		}},
		{twoServers, "203.0.113.77", "im-1", nil, []string{
			"round robin distributes requests in turn, whoever the client is:",
			"nothing ties the next request of a session to its node",
		}},
		{"least_conn; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			"least_conn takes the server with the fewest open requests",
			"for its weight, in turn among equals; the client does not matter",
		}},
		{"random; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			"random draws a server by weight, anew for each request",
		}},
		{"random two least_conn; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			"random two draws two servers and takes the less busy one;",
			"the client does not matter",
		}},
		{"ip_hash; server 10.1.0.1:3000;", "203.0.113.77", "im-1", nil, []string{
			"upstream im has one server: nothing to choose",
		}},
		{"sticky cookie srv_id; " + twoServers, "203.0.113.77", "im-1", nil, []string{
			`sticky cookie: the first answer sets "srv_id", which names the server;`,
			"requests with it go to that server, others are placed like this:",
			"round robin distributes requests in turn, whoever the client is:",
			"nothing ties the next request of a session to its node",
		}},
	} {
		s := still(t, behind(t, c.upstream))
		r, err := ruleAt(s, 0, s.Plan().RouteOf(""))
		if err != nil {
			t.Fatal(err)
		}
		got := r.placing(c.addr, c.node, c.tried)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s, %s on %s (-want +got):\n%s", c.upstream, c.addr, c.node, d)
		}
	}
}

// What is told leads to the node that the balancer itself chooses, whatever
// peers have failed before.
func TestPlacingAgreesWithTheBalancer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const servers = "server 10.1.0.1:3000 weight=2; server 10.1.0.2:3000; server 10.1.0.3:3000 weight=3;"
	for _, method := range []string{"ip_hash", "hash $remote_addr", "hash $remote_addr consistent", "hash $binary_remote_addr"} {
		s := still(t, behind(t, method+"; "+servers))
		r, err := ruleAt(s, 0, s.Plan().RouteOf(""))
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(method)
		for range 200 {
			addr := netip.AddrFrom4([4]byte{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())})
			if addr.As4()[0]%5 == 0 {
				b := [16]byte{0x20, 0x01, 0x0d, 0xb8, 15: byte(random.Uint32())}
				addr = netip.AddrFrom16(b)
			}
			key := balance.RemoteAddr(addr)
			if strings.Contains(method, "binary") {
				key = string(addr.AsSlice())
			}
			var peers []balance.Peer
			for i, weight := range []int{2, 1, 3} {
				address := fmt.Sprintf("10.1.0.%d:3000", i+1)
				peers = append(peers, balance.Peer{Name: address, Address: address, Weight: weight, MaxFails: 1, FailTimeout: 10 * time.Second})
			}
			u, err := balance.New(balance.Method{Name: words[0], Args: words[1:]}, peers, nil)
			if err != nil {
				t.Fatal(err)
			}
			a := u.Start(balance.Request{Addr: addr, Key: key})
			var tried []string
			for range 2 {
				peer, err := a.Next()
				if err != nil {
					t.Fatal(err)
				}
				node := r.nodeAt(peer.Address)
				lines := r.placing(addr.String(), node, tried)
				if slices.Contains(lines, "that is not where it is: something other than the rule decided") || !strings.Contains(lines[len(lines)-1], peer.Name) {
					if !strings.Contains(lines[len(lines)-1], "round robin chooses") {
						t.Fatalf("%s: %s on %s after %v:\n%s", method, addr, peer.Name, tried, strings.Join(lines, "\n"))
					}
				}
				tried = append(tried, node)
				a.Done(true)
			}
		}
	}
}

func TestLongAddressIsShortened(t *testing.T) {
	s := still(t, behind(t, "ip_hash; "+twoServers))
	r, err := ruleAt(s, 0, s.Plan().RouteOf(""))
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddr("2001:db8::7")
	u, err := r.explain(nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := r.placing(addr.String(), u.Choose(addr).Server.Node, nil)
	if len(lines) != 7 || lines[3] != "      ... 12 more ..." {
		t.Fatalf("%q", lines)
	}
	if want := fmt.Sprintf("= %d", balance.IPHash(addr, 1)); !strings.HasSuffix(lines[5], want) {
		t.Errorf("%q does not end in %q", lines[5], want)
	}
}

// Steps of the file and done here change the rule from their instant on.
func TestRuleInTime(t *testing.T) {
	live := opened(t, planOf(t, "two-regions", ""), 10*time.Second)
	do := func(s scenario.Step) {
		t.Helper()
		if _, err := live.Do(s); err != nil {
			t.Fatal(err)
		}
	}
	do(scenario.Step{Verb: scenario.Policy, Policy: "least_conn"})
	if err := live.Advance(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	do(scenario.Step{Verb: scenario.Policy, Policy: "hash $remote_addr consistent"})
	if err := live.Advance(25 * time.Second); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]string{
		5 * time.Second: "ip_hash", 10 * time.Second: "least_conn", 15 * time.Second: "least_conn", 22 * time.Second: "hash $remote_addr consistent",
	} {
		r, err := ruleAt(seen(live, 25*time.Second), at, live.Plan().RouteOf(""))
		if err != nil || r.method() != want {
			t.Errorf("at %v: %s, %v; want %s", at, r.method(), err, want)
		}
	}
	// In the past nothing is known of what came later.
	r, err := ruleAt(seen(live, 12*time.Second), 24*time.Second, live.Plan().RouteOf(""))
	if err != nil || r.method() != "least_conn" || r.changed != 10*time.Second {
		t.Errorf("in the past: %s since %v, %v", r.method(), r.changed, err)
	}
	page := strings.Join(Client(seen(live, 12*time.Second), "beijing-07", 120), "\n")
	for _, want := range []string{"2592 % 2 = 0", "since 0:10.000 the proxy says least_conn; a WebSocket stays where it is"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if page = strings.Join(Client(seen(live, 9*time.Second), "beijing-07", 120), "\n"); strings.Contains(page, "least_conn") {
		t.Errorf("the page knows the future:\n%s", page)
	}
}

// Clients that ask a node without a proxy between.
func TestDirect(t *testing.T) {
	plan := planOf(t, "direct", `
title: Direct
duration: 20s
nodes: [{name: im-1, listen: 10.1.0.1:3000}, {name: im-2, listen: 10.1.0.2:3000}]
url: http://10.1.0.2:3000
proxy: {policy: ip_hash}
clients:
  all: {count: 2, ip: 203.0.113.0/24, say: every 1s}
`)
	if plan.Upstream != "" {
		t.Fatalf("upstream %q", plan.Upstream)
	}
	s := seen(opened(t, plan, 10*time.Second), 10*time.Second)
	page := strings.Join(Client(s, "all-01", 120), "\n")
	for _, want := range []string{"clients ask this node themselves", "polling handshake   B 200"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	m := s.Ledger.Recent(5)
	if page = strings.Join(Message(s, m[4].ID, 120), "\n"); strings.Contains(page, "proxy") {
		t.Errorf("the message goes through a proxy:\n%s", page)
	}
}
