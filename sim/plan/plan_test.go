package plan_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

func mustResolve(t testing.TB, f *scenario.File, seed *uint64) *plan.Plan {
	t.Helper()
	p, errs := plan.Resolve(f, seed)
	if err := errs.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func goodPlan(t testing.TB, name string) *plan.Plan {
	t.Helper()
	return mustResolve(t, mustParse(t, name, goodFiles(t)[name]), nil)
}

func nodes(p *plan.Plan) string {
	var out []string
	for _, n := range p.Nodes {
		out = append(out, n.Name+" "+n.Listen.String())
	}
	return strings.Join(out, ", ")
}

func target(p *plan.Plan) string {
	return fmt.Sprintf("%s %s %s -> %s", p.Target.Address, p.Target.Host, p.Target.Path, p.Upstream)
}

func TestWhatAFileLeavesOpen(t *testing.T) {
	for _, tt := range []struct{ name, nodes, target, clients string }{
		{"two-regions.yaml", "im-3030 127.0.0.1:3030, im-5080 127.0.0.1:5080", "192.168.33.10:80 im.example.com /socket.io/ -> im", "beijing-01 ... shanghai-20"},
		{"starter.yaml", "im-1 10.0.0.1:3000, im-2 10.0.0.2:3000", "192.168.33.10:80 im.example.com /socket.io/ -> im", "beijing-01 ... shanghai-20"},
		{"short.yaml", "im-1 10.0.0.1:3000, im-2 10.0.0.2:3000, im-3 10.0.0.3:3000", "127.0.0.1:8080 chat.test /socket.io/ -> im", "all-01 ... all-02"},
		{"containers.yaml", "server-john 10.0.0.1:3000, server-paul 10.0.0.2:3000", "192.168.33.10:443 www.chat.example.com /socket.io/ -> chat", "one-01 ... one-01"},
		{"everything.yaml", "chat-a 10.1.0.1:3000, chat-b 10.0.0.1:3000, 5 [2001:db8::5]:3000", "10.9.9.9:8080 10.9.9.9 /chat/ -> im", "base-01 ... nat-150"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := goodPlan(t, tt.name)
			clients := p.Clients[0].Name + " ... " + p.Clients[len(p.Clients)-1].Name
			got := []string{nodes(p), target(p), clients}
			if diff := cmp.Diff([]string{tt.nodes, tt.target, tt.clients}, got); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(plan.Expand(p.File), "upstream") {
				t.Errorf("expansion %q", plan.Expand(p.File))
			}
		})
	}
}

// resolveText resolves a small file with an nginx text and further keys.
func resolveText(t *testing.T, nginx, keys string) *plan.Plan {
	t.Helper()
	src := "title: T\nduration: 1m\nclients: {a: {ip: 203.0.113.0/24}}\n" + keys + "proxy:\n  nginx: |\n    " + strings.ReplaceAll(nginx, "\n", "\n    ") + "\n"
	return mustResolve(t, mustParse(t, "text.yaml", []byte(src)), nil)
}

