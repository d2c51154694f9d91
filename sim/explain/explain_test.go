package explain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
	"stickylab/sim/format"
)

func parse(t testing.TB, text string) *nginx.Config {
	t.Helper()
	c, problems := nginx.Parse(text, nginx.DefaultVersion)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

func block(method string, servers ...string) string {
	text := "upstream im {\n"
	if method != "" {
		text += method + ";\n"
	}
	for _, s := range servers {
		text += "server " + s + ";\n"
	}
	return text + "}\n"
}

func mustNew(t testing.TB, text string, o Options) *Upstream {
	t.Helper()
	u, err := New(parse(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// shown is the arithmetic of an address while some servers are down, row by row.
func shown(t testing.TB, text, addr string, down ...string) (server string, rows []string) {
	t.Helper()
	u := mustNew(t, text, Options{Down: down})
	c := u.Choose(netip.MustParseAddr(addr))
	for _, r := range u.Arithmetic(c, nil) {
		rows = append(rows, strings.TrimSpace(r.Label+" "+r.Text))
	}
	return name(c.Server), rows
}

// TestRows promises the rows of the arithmetic, for each method.
func TestRows(t *testing.T) {
	two := []string{"127.0.0.1:3030", "127.0.0.1:5080"}
	first := []string{"hash (89 * 113 + 203) % 6271 = 3989", "(3989 * 113 + 0) % 6271 = 5516", "(5516 * 113 + 113) % 6271 = 2592"}
	for _, test := range []struct {
		text   string
		down   []string
		server string
		rows   []string
	}{
		{block("ip_hash", two...), nil, "127.0.0.1:3030", append(first[:3:3], "slot 2592 % 2 = 0, first server")},
		{block("ip_hash", two...), two[:1], "127.0.0.1:5080", append(first[:3:3], "slot 2592 % 2 = 0, first server, down",
			"again (2592 * 113 + 203) % 6271 = 4633", "(4633 * 113 + 0) % 6271 = 3036", "(3036 * 113 + 113) % 6271 = 4547", "slot 4547 % 2 = 1, second server")},
		{block("hash $remote_addr", "a:1", "b:1", "c:1"), []string{"a"}, "b:1", []string{
			`hash crc32("203.0.113.77") = 0xd38528fe`, "(0xd38528fe >> 16) & 0x7fff = 21381", "slot 21381 % 3 = 0, first server, down",
			`again crc32("1203.0.113.77") = 0x7dcb9cb9`, "(0x7dcb9cb9 >> 16) & 0x7fff = 32203", "21381 + 32203 = 53584", "slot 53584 % 3 = 1, second server"}},
		{block("hash $remote_addr consistent", "a:1", "b:1"), nil, "a:1", []string{
			"hash crc32 = 3548719358", "point 3551818903, number 263 of the ring, first server"}},
		{block("", two...), nil, "127.0.0.1:3030", nil},
		{block("ip_hash", "a:1"), nil, "a:1", nil},
	} {
		server, rows := shown(t, test.text, "203.0.113.77", test.down...)
		if server != test.server || !slices.Equal(rows, test.rows) {
			t.Errorf("%s: %s\n%q\nwant %s\n%q", test.text, server, rows, test.server, test.rows)
		}
	}
	server, rows := shown(t, block("ip_hash", two...), "203.0.113.7", two...)
	if server != "no live upstreams, 502" || len(rows) < 20 {
		t.Errorf("all down: %s\n%q", server, rows)
	}
}

// TestDecides promises that methods which do not look at the address say so.
func TestDecides(t *testing.T) {
	for method, want := range map[string]string{
		"ip_hash": "", "hash $remote_addr": "", "hash $arg_room": "the key holds $arg_room, which each request brings along",
		"": "requests are distributed round-robin", "random": "random draws a server for each request",
	} {
		ok, why := mustNew(t, block(method, "a:1", "b:1"), Options{}).Decides()
		if ok != (want == "") || why != want {
			t.Errorf("%s: %v, %q", method, ok, why)
		}
	}
}

// TestArithmetic promises that what is shown is true: recomputed from what is
// printed, the steps lead to the peer that the balance package takes.
func TestArithmetic(t *testing.T) {
	servers := []string{"10.0.0.1:1 weight=5", "10.0.0.2:1", "10.0.0.3:1 weight=2", "10.0.0.4:1"}
	for _, method := range []string{"ip_hash", "hash $remote_addr", "hash $remote_addr consistent"} {
		text := block(method, servers...)
		u := mustNew(t, text, Options{Down: []string{"10.0.0.1", "10.0.0.4:1"}})
		for i := range 2000 {
			addr := netip.AddrFrom4([4]byte{byte(i * 7), byte(i >> 3), byte(i), 9})
			if i%5 == 0 {
				addr = netip.AddrFrom16([16]byte{0x20, 1, byte(i), byte(i >> 8), 15: byte(i)})
			}
			c := u.Choose(addr)
			if c.Fallback != "" {
				continue
			}
			for k, s := range c.Steps {
				owner := u.Servers[s.Server-1]
				if last := k == len(c.Steps)-1; last != (s.Why == "") || owner.Down == last || last && owner != *c.Server {
					t.Fatalf("%s: %s step %d of %+v", method, addr, k, c)
				}
				switch {
				case method == "ip_hash":
					if balance.IPHash(c.Seen, k+1) != s.Hash || int(s.Hash)%u.total != s.Slot {
						t.Fatalf("%s: %+v", addr, s)
					}
					shown := u.Arithmetic(c, nil)[len(c.Octets)-1].Text // of the first step
					if k == 0 && !strings.HasSuffix(shown, fmt.Sprintf(" = %d", s.Hash)) {
						t.Fatalf("%s: %q is not %d", addr, shown, s.Hash)
					}
				case !u.ring():
					if s.Before+s.CRC>>16&0x7fff != s.Hash || int(s.Hash)%u.total != s.Slot {
						t.Fatalf("%s: %+v", addr, s)
					}
				case k == 0 && s.Slot > 0 && s.Hash < s.Before:
					t.Fatalf("%s: the point lies before the key: %+v", addr, s)
				}
				if !u.ring() && (s.Slot < owner.First || s.Slot > owner.Last) {
					t.Fatalf("%s: slot %d is not of %+v", addr, s.Slot, owner)
				}
			}
		}
	}
}

// TestUpstream promises the upstream that clients reach, or the one named.
func TestUpstream(t *testing.T) {
	text := `upstream api { server 10.0.0.1:1; } upstream im { server 10.0.0.2:1; }
		server { listen 80; location / { proxy_pass http://api; } location /socket.io/ { proxy_pass http://im; } }`
	for name, want := range map[string]string{"": "im", "api": "api", "IM": "im"} {
		if u := mustNew(t, text, Options{Upstream: name}); u.Block.Name != want {
			t.Errorf("%q: upstream %s", name, u.Block.Name)
		}
	}
	for text, want := range map[string]string{
		block("", "a:1"): `no upstream "ix" (did you mean "im"?)`,
		"server { listen 80; location / { return 200; } }": `no upstream "ix"`,
	} {
		if _, err := New(parse(t, text), Options{Upstream: "ix"}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := New(parse(t, "server { listen 80; }"), Options{}); err == nil {
		t.Error("a text without an upstream was taken")
	}
}

// TestListen promises the address that nginx sees.
func TestListen(t *testing.T) {
	text := block("ip_hash", "a:1", "b:1")
	for _, test := range []struct{ server, addr, seen, note string }{
		{"", "192.0.2.7", "192.0.2.7", ""},
		{"listen 80;", "192.0.2.7", "192.0.2.7", ""},
		{"listen 80;", "2001:db8::1", "2001:db8::1", "No listen directive takes IPv6"},
		{"listen [::]:80 ipv6only=off;", "192.0.2.7", "::ffff:192.0.2.7", "sees an IPv4 client as ::ffff:a.b.c.d"},
		{"listen 80; listen [::]:80;", "192.0.2.7", "192.0.2.7", ""},
		{"listen [::]:80;", "192.0.2.7", "192.0.2.7", "No listen directive takes IPv4"},
		{"listen 80; set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For;", "192.0.2.7", "192.0.2.7", "taken from X-Forwarded-For when the connection comes from 10.0.0.0/8"},
		{"listen 80; set_real_ip_from 192.0.2.7;", "192.0.2.7", "192.0.2.7", "trusted to name others"},
	} {
		whole := text
		if test.server != "" {
			whole += "server { " + test.server + " location / { proxy_pass http://im; } }"
		}
		u := mustNew(t, whole, Options{})
		addr := netip.MustParseAddr(test.addr)
		if c := u.Choose(addr); c.Seen.String() != test.seen {
			t.Errorf("%s: seen as %s", test.server, c.Seen)
		}
		notes := strings.Join(u.Notes([]netip.Addr{addr}), "\n")
		if !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
			t.Errorf("%s: notes %q", test.server, notes)
		}
	}
}

// TestReason promises the reason why everything is on one server.
func TestReason(t *testing.T) {
	slash24 := Range(netip.MustParsePrefix("203.0.113.0/24"), 1)
	one := Population{Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7")}}
	for _, test := range []struct {
		name, text string
		down       []string
		crowd      Population
		want       string
	}{
		{"one /24", block("ip_hash", "a:1", "b:1"), nil, slash24, "these are 203.0.113 for all of them"},
		{"one address", block("ip_hash", "a:1", "b:1"), nil, one, "a load balancer or a NAT"},
		{"a NAT", block("hash $remote_addr", "a:1", "b:1"), nil, Population{Addresses: append(one.Addresses, one.Addresses...)}, "they share one address"},
		{"one server", block("ip_hash", "a:1"), nil, slash24, "only one server"},
		{"one is left", block("ip_hash", "a:1", "b:1"), []string{"a:1"}, slash24, "every other server is down"},
		{"a constant key", block("hash $scheme", "a:1", "b:1"), nil, slash24, "the key $scheme is the same"},
		{"chance", block("ip_hash", "a:1", "b:1"), nil, Population{Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("198.51.100.1")}}, "2 different ones"},
		{"spread", block("hash $remote_addr", "a:1", "b:1"), nil, slash24, ""},
	} {
		s := mustNew(t, test.text, Options{Down: test.down}).Spread(test.crowd)
		if test.want == "" && s.Reason != "" || !strings.Contains(s.Reason, test.want) {
			t.Errorf("%s: %q", test.name, s.Reason)
		}
	}
}

// TestRange promises every address of a small range, and a sample of a large
// one that the seed decides.
func TestRange(t *testing.T) {
	c := Range(netip.MustParsePrefix("203.0.113.0/24"), 1)
	if len(c.Addresses) != 256 || c.Sampled() || c.Addresses[255] != netip.MustParseAddr("203.0.113.255") {
		t.Errorf("%d addresses, the last %s", len(c.Addresses), c.Addresses[len(c.Addresses)-1])
	}
	for text, total := range map[string]string{"10.0.0.0/8": "16,777,216", "0.0.0.0/0": "4,294,967,296", "2001:db8::/32": "2^96", "2001:db8::/100": "268,435,456"} {
		p := netip.MustParsePrefix(text)
		a, b, other := Range(p, 1), Range(p, 1), Range(p, 2)
		if a.Total != total || len(a.Addresses) != sampleSize || !slices.Equal(a.Addresses, b.Addresses) || slices.Equal(a.Addresses, other.Addresses) {
			t.Errorf("%s: %s", text, a.Total)
		}
		for _, addr := range a.Addresses {
			if !p.Contains(addr) {
				t.Fatalf("%s is not in %s", addr, p)
			}
		}
	}
	if all := Range(netip.MustParsePrefix("255.255.255.0/24"), 1); len(all.Addresses) != 256 {
		t.Errorf("%d at the end of all addresses", len(all.Addresses))
	}
}

// TestMoves promises who moves: exactly the clients of a server that is down,
// or that left a ring; others too when the divisor changes.
func TestMoves(t *testing.T) {
	crowd := Range(netip.MustParsePrefix("10.0.0.0/8"), 1)
	three, two := []string{"a:1", "b:1", "c:1"}, []string{"a:1", "b:1"}
	for _, test := range []struct {
		method string
		down   []string // in after; nil: c is removed
		low    int      // per cent of the clients that move
		high   int
		want   string
	}{
		{"ip_hash", []string{"c:1"}, 33, 34, "Only clients of c:1 moved"},
		{"ip_hash", nil, 64, 69, "which was 3 and is 2 now"},
		{"hash $remote_addr consistent", nil, 25, 40, "Only clients of c:1 moved"},
		{"hash $remote_addr consistent", []string{"c:1"}, 25, 40, "Only clients of c:1 moved"},
	} {
		before := mustNew(t, block(test.method, three...), Options{})
		after := mustNew(t, block(test.method, two...), Options{})
		if test.down != nil {
			after = mustNew(t, block(test.method, three...), Options{Down: test.down})
		}
		m, ok, why := Compare(before, after, crowd)
		if !ok {
			t.Fatal(why)
		}
		share := m.Moved * 100 / sampleSize
		if share < test.low || share > test.high || m.Moved+m.Stay != sampleSize || !strings.Contains(m.Meaning(), test.want) {
			t.Errorf("%s, down %v: %d %% moved: %s", test.method, test.down, share, m.Meaning())
		}
		sum := 0
		for _, v := range m.List {
			sum += v.Clients
		}
		if sum != m.Moved {
			t.Errorf("%s: the list has %d of %d", test.method, sum, m.Moved)
		}
	}
	if _, ok, why := Compare(mustNew(t, block("ip_hash", two...), Options{}), mustNew(t, block("", two...), Options{}), crowd); ok || why == "" {
		t.Error("round robin was compared")
	}
	m, _, _ := Compare(mustNew(t, block("ip_hash", two...), Options{}), mustNew(t, block("ip_hash", "b:1", "a:1"), Options{}), crowd)
	if m.Stay != 0 {
		t.Errorf("with the lines swapped %d stay", m.Stay)
	}
}

// TestTurns promises what a fresh nginx does with the first requests.
func TestTurns(t *testing.T) {
	servers := []string{"a:1 weight=5", "b:1", "c:1"}
	for _, test := range []struct{ method, done, held string }{
		{"", "[1 1 2 1 3 1 1]", "[]"},
		{"least_conn", "[1 1 2 1 3 1 1]", "[1 2 3 1 1 1 1]"},
		{"hash $arg_k", "[1 1 2 1 3 1 1]", "[]"},
	} {
		u := mustNew(t, block(test.method, servers...), Options{})
		turns := u.Turns(7)
		if fmt.Sprint(turns.Done) != test.done || fmt.Sprint(turns.Held) != test.held {
			t.Errorf("%s: %v, held %v", test.method, turns.Done, turns.Held)
		}
	}
	random := block("random", "a:1", "b:1", "c:1")
	a, b, c := mustNew(t, random, Options{Seed: 1}).Turns(50), mustNew(t, random, Options{Seed: 1}).Turns(50), mustNew(t, random, Options{Seed: 2}).Turns(50)
	if fmt.Sprint(a) != fmt.Sprint(b) || fmt.Sprint(a.Done) == fmt.Sprint(c.Done) {
		t.Error("the seed does not decide")
	}
	if mustNew(t, block("ip_hash", servers...), Options{}).Turns(7) != nil {
		t.Error("ip_hash has turns")
	}
}

// TestFixedPoint promises that an address whose hash cannot leave a dead
// server is told apart.
func TestFixedPoint(t *testing.T) {
	u := mustNew(t, block("ip_hash", "a:1", "b:1", "c:1"), Options{Down: []string{"c:1"}})
	addr := netip.MustParseAddr("55.52.246.200")
	if balance.IPHash(addr, 1) != balance.IPHashStart {
		t.Fatal("not a fixed point")
	}
	c := u.Choose(addr)
	if len(c.Steps) != (balance.MaxMisses+1) || !strings.Contains(c.Fallback, "fixed point") {
		t.Errorf("%d steps, %q", len(c.Steps), c.Fallback)
	}
	if s := u.Spread(Population{Addresses: []netip.Addr{addr}}); s.Loose != 1 {
		t.Errorf("%d are loose", s.Loose)
	}
}

// TestNames promises that servers can be named in every way, and that a host
// name with several addresses is several servers.
func TestNames(t *testing.T) {
	o := Options{
		Addresses: func(host string) []netip.Addr {
			if host == "pool" {
				return []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}
			}
			return nil
		},
		NodeAt: func(address string) string { return map[string]string{"10.0.0.9:3000": "im-9"}[address] },
	}
	text := block("hash $remote_addr consistent", "pool:3000", "10.0.0.9:3000", "other")
	for name, want := range map[string]string{
		"pool:3000": "[true true false false]", "10.0.0.2": "[false true false false]", "im-9": "[false false true false]", "other": "[false false false true]",
		"other:80": "[false false false true]",
	} {
		o.Down = []string{name}
		u := mustNew(t, text, o)
		var down []bool
		for _, s := range u.Servers {
			down = append(down, s.Down)
		}
		if fmt.Sprint(down) != want {
			t.Errorf("%s: %v", name, down)
		}
		for i := range 200 {
			c := u.Choose(netip.AddrFrom4([4]byte{10, 1, byte(i), 1}))
			if c.Server == nil || c.Server.Down || len(c.Steps) > 0 && c.Steps[len(c.Steps)-1].Why != "" {
				t.Fatalf("%s: %+v", name, c)
			}
		}
	}
}

// TestWidth promises a page of 80 columns, plain, for ordinary names, and JSON
// that can be read back.
func TestWidth(t *testing.T) {
	servers := []string{"im-1.internal.example.com:3000 weight=300", "10.0.0.2:3000", "[2001:db8::1]:3000", "im-4:3000", "im-5:3000"}
	for _, method := range []string{"", "ip_hash", "hash $remote_addr", "hash $remote_addr consistent", "hash $arg_a$cookie_b$http_c", "least_conn", "random two least_conn"} {
		for _, down := range [][]string{nil, {"im-4", "10.0.0.2:3000"}} {
			u := mustNew(t, block(method, servers...), Options{Down: down, Seed: 18446744073709551615})
			other := mustNew(t, block(method, servers[1:]...), Options{})
			r := u.Answer(Question{
				Source: "some/where/far/away/from/here/in/a/long/path/nginx.conf", OtherSource: "some/where/far/away/from/here/in/a/long/path/new.conf",
				Addresses:   []netip.Addr{netip.MustParseAddr("203.0.113.77"), netip.MustParseAddr("2001:db8:1234:5678:9abc:def0:1234:5678"), netip.MustParseAddr("55.52.246.200")},
				Populations: []Population{Range(netip.MustParsePrefix("203.0.113.0/24"), 1), Range(netip.MustParsePrefix("10.0.0.0/8"), 18446744073709551615)},
				Other:       other,
			})
			var text, line bytes.Buffer
			if err := r.WriteText(&text); err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(text.String()) {
				if l = strings.TrimSuffix(l, "\n"); format.Width(l) > 80 || strings.TrimRight(l, " ") != l {
					t.Errorf("%s: %q has %d columns", method, l, format.Width(l))
				}
			}
			if err := r.WriteJSON(&line); err != nil {
				t.Fatal(err)
			}
			var back map[string]any
			if err := json.Unmarshal(line.Bytes(), &back); err != nil || back["schema"] != 1.0 || strings.Count(line.String(), "\n") != 1 {
				t.Errorf("%s: %v %v", method, back["schema"], err)
			}
		}
	}
}

// BenchmarkSlash24 is `explain` on a /24, from the text of the configuration
// on. It must stay under 20 ms.
func BenchmarkSlash24(b *testing.B) {
	for _, method := range []string{"ip_hash", "hash $remote_addr consistent"} {
		b.Run(strings.Fields(method)[0], func(b *testing.B) {
			text := block(method, "10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1", "10.0.0.5:1", "10.0.0.6:1", "10.0.0.7:1", "10.0.0.8:1")
			for b.Loop() {
				u := mustNew(b, text, Options{})
				r := u.Answer(Question{Populations: []Population{Range(netip.MustParsePrefix("203.0.113.0/24"), 1)}})
				r.WriteText(&bytes.Buffer{})
			}
		})
	}
}

func BenchmarkArithmetic(b *testing.B) {
	text := block("ip_hash", "10.0.0.1:1", "10.0.0.2:1")
	for b.Loop() {
		shown(b, text, "203.0.113.77")
	}
}

// TestSlash24Time promises an answer about a /24 within 20 ms.
func TestSlash24Time(t *testing.T) {
	text := block("hash $remote_addr consistent", "10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1")
	best := time.Hour
	for range 10 { // the machine may be busy with other things
		began := time.Now()
		u := mustNew(t, text, Options{})
		u.Answer(Question{Populations: []Population{Range(netip.MustParsePrefix("203.0.113.0/24"), 1)}}).WriteText(&bytes.Buffer{})
		best = min(best, time.Since(began))
	}
	if best > 20*time.Millisecond {
		t.Errorf("it took %s", best)
	}
}
