package population

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"stickylab/sim/scenario"
)

// crowd is a list with addresses of that many clients each.
func crowd(t *testing.T, clients ...int) *Clients {
	t.Helper()
	var text strings.Builder
	for i, n := range clients {
		fmt.Fprintf(&text, "198.18.%d.%d %d\n", i/250, 1+i%250, n)
	}
	c, err := Read("x", strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A sample keeps the shares of addresses: each has its share of the clients, but for one more
// or less; the same seed draws the same.
func TestSample(t *testing.T) {
	var many []int
	for i := range 1000 {
		many = append(many, 1+i%3)
	}
	many[500] = 2000 // half of them are behind one address
	c := crowd(t, many...)
	s := c.Sample(200, 1, nil)
	if s.Clients() != 200 || s.Total != c.Total() || len(s.Unfit) > 0 {
		t.Fatalf("%d of %d clients", s.Clients(), s.Total)
	}
	seen := map[netip.Addr]bool{}
	for _, w := range s.List {
		if seen[w.Address] {
			t.Errorf("%s is there twice", w.Address)
		}
		seen[w.Address] = true
		var share float64
		for _, o := range c.List {
			if o.Address == w.Address {
				share = float64(o.Clients) * 200 / float64(c.Total())
			}
		}
		if d := float64(w.Clients) - share; d > 2 || d < -2 {
			t.Errorf("%s has %d clients, its share is %.1f", w.Address, w.Clients, share)
		}
	}
	if again := c.Sample(200, 1, nil); !reflect.DeepEqual(s, again) {
		t.Error("the same seed draws others")
	}
	if other := c.Sample(200, 2, nil); reflect.DeepEqual(s, other) {
		t.Error("another seed draws the same")
	}
	if all := crowd(t, 1, 4, 2).Sample(200, 1, nil); all.Clients() != 7 || all.Sentence("x", 1) != "the 7 clients of x, from 3 addresses" {
		t.Errorf("%+v", all)
	}
	if got := s.Sentence("x", 1); !strings.HasPrefix(got, "200 of the 3,9") || !strings.HasSuffix(got, "drawn with seed 1") {
		t.Error(got)
	}
}

// Addresses that no client can have are left out, and said.
func TestSampleLeavesOut(t *testing.T) {
	c, err := Read("x", strings.NewReader("127.0.0.1 900\n203.0.113.7\n10.0.0.1\n::1\n0.0.0.0\n224.0.0.1\n255.255.255.255\n2001:db8::7 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Sample(100, 1, func(a netip.Addr) bool { return a != netip.MustParseAddr("10.0.0.1") })
	if s.Total != 3 || len(s.List) != 2 || len(s.Unfit) != 6 {
		t.Errorf("%+v", s)
	}
	if got := s.LeftOut("x"); !strings.HasPrefix(got, "6 addresses of x cannot be a client's here, such as 127.0.0.1") {
		t.Error(got)
	}
	if none := c.Sample(100, 1, func(netip.Addr) bool { return false }); none.Total != 0 || len(none.List) > 0 || len(none.Groups(scenario.NewGroup("users"))) > 0 {
		t.Errorf("%+v", none)
	}
}

// Groups hold the clients of each address, however many share it.
func TestGroups(t *testing.T) {
	like := scenario.NewGroup("users")
	like.Room = "tea"
	groups := crowd(t, 1, 3, 1, 12, 3).Sample(100, 1, nil).Groups(like)
	var got []string
	for _, g := range groups {
		got = append(got, fmt.Sprintf("%s %d %v %s", g.Name, g.Count, g.IP, g.Room))
	}
	want := []string{
		"users 2 [198.18.0.1 198.18.0.3] tea",
		"users-by-3 6 [198.18.0.2 198.18.0.5] tea",
		"users-by-12 12 [198.18.0.4] tea",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// The first of the notes about users is told, without the place in a file that is not there.
func TestUnreached(t *testing.T) {
	one := "clients.users.ip[1]: the proxy listens for IPv4 alone"
	for want, notes := range map[string][]string{
		"":                                 nil,
		"the proxy listens for IPv4 alone": {one},
		"the proxy listens for IPv4 alone, and so for 2 addresses more": {one, one, one},
	} {
		if got := Unreached(notes); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
