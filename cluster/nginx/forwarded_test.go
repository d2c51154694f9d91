package nginx

import (
	"net/netip"
	"testing"
)

func TestWhoTheClientIs(t *testing.T) {
	from := func(list ...string) (out []netip.Prefix) {
		for _, s := range list {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	once := &RealIP{From: from("10.0.0.0/8", "fd00::/8"), Header: "X-Forwarded-For"}
	along := &RealIP{From: once.From, Header: once.Header, Recursive: true}
	for _, test := range []struct {
		rule            *RealIP
		own, said, want string
	}{
		{nil, "10.0.0.1:5", "192.0.2.1", "10.0.0.1:5"},
		{once, "172.16.0.1:5", "192.0.2.1", "172.16.0.1:5"},
		{once, "10.0.0.1:5", "", "10.0.0.1:5"},
		{once, "10.0.0.1:5", "192.0.2.1", "192.0.2.1:0"},
		{once, "10.0.0.1:5", "192.0.2.1:99", "192.0.2.1:99"},
		{once, "[::ffff:10.0.0.1]:5", "192.0.2.1", "192.0.2.1:0"},
		{once, "[fd00::1]:5", "[2001:db8::1]:7", "[2001:db8::1]:7"},
		{once, "10.0.0.1:5", "192.0.2.1, 10.0.0.2", "10.0.0.2:0"},
		{once, "10.0.0.1:5", "192.0.2.1, nobody", "10.0.0.1:5"},
		{once, "10.0.0.1:5", "255.255.255.255", "10.0.0.1:5"},
		{along, "10.0.0.1:5", "192.0.2.9, 192.0.2.1, 10.0.0.2", "192.0.2.1:0"},
		{along, "10.0.0.1:5", "10.0.0.3,10.0.0.2 , ", "10.0.0.3:0"},
		{along, "10.0.0.1:5", "nobody, 10.0.0.2", "10.0.0.2:0"},
		{along, "10.0.0.1:5", " 10.0.0.2", "10.0.0.1:5"}, // as nginx: a space in front belongs to it
	} {
		got := test.rule.Client(netip.MustParseAddrPort(test.own), func(name string) string {
			if name != "X-Forwarded-For" {
				t.Errorf("asked for %s", name)
			}
			return test.said
		})
		if got != netip.MustParseAddrPort(test.want) {
			t.Errorf("%s, told %q: %s, not %s", test.own, test.said, got, test.want)
		}
	}
}
