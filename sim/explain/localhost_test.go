package explain

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// localhost is two servers, as most hosts files and nginx have it, unless the options
// say which address it has.
func TestLocalhostIsTwo(t *testing.T) {
	text := block("ip_hash", "localhost:3030", "localhost:5080")
	u := mustNew(t, text, Options{})
	var got []string
	for _, s := range u.Servers {
		got = append(got, s.Address)
	}
	if want := []string{"[::1]:3030", "127.0.0.1:3030", "[::1]:5080", "127.0.0.1:5080"}; !slices.Equal(got, want) {
		t.Errorf("servers %q, want %q", got, want)
	}
	if notes := strings.Join(u.Notes(nil), "\n"); !strings.Contains(notes, "localhost is taken for the two addresses") {
		t.Errorf("notes %q", notes)
	}
	one := mustNew(t, text, Options{Addresses: func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} }})
	if len(one.Servers) != 2 || len(one.Notes(nil)) > 0 {
		t.Errorf("%d servers, notes %q", len(one.Servers), one.Notes(nil))
	}
}
