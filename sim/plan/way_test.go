package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

const twoApplications = `upstream chat { server 10.0.0.1:3000; server 10.0.0.2:3000; }
upstream shop { server 10.0.0.3:4000; server 10.0.0.4:4000; }
upstream spare { server 10.0.0.5:3000; }
server { listen 80; listen [::]:80; server_name chat.test; location / { proxy_pass http://chat; } }
server { listen 80; server_name shop.test; location / { proxy_pass http://shop; } }
server { listen 8080; server_name shop.test; location / { proxy_pass http://spare; } }`

// places resolves a file of groups and tells where each goes.
func places(t *testing.T, keys, groups, add string) (*plan.Plan, []string) {
	t.Helper()
	src := "title: T\nduration: 1m\n" + keys + "clients:\n" + groups + "proxy:\n  nginx: |\n    " + strings.ReplaceAll(twoApplications, "\n", "\n    ") + "\n" + add
	p := mustResolve(t, mustParse(t, "ways.yaml", []byte(src)), nil)
	var out []string
	for _, c := range everyone(p) {
		w := p.RouteOf(c.Group)
		if c.Target != w.Target {
			t.Errorf("%s goes to %v, its group to %v", c.Name, c.Target, w.Target)
		}
		out = append(out, fmt.Sprintf("%s %s %s%s %s", c.Name, w.Target.For(c.IP), w.Target.Host, w.Target.URI(), w.Upstream))
	}
	return p, out
}