func TestTargetIsTheFirstServerThatProxies(t *testing.T) {
	const upstream = "upstream im { server 10.0.0.1:3000; }\n"
	for _, tt := range []struct{ name, nginx, keys, want string }{
		{"any address, no name", upstream + "server { listen 8080; location / { proxy_pass http://im; } }", "", "192.168.33.10:8080 192.168.33.10 /socket.io/ -> im"},
		{"IPv6 any address", upstream + "server { listen [::]:80; location / { proxy_pass http://im; } }", "", "192.168.33.10:80 192.168.33.10 /socket.io/ -> im"},
		{"an address from another server", upstream + "server { listen 80; location / { proxy_pass http://im; } } server { listen 10.7.0.1:81; }", "", "10.7.0.1:80 10.7.0.1 /socket.io/ -> im"},
		{"after a redirect and a static site", upstream + "server { listen 80; server_name a; return 301 https://$host; } server { listen 80; server_name b; location / { return 200 x; } } server { listen 80; server_name c; location / { proxy_pass http://im; } }", "", "192.168.33.10:80 c /socket.io/ -> im"},
		{"only the location of Socket.IO", upstream + "upstream web { server 10.0.0.1:3000; } server { listen 80; location / { proxy_pass http://web; } location /socket.io/ { proxy_pass http://im; } }", "", "192.168.33.10:80 192.168.33.10 /socket.io/ -> im"},
		{"another path only", upstream + "server { listen 80; location /chat/ { proxy_pass http://im; } }", "", "192.168.33.10:80 192.168.33.10 /socket.io/ -> im"},
		{"straight to an address", "server { listen 80; location / { proxy_pass http://10.0.0.1:3000; } }", "", "192.168.33.10:80 192.168.33.10 /socket.io/ -> 10.0.0.1:3000"},
		{"url by server name", upstream + "server { listen 8080; server_name im.test; location / { proxy_pass http://im; } }", "url: http://im.test:8080/socket.io\n", "192.168.33.10:8080 im.test /socket.io/ -> im"},
		{"url to a node", upstream + "server { listen 80; location / { proxy_pass http://im; } }", "nodes: 1\nurl: http://im-1:3000\n", "10.0.0.1:3000 im-1 /socket.io/ -> "},
		{"url by hosts", upstream + "server { listen 10.7.0.1:80; location / { proxy_pass http://im; } }", "hosts: {lb: 10.7.0.1}\nurl: ws://lb/x\n", "10.7.0.1:80 lb /x/ -> im"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := target(resolveText(t, tt.nginx, tt.keys)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNodesFromServerLines(t *testing.T) {
	for _, tt := range []struct{ servers, keys, want string }{
		{"server 127.0.0.1:3030; server 127.0.0.1:5080;", "", "im-3030 127.0.0.1:3030, im-5080 127.0.0.1:5080"},
		{"server 10.0.0.1:3000; server 10.0.0.2:3000 down; server 10.0.0.1:3000;", "", "im-1 10.0.0.1:3000, im-2 10.0.0.2:3000"},
		{"server chat-a:3000; server chat-b;", "", "chat-a 10.0.0.1:3000, chat-b 10.0.0.2:80"},
		{"server app:3001; server app:3002;", "", "app-3001 10.0.0.1:3001, app-3002 10.0.0.1:3002"},
		{"server app:3000; server 10.0.0.1:3000;", "", "app 10.0.0.2:3000, im-2 10.0.0.1:3000"},
		{"server unix:/run/app.1.sock; server unix:/run/app.2.sock;", "", "app-1 10.0.0.1:80, app-2 10.0.0.2:80"},
		{"server unix:/tmp/.x; server unix:/run/a/puma.sock weight=2; server unix:/run/b/puma.sock;", "", "x 10.0.0.1:80, puma 10.0.0.2:80, puma-3 10.0.0.3:80"},
		{"server unix:/run/app.sock;", "hosts: {\"unix:/run/app.sock\": 10.5.0.1}\n", "app 10.5.0.1:80"},
		{"server app:3000;", "hosts: {app: [10.5.0.1, 10.5.0.2]}\n", "im-1 10.5.0.1:3000, im-2 10.5.0.2:3000"},
	} {
		t.Run(tt.servers, func(t *testing.T) {
			p := resolveText(t, "upstream im { "+tt.servers+" }\nserver { listen 80; location / { proxy_pass http://im; } }", tt.keys)
			if got := nodes(p); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for _, u := range p.Config.Upstreams {
				for _, s := range u.Servers {
					addresses, ok := p.LookupHost(s.Host)
					if !ok || p.NodeAt(netip.AddrPortFrom(addresses[0], uint16(s.Port)).String()) == "" {
						t.Errorf("%s is no node", s.Address)
					}
				}
			}
		})
	}
}

func TestSameSeedSamePlan(t *testing.T) {
	f := mustParse(t, "two-regions.yaml", read(t, "testdata/good/two-regions.yaml"))
	opts := cmp.Options{cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })}
	one, two := mustResolve(t, f, nil), mustResolve(t, f, nil)
	if diff := cmp.Diff(one.Clients, two.Clients, opts); diff != "" {
		t.Error(diff)
	}
	other := uint64(8)
	three := mustResolve(t, f, &other)
	if three.Seed != 8 || cmp.Equal(one.Clients, three.Clients, opts) {
		t.Error("another seed made the same clients")
	}
	golden(t, "testdata/clients.txt", clientTable(one))
}

func clientTable(p *plan.Plan) string {
	var b strings.Builder
	for _, c := range p.Clients {
		fmt.Fprintf(&b, "%s %s connect %s say %s first after %s in %s\n", c.Name, c.IP, c.Connect, c.Say, c.Phase, c.Room)
	}
	return b.String()
}

func TestClientsKeepToTheirGroup(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	seen := map[netip.Addr]bool{}
	for _, c := range p.Clients {
		if seen[c.IP] {
			t.Errorf("%s was dealt twice", c.IP)
		}
		seen[c.IP] = true
		if c.Connect < 0 || c.Connect > 5*time.Second || c.Phase < 0 || c.Phase >= c.Say {
			t.Errorf("%s connects at %s, first says after %s", c.Name, c.Connect, c.Phase)
		}
		want := map[string]string{"beijing": "203.0.113.0/24", "shanghai": "192.0.2.0/25"}[c.Group]
		if !netip.MustParsePrefix(want).Contains(c.IP) {
			t.Errorf("%s has %s", c.Name, c.IP)
		}
	}
}

func TestMoves(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	move := p.Steps[len(p.Steps)-1]
	first, err := p.MoveTo(move, 0, len(plan.Targets(p.Clients, move.Who)))
	if err != nil || len(first) != 20 {
		t.Fatalf("%d addresses, %v", len(first), err)
	}
	for _, a := range first {
		if !netip.MustParsePrefix("192.0.2.128/25").Contains(a) {
			t.Errorf("moved to %s", a)
		}
	}
	again, _ := p.MoveTo(move, 0, len(plan.Targets(p.Clients, move.Who)))
	second, _ := p.MoveTo(move, 1, len(plan.Targets(p.Clients, move.Who)))
	if fmt.Sprint(first) != fmt.Sprint(again) || fmt.Sprint(first) == fmt.Sprint(second) {
		t.Error("moves of one number are equal, those of another are not")
	}
}

func TestAPolicyIsSetInAnyConfiguration(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	config, errs := p.WithPolicy(p.Config.Tree, "", "least_conn")
	if err := errs.Err(); err != nil {
		t.Fatal(err)
	}
	if got := config.Upstream("im").Method.Name; got != "least_conn" || !strings.Contains(config.Tree.Text(), "least_conn;") {
		t.Errorf("method %q in\n%s", got, config.Tree.Text())
	}
	if _, errs := p.WithPolicy(p.Config.Tree, "on", "least_conn"); !strings.Contains(errs.Error(), `no upstream "on"`) {
		t.Errorf("errors %v", errs)
	}
	if _, errs := p.WithPolicy(syntax.Scan("upstream im {"), "", "least_conn"); !strings.Contains(errs.Error(), "unexpected end of file") {
		t.Errorf("errors %v", errs)
	}
}

func TestNotesPointIntoTheFile(t *testing.T) {
	p := goodPlan(t, "containers.yaml")
	var at []string
	for _, n := range p.Notes {
		at = append(at, fmt.Sprintf("%d:%d %s", n.Line, n.Column, n.Text))
	}
	if len(at) == 0 || !strings.HasPrefix(at[0], "12:18 ") {
		t.Errorf("notes %q", at)
	}
}

func TestEstimate(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	load := plan.Estimate(p)
	// 40 clients say something every 5 s for about 57.5 s, to about 40 each.
	if load.Clients != 40 || load.Messages < 440 || load.Messages > 480 || load.Deliveries < 17_000 || load.Deliveries > 19_200 {
		t.Errorf("estimate %+v", load)
	}
	if load.CPU < 0.03 || load.CPU > 0.5 || load.Memory < 25e6 || load.Memory > 60e6 {
		t.Errorf("%v s of CPU, %v bytes", load.CPU, load.Memory)
	}
	// Two talkers say 1.5 MB every 5 s for a minute; both hear, and those of the
	// shop, who are in the same room by name.
	load = plan.Estimate(goodPlan(t, "traits.yaml"))
	if least := float64(24 * 3 * 1_500_000); load.Bytes < least || load.Bytes > 6*least {
		t.Errorf("%.0f bytes", load.Bytes)
	}
}
