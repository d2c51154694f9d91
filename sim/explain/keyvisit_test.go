package explain

import (
	"net/netip"
	"testing"
)

// A key that is set or captured on the way of a request is worked out, and what of the
// request it holds that no address decides is named.
func TestKeysThatAreMadeOnTheWay(t *testing.T) {
	up := block("hash $key consistent", "10.0.0.1:3000", "10.0.0.2:3000")
	server := func(lines string) string {
		return up + "server { listen 80; server_name ~^(?<room>\\w+)\\.example\\.org$ chat.example.org; " + lines + " location / { proxy_pass http://im; } }\n"
	}
	for _, c := range []struct{ name, text, key, why string }{
		{"set to the address", server("set $key $remote_addr;"), "203.0.113.7", ""},
		{"set to a text and the address", server("set $who $remote_addr; set $key room-$who;"), "room-203.0.113.7", ""},
		{"captured of the path", up + "server { listen 80; location ~ ^/(?<key>[^/]+)/ { proxy_pass http://im; } }", "socket.io", ""},
		{"set to a header", server("set $key $http_x_room;"), "", "the key holds $http_x_room, which each request brings along"},
		{"set to what another header does not change", server("set $key $remote_addr; if ($http_x_room) { set $other 1; }"), "203.0.113.7", ""},
		{"defined nowhere but by requests", block("hash $arg_sid", "a:1", "b:1") + "server { listen 80; location / { proxy_pass http://im; } }", "", "the key holds $arg_sid, which each request brings along"},
	} {
		u := mustNew(t, c.text, Options{})
		if _, why := u.Decides(); why != c.why {
			t.Errorf("%s: %q, want %q", c.name, why, c.why)
		}
		if got := u.Choose(netip.MustParseAddr("203.0.113.7")).Key; c.why == "" && got != c.key {
			t.Errorf("%s: key %q, want %q", c.name, got, c.key)
		}
	}
}
