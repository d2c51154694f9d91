package export

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"stickylab/cluster/nginx"
	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/sim/plan"
)

func planOf(t *testing.T, name string, text []byte) *plan.Plan {
	t.Helper()
	f, problems := plan.Parse(name, text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// Every compose file is YAML with a service for each node, and the nginx.conf in
// it, once compose has put in its variables, is one that leads to them.
func TestComposeFiles(t *testing.T) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		p := planOf(t, name, text)
		out, _, err := Compose(Options{Plan: p, Name: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var file struct {
			Services map[string]struct {
				Command []string
				Ports   []string
				Image   string
				Build   *struct {
					Context    string
					Dockerfile string `yaml:"dockerfile_inline"`
				}
			}
			Configs map[string]struct{ Content string }
		}
		if err := yaml.Unmarshal([]byte(out), &file); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
			continue
		}
		if len(file.Services) != len(p.Nodes)+2 {
			t.Errorf("%s: %d services", name, len(file.Services))
		}
		content := strings.ReplaceAll(file.Configs["nginx"].Content, "$$", "$")
		conf, problems := nginx.Parse(content, p.File.NginxVersion)
		if len(problems) > 0 {
			t.Errorf("%s: %v\n%s", name, problems, content)
			continue
		}
		if p.Upstream == "" {
			continue
		}
		for i, s := range conf.Upstream(p.Upstream).Servers {
			if _, ok := file.Services[s.Host]; !ok {
				t.Errorf("%s: server %s is no service", name, s.Address)
			}
			if was := p.Config.Upstream(p.Upstream).Servers[i]; s.Weight != was.Weight || s.Down != was.Down || s.Backup != was.Backup {
				t.Errorf("%s: server %s has changed", name, s.Address)
			}
		}
		for i, n := range p.Nodes { // one makes the image that all take
			s := file.Services[n.Name]
			if got := strings.Join(s.Command, " "); !strings.Contains(got, "node --name "+n.Name) || s.Image != "stickylab" || (s.Build != nil) != (i == 0) {
				t.Errorf("%s: %s is %+v", name, n.Name, s)
			}
			if s.Build != nil && (s.Build.Context == "" || !strings.Contains(s.Build.Dockerfile, `ENTRYPOINT ["/stickylab"]`)) {
				t.Errorf("%s: the image is made by %+v", name, s.Build)
			}
		}
	}
}

func TestNamesThatYAMLTakesForSomethingElse(t *testing.T) {
	for name, want := range map[string]string{
		"im-3030": "im-3030", "node1": "node1", "a": `"a"`, "no": `"no"`, "null": `"null"`, "1e3": `"1e3"`, "0x1F": `"0x1F"`, "12": `"12"`, "12-3": `"12-3"`, "y": `"y"`, "on": `"on"`,
	} {
		if got := key(name); got != want {
			t.Errorf("%s is written %s", name, got)
		}
	}
}

// The key of an adapter goes with its node.
func TestKeysOfNodes(t *testing.T) {
	p := planOf(t, "keys.yaml", []byte(`
title: Keys
duration: 10s
adapter: redis
nodes: [{name: im-1}, {name: im-2, key: shop}]
proxy: {policy: ip_hash}
clients: {beijing: {ip: 203.0.113.7}}
`))
	out, _, err := Compose(Options{Plan: p, Name: "keys"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(out, "--key") != 1 || !strings.Contains(out, `"--key", "shop"`) {
		t.Errorf("the key is not where it belongs:\n%s", out)
	}
}

// Control characters of an nginx.conf come into the YAML as escapes, and out of it
// as they were.
func TestControlCharactersAreQuoted(t *testing.T) {
	p := planOf(t, "x.yaml", []byte(`title: "\e[2Jtitle\nservices: {}"
duration: 5s
nodes: [{name: im-1, listen: 127.0.0.1:3030}]
proxy: {nginx: "upstream im { server 127.0.0.1:3030; } # \e[2J\x9b\u202e $x\nserver { listen 80; location / { proxy_pass http://im; } }"}
clients: {a: {ip: 203.0.113.0/24}}
expect: [{at: end, that: "clients.connected == 1"}]
`))
	out, _, err := Compose(Options{Plan: p, Name: "x"})
	if err != nil || format.Printable(out) != out {
		t.Fatalf("%q, %v", out, err)
	}
	var file struct {
		Configs struct{ Nginx struct{ Content string } }
	}
	if err := yaml.Unmarshal([]byte(out), &file); err != nil || !strings.Contains(file.Configs.Nginx.Content, "# \x1b[2J\u009b\u202e $$x\n") {
		t.Errorf("%q, %v", file.Configs.Nginx.Content, err)
	}
}
