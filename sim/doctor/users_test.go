package doctor

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"stickylab/sim/plan"
	"stickylab/sim/population"
	"stickylab/sim/scenario"
)

const usersText = `upstream im { hash $remote_addr; server 10.0.0.1:3000; server 10.0.0.2:3000; }
server { listen 80; location / { proxy_pass http://im; set_real_ip_from 203.0.114.0/24; } }`

// Whoever the users are, no experiment gives an address to two groups, or one that a user has to
// clients that are made up: of each a plan can be made. Those of many networks are the users.
func TestUsersInEveryExperiment(t *testing.T) {
	var many strings.Builder
	for i := range 500 {
		fmt.Fprintf(&many, "%d.%d.0.7 %d\n", 64+i%60, i%250, 1+i%5)
	}
	for name, file := range map[string]string{
		"one address":  "203.0.113.7 500",
		"two of IPv6":  "2001:db8::1\n2001:db8::2 7",
		"in the way":   "203.0.113.1\n203.0.114.66\n192.0.2.10\n10.0.0.1\n198.51.100.7\n100.80.0.1\n100.88.3.1\n198.18.0.1\n64.0.0.1\n203.0.113.200\n203.0.114.7",
		"many":         many.String(),
		"many on one":  many.String() + "203.0.113.9 100000",
		"of two kinds": "81.2.3.4\n81.2.3.5",
	} {
		c, err := population.Read(name, strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Clients: c, ClientsFile: "x"}
		o.fill()
		texts := newLibrary(o.Version, nil)
		source := texts.Scan(usersText)
		p, _ := texts.prepare(source)
		x := newExamination(t.Context(), o, texts, p.sites(choice{}).sites[0])
		g := x.target(source)
		of := map[netip.Addr]bool{}
		for _, w := range x.userList(g.site) {
			of[w.Address] = true
		}
		for _, experiment := range order {
			e := x.experiment(experiment, g.site, g.config, kinds)
			f := fileOf(g.prepared, g.site)
			f.Title, f.Duration, f.Clients, f.Fronts = experiment, e.duration, e.groups, e.fronts
			p, problems := plan.Resolve(f, nil)
			if len(problems) > 0 {
				t.Errorf("%s, %s: %v", name, experiment, problems)
				continue
			}
			seen := map[string]bool{}
			for _, client := range p.Clients {
				kind, origin := parseGroup(client.Group)
				seen[kind] = true
				if of[client.IP] != (origin == world) {
					t.Errorf("%s, %s: %s has %s", name, experiment, client.Name, client.IP)
				}
			}
			if len(seen) < map[string]int{scale: 2, spoofed: 2}[experiment] || len(seen) < 3 && experiment != scale && experiment != spoofed {
				t.Errorf("%s, %s: kinds %v", name, experiment, seen)
			}
		}
	}
}

// Users who share one address are on one node under a method that goes by it, and the doctor
// says so; with none that can be a client it says that.
func TestUsersDecide(t *testing.T) {
	read := func(text string) *population.Clients {
		c, err := population.Read("x", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	o := Options{Clients: read("203.0.113.7 500"), ClientsFile: "users.txt", From: Direct, Adapter: scenario.AdapterRedis, only: []string{steady}}
	r, problems, err := Examine(t.Context(), usersText, o)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	var found []string
	for _, f := range r.Sites[0].Findings {
		found = append(found, f.ID)
	}
	if !strings.Contains(strings.Join(found, " "), "key") {
		t.Errorf("found %v", found)
	}
	said := false
	for _, n := range r.Notes {
		said = said || strings.HasPrefix(n.Text, "clients from many networks are the 500 clients of users.txt, from 1 address")
	}
	if !said {
		t.Errorf("notes %v", r.Notes)
	}
	o.Clients = read("127.0.0.1 500\n10.0.0.2")
	if _, _, err := Examine(t.Context(), usersText, o); err == nil || !strings.Contains(err.Error(), "no client is left: 2 addresses of users.txt cannot be a client's here") {
		t.Error(err)
	}
	if _, _, err := Around(usersText, o); err == nil || !strings.Contains(err.Error(), "no client is left: 2 addresses of users.txt cannot be a client's here") {
		t.Error(err)
	}
}

// Around a text the users of a file are its clients, with their weights, no more than a bound.
func TestUsersAround(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "81.%d.%d.7\n", i%250, i/250)
	}
	text.WriteString("192.0.2.77 1000\n")
	c, err := population.Read("x", strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := Around(usersText, Options{Clients: c, ClientsFile: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.File.ClientCount(); n != MostUsers {
		t.Errorf("%d clients", n)
	}
	last := s.File.Clients[len(s.File.Clients)-1]
	if last.Count < 99 || last.Count > 101 || len(last.IP) != 1 || last.Name != fmt.Sprintf("users-by-%d", last.Count) {
		t.Errorf("half of them are behind one address: %+v", last)
	}
	if !strings.Contains(s.About, "Clients: 200 of the 2,000 clients of x, from 101 addresses, drawn with seed 1.") {
		t.Error(s.About)
	}
}
