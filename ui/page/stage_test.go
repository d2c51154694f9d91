package page_test

import (
	"fmt"
	"testing"

	"stickylab/sim"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/page"
)

const proxyAddress = "192.168.33.10:80"

// stage is a served cluster of two nodes with a page.
type stage struct {
	t   *testing.T
	run *sim.Served
}

// start serves one whose upstream has these lines before its servers.
func start(t *testing.T, upstream string, adapter bool) *stage {
	t.Helper()
	between := "none"
	if adapter {
		between = "redis"
	}
	f, problems := plan.Parse("page.yaml", fmt.Appendf(nil, `title: The page
duration: 1h
adapter: %s
nodes: [{name: im-3030, listen: 127.0.0.1:3030}, {name: im-5080, listen: 127.0.0.1:5080}]
proxy:
  nginx: |
    upstream im { %s server 127.0.0.1:3030; server 127.0.0.1:5080; }
    server {
      listen %s;
      location / {
        proxy_pass http://im;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header X-Real-IP $remote_addr;
      }
    }
clients: {none: {count: 1, ip: 203.0.113.0/24}}
`, between, upstream, proxyAddress))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	run, err := sim.Serve(p, sim.ServeOptions{NoClients: true, Listen: "127.0.0.1:0", NodePorts: []int{0, 0}, Page: page.Handler("im-3030", "im-5080")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	})
	return &stage{t, run}
}

// Address returns the port that an address of the scenario stands for.
func (s *stage) Address(virtual string) string {
	for _, p := range s.run.Places() {
		if p.Virtual == virtual {
			return p.Real
		}
	}
	s.t.Fatalf("no one listens at %s", virtual)
	return ""
}

// Kill and Restart do the step to a node.
func (s *stage) Kill(node string) error    { return s.do(scenario.Kill, node) }
func (s *stage) Restart(node string) error { return s.do(scenario.Restart, node) }

func (s *stage) do(verb scenario.Verb, node string) error {
	_, err := s.run.Do(scenario.Step{Verb: verb, Node: node})
	return err
}
