package explain

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
	"stickylab/sim/population"
)

// office is a list of 200 clients in one /24 and 300 from everywhere.
func office(t *testing.T) *population.Clients {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "203.0.113.%d\n", 1+i)
	}
	for i := range 300 {
		fmt.Fprintf(&b, "%d.%d.%d.1\n", 1+i%200, i*7%256, i*31%256)
	}
	c, err := population.Read("office.txt", strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func policiesOf(t *testing.T, servers string, file *population.Clients) map[string]Policy {
	t.Helper()
	config, problems := nginx.Parse("upstream im { ip_hash; "+servers+" }\nserver { listen 80; location / { proxy_pass http://im; } }", nginx.DefaultVersion)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	u, err := New(config, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := Clients("office.txt", file, 1)
	found := map[string]Policy{}
	for _, p := range u.Policies(c) {
		found[p.Method] = p
	}
	// What is said now is what the text of the question says.
	most := 0
	for _, n := range u.Spread(c).Clients {
		most = max(most, n)
	}
	if now := found["ip_hash"]; len(found) > 0 && (!now.Now || now.Most != most) {
		t.Errorf("%+v, and %d are on one server", now, most)
	}
	return found
}

// An office is one client to ip_hash, and a ring moves the least.
func TestPolicies(t *testing.T) {
	const three = "server 10.0.0.1:80; server 10.0.0.2:80; server 10.0.0.3:80;"
	p := policiesOf(t, three, office(t))
	whole, modulo, ring := p["ip_hash"], p["hash $remote_addr"], p["hash $remote_addr consistent"]
	if len(p) != 3 || whole.Most < 250 || modulo.Most > 220 || ring.Most > 250 {
		t.Errorf("%+v", p)
	}
	// Of three a third has to move when one goes, and a quarter when one comes.
	if *ring.Fewer > 250 || *modulo.Fewer < 280 || ring.More > 200 || modulo.More < 320 {
		t.Errorf("%+v, one fewer %d and %d", p, *ring.Fewer, *modulo.Fewer)
	}
	if p := policiesOf(t, "server 10.0.0.1:80;", office(t)); len(p) != 0 {
		t.Errorf("one server: %+v", p)
	}
	p = policiesOf(t, "server 10.0.0.1:80; server 10.0.0.2:80 down;", office(t))
	if ring := p["hash $remote_addr consistent"]; ring.Fewer != nil || ring.Fewest != 500 {
		t.Errorf("the only server that is up cannot go: %+v", ring)
	}
}

// An address with many clients counts as often.
func TestClientsHaveTheirWeights(t *testing.T) {
	few := &population.Clients{Form: population.List, List: []population.Weighted{{Address: netip.MustParseAddr("192.0.2.1"), Clients: 3}, {Address: netip.MustParseAddr("198.51.100.1"), Clients: 1}}}
	if c := Clients("x", few, 1); len(c.Addresses) != 4 || c.Sampled() || c.Of != "2 addresses" {
		t.Errorf("%+v", c)
	}
	few.List[0].Clients, few.List[1].Clients = 3_000_000, 1_000_000
	c := Clients("x", few, 1)
	n := 0
	for _, a := range c.Addresses {
		if a == few.List[0].Address {
			n++
		}
	}
	if share := float64(n) / float64(len(c.Addresses)); !c.Sampled() || c.Total != "4,000,000" || share < 0.74 || share > 0.76 {
		t.Errorf("%d addresses of %s, %.3f of them the first", len(c.Addresses), c.Total, share)
	}
}