func TestGroupsGoWhereTheySay(t *testing.T) {
	p, got := places(t, "", `  a: {ip: 192.0.2.1}
  b: {ip: 192.0.2.2, url: http://shop.test}
  c: {ip: 192.0.2.3, url: "http://shop.test:8080/x?room=tea&lang=%C3%A9"}
  d: {ip: 192.0.2.4, url: "http://10.0.0.4:4000/"}
  e: {ip: 192.0.2.5, url: "http://im-3:4000/"}
  f: {ip: "2001:db8::1", url: http://shop.test}
`, `steps:
  - {at: 1s, add: g, ip: 192.0.2.9, url: http://shop.test}
  - {at: 2s, add: b, ip: 192.0.2.2}
`)
	want := []string{
		"a-01 192.168.33.10:80 chat.test/socket.io/ chat",
		"b-01 192.168.33.10:80 shop.test/socket.io/ shop",
		"c-01 192.168.33.10:8080 shop.test/x/?room=tea&lang=%C3%A9 spare",
		"d-01 10.0.0.4:4000 10.0.0.4/socket.io/ ",
		"e-01 10.0.0.3:4000 im-3/socket.io/ ",
		"f-01 [fd00::10]:80 shop.test/socket.io/ shop",
		"g-01 192.168.33.10:80 shop.test/socket.io/ shop",
		"b-02 192.168.33.10:80 shop.test/socket.io/ shop",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if used := p.UsedBy(p.Config); !slices.Equal(used, []string{"chat", "shop", "spare"}) {
		t.Errorf("used upstreams %v", used)
	}
	if want := "im-1 10.0.0.1:3000, im-2 10.0.0.2:3000, im-3 10.0.0.3:4000, im-4 10.0.0.4:4000, im-5 10.0.0.5:3000"; nodes(p) != want {
		t.Errorf("nodes %s", nodes(p))
	}
}

// Where every group has its own url, what the file would have taken by
// itself is not used: its servers need be no nodes.
func TestTheFilesOwnTargetMayBeUnused(t *testing.T) {
	p, got := places(t, "nodes: [{name: s1, listen: 10.0.0.3:4000}, {name: s2, listen: 10.0.0.4:4000}]\n", `  a: {ip: 192.0.2.1, url: "http://s1:4000/?room=tea"}
  b: {ip: 192.0.2.2, url: http://shop.test}
`, "")
	want := []string{"a-01 10.0.0.3:4000 s1/socket.io/?room=tea ", "b-01 192.168.33.10:80 shop.test/socket.io/ shop"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if target(p) != "192.168.33.10:80 shop.test /socket.io/ -> shop" {
		t.Errorf("target %s", target(p))
	}
}

// A name leads to the front, as its address in the DNS would; an address goes
// past it.
func TestGroupsMayGoPastTheFront(t *testing.T) {
	p, got := places(t, "front: {ip: 198.51.100.10}\n", `  a: {ip: 192.0.2.1}
  b: {ip: 192.0.2.2, url: http://shop.test}
  c: {ip: 192.0.2.3, url: http://192.168.33.10/}
  d: {ip: 192.0.2.4, url: http://198.51.100.10/?room=tea}
`, "")
	want := []string{
		"a-01 198.51.100.10:80 chat.test/socket.io/ chat",
		"b-01 198.51.100.10:80 shop.test/socket.io/ shop",
		"c-01 192.168.33.10:80 192.168.33.10/socket.io/ chat",
		"d-01 198.51.100.10:80 198.51.100.10/socket.io/?room=tea chat",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if w := p.RouteOf("b"); w.Entry.Address.String() != "192.168.33.10:80" || w.Entry.Host != "shop.test" {
		t.Errorf("b enters the proxy at %v", w.Entry)
	}
}

// The query of a URL becomes a part of each request's first line, besides what
// the client says there itself.
func TestQueriesOfUrls(t *testing.T) {
	for query, wrong := range map[string]string{
		"":                     "",
		"?":                    "",
		"?room=tea&t2=x%20y":   "",
		"?room=a b":            `"room=a b" is not the query of a URL`,
		"?room=é":              `"room=é" is not the query of a URL`,
		"?room=tea&sid=abc":    `the client sets "sid" itself`,
		"?transport=websocket": `the client sets "transport" itself`,
		"?EIO=3":               `the client sets "EIO" itself`,
	} {
		src := "title: T\nduration: 1m\nnodes: 2\nproxy: {policy: ip_hash}\nclients: {a: {ip: 203.0.113.1}, b: {ip: 203.0.113.2, url: \"http://im.example.com/" + query + "\"}}\n"
		f, problems := plan.Parse("queries.yaml", []byte(src))
		switch {
		case wrong == "" && len(problems) > 0:
			t.Errorf("%q: %v", query, problems)
		case wrong == "":
			if got := mustResolve(t, f, nil).RouteOf("b").Target.Query; "?"+got != query && got != query {
				t.Errorf("%q became %q", query, got)
			}
		case len(problems) != 1 || !strings.Contains(problems[0].Error(), wrong):
			t.Errorf("%q: %v; want %s", query, problems, wrong)
		}
	}
	f := mustParse(t, "query.yaml", []byte("title: T\nduration: 1m\nnodes: 2\nproxy: {policy: ip_hash}\nurl: http://im.example.com/?room=tea\nclients: {a: {ip: 203.0.113.1}}\n"))
	if p := mustResolve(t, f, nil); p.Clients[0].Target.URI() != "/socket.io/?room=tea" {
		t.Errorf("the file's own: %q", p.Clients[0].Target.URI())
	}
}

// A step about a node rewrites the upstream that has the node.
func TestStepsFindTheUpstreamOfTheNode(t *testing.T) {
	p, _ := places(t, "", "  a: {ip: 192.0.2.1}\n  b: {ip: 192.0.2.2, url: http://shop.test}\n", "")
	next, err := p.Rewrite(p.Begin(), scenario.Step{Verb: scenario.Down, Node: "im-3"})
	if err != nil || !strings.Contains(next.Config.Tree.Text(), "server 10.0.0.3:4000 down;") {
		t.Errorf("%v\n%s", err, next.Config.Tree.Text())
	}
}

// everyone returns the clients of the plan and then those that its steps add.
func everyone(p *plan.Plan) []plan.Client {
	out := slices.Clone(p.Clients)
	for _, s := range p.Steps {
		if s.Verb == scenario.Add {
			more, _ := p.Newcomers(s, out)
			out = append(out, more...)
		}
	}
	return out
}
