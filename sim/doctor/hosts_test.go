package doctor_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"stickylab/sim/doctor"
	"stickylab/sim/scenario"
)

// A name with several addresses is several nodes, among which nginx balances; the fix
// gives it an upstream block.
func TestANameWithTwoAddresses(t *testing.T) {
	conf := "server {\n    location / {\n        proxy_pass http://app:3000;\n        " + headers + "\n    }\n}\n"
	o := doctor.Options{Adapter: "redis", From: doctor.Direct, Hosts: []scenario.Host{{Name: "app", Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}}}}
	r := examine(t, conf, o.Only("sticky"))
	if got := special(found(r)); !slices.Equal(got, []string{"sticky"}) {
		t.Fatalf("found %q", got)
	}
	f := r.Sites[0].Findings[0]
	if f.Cause.Line != 3 || f.Fix == nil || !strings.Contains(f.Fix.Diff, "+    server app:3000;") || !strings.Contains(f.Fix.Diff, "+        proxy_pass http://socket_nodes;") {
		t.Errorf("line %d: %+v", f.Cause.Line, f.Fix)
	}
	if r.Sites[0].Nodes != 2 {
		t.Errorf("%d nodes", r.Sites[0].Nodes)
	}
}

// localhost is one node at two addresses, unless the options say that it has one.
func TestLocalhost(t *testing.T) {
	conf := "server { location / { proxy_pass http://localhost:3000; " + headers + " } }\n"
	two := text(t, examine(t, conf, doctor.Options{}.Only()))
	one := text(t, examine(t, conf, doctor.Options{Hosts: []scenario.Host{{Name: "localhost", Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}}}.Only()))
	const note = "localhost has two addresses"
	if !strings.Contains(two, note) || strings.Contains(one, note) || !strings.Contains(two, "one server") {
		t.Errorf("%s\n%s", two, one)
	}
}
