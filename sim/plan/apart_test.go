package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"stickylab/sim/plan"
)

// Every host has its own address and its own name, and a word of the steps names none.
func TestHostsAreApart(t *testing.T) {
	const file = `title: T
duration: 60s
nodes: [{name: %s, listen: %s}, {name: im-2, listen: 10.0.0.2:3000}]
proxy: {policy: ip_hash}
front: {name: %s, ip: 198.51.100.10}
clients: {%s: {count: 2, ip: %s}}
steps: [%s]
`
	usual := []any{"im-1", "10.0.0.1:3000", "cdn", "users", "203.0.113.0/24", ""}
	for _, tt := range []struct {
		place int
		text  string
		want  string // "" means that nothing is wrong
	}{
		{0, "im-1", ""},
		{0, "all", `"all" cannot be the name of a node`},
		{0, "proxy", `"proxy" cannot be the name of a node`},
		{0, "redis", `"redis" cannot be the name of a node`},
		{0, "IM-2", `are one host name`},
		{0, "users-02", `is a client of users, and the name of a host`},
		{1, `"[::ffff:10.0.0.1]:3000"`, "listen cannot be"},
		{1, "10.0.0.1:0", "listen cannot be"},
		{1, "10.0.0.1:65536", "listen cannot be"},
		{1, "198.18.0.1:3000", "is the address of Redis"},
		{2, "all", `"all" cannot be the name of the front`},
		{2, "users-01", `is a client of users, and the name of a host`},
		{3, "all", ""},
		{3, "proxy", `"proxy" cannot be the name of a group`},
		{3, "redis", `"redis" cannot be the name of a group`},
		{3, "im-2", `"im-2" is the name of a host`},
		{3, "cdn", `"cdn" is the name of a host`},
		{4, "203.0.113.9", ""},
		{4, "10.0.0.1", "10.0.0.1 is the address of im-1"},
		{4, "198.51.100.10", "198.51.100.10 is the address of cdn"},
		{4, "192.168.33.10", "192.168.33.10 is the address of the proxy"},
		{4, "198.18.0.1", "198.18.0.1 is the address of Redis"},
		{4, "[203.0.113.9, 10.0.0.2]", "10.0.0.2 is the address of im-2"},
		{5, "{at: 1s, move: users, ip: 10.0.0.1}", "10.0.0.1 is the address of im-1"},
		{5, "{at: 1s, add: more, ip: 198.18.0.1}", "198.18.0.1 is the address of Redis"},
		{5, "{at: 1s, add: proxy, ip: 10.9.0.0/24}", `cannot be`},
		{5, "{at: 1s, add: cdn, ip: 10.9.0.0/24}", `"cdn" is the name of a host`},
		{5, "{at: 1s, scale: {add: all}}", `"all" cannot be the name of a node`},
	} {
		values := append([]any(nil), usual...)
		values[tt.place] = tt.text
		_, errs := plan.Parse("apart.yaml", fmt.Appendf(nil, file, values...))
		switch {
		case tt.want == "" && len(errs) > 0:
			t.Errorf("%s: %v", tt.text, errs)
		case tt.want != "" && (len(errs) != 1 || errs[0].Line == 0 || !strings.Contains(errs.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.text, errs, tt.want)
		}
	}
}

// No address of Redis is drawn, and an empty mapping is called empty.
func TestOddValues(t *testing.T) {
	p := mustResolve(t, mustParse(t, "a.yaml", []byte(strings.Replace(small(", count: 5", ""), "203.0.113.0/24", "198.18.0.0/29", 1))), nil)
	for _, c := range p.Clients {
		if c.IP.String() == "198.18.0.1" {
			t.Errorf("%s has the address of Redis", c.Name)
		}
	}
	for text, want := range map[string]string{
		small("", "variants: {}\n"):                     "variants is empty",
		small("", "settle: 1e300h\n"):                   "settle cannot be",
		small("", "settle: -0s\n"):                      "",
		small("", "settle: .inf\n"):                     "settle cannot be",
		small("", "settle: 10000000000h\n"):             "settle cannot be",
		small(", reconnection: {factor: .nan}", ""):     "factor cannot be",
		small(", reconnection: {factor: NaN}", ""):      "factor cannot be",
		small(", reconnection: {factor: -0.0}", ""):     "",
		small(", count: 0x1f", ""):                      "count cannot be",
		small(", count: 1e3", ""):                       "count cannot be",
		small(", count: !!str 5", ""):                   "",
		small(", size: 0", ""):                          "size cannot be",
		small(", say: every 0s", ""):                    "say cannot be",
		"\ufeff" + small("", ""):                        "",
		strings.ReplaceAll(small("", ""), "\n", "\r\n"): "",
		"\xff\xfet\x00":                                 "not UTF-8",
		small("", "\tsettle: 1s\n"):                     "",
	} {
		_, errs := plan.Parse("a.yaml", []byte(text))
		if want == "" && len(errs) > 0 && !strings.Contains(text, "\t") || want != "" && !strings.Contains(errs.Error(), want) {
			t.Errorf("%q: %v, want %q", text, errs, want)
		}
	}
}
