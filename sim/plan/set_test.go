package plan

import (
	"strings"
	"testing"

	"stickylab/sim/scenario"
)

// settable is a file with most forms of values.
const settable = `title: Settable
duration: 20s
nodes:
  - {name: im-1, listen: 10.0.0.1:3000}
  - {name: im-2, listen: 10.0.0.2:3000}
hosts: {api.example.com: 10.0.0.9}
proxy:
  nginx: |
    upstream im { ip_hash; server 10.0.0.1:3000; server 10.0.0.2:3000; }
    server { listen 80; location / { proxy_pass http://im; } }
network: {client: 20ms}
clients:
  a: {count: 2, ip: 203.0.113.0/24, say: every 1s}
steps: [{at: 5s, kill: im-1}, {at: 9s, restart: im-1}]
expect: [{at: end, that: "clients.connected == 2"}]
variants:
  fixed: {adapter: redis, clients: {a: {count: 3}}, expect: [{at: end, that: "clients.connected == 3"}]}
lesson:
  topic: x
  predictions: [{at: 6s, ask: How many?, choices: [{say: Two, that: "clients.connected == 2"}, {say: Three, that: "clients.connected == 3"}, {say: None, that: "clients.connected == 0"}]}]
  cause: c
`

func set(t *testing.T, flags ...string) (*scenario.File, string) {
	t.Helper()
	return setIn(t, settable, "", flags...)
}

// setIn returns a file with settings, or what is wrong.
func setIn(t *testing.T, text, variant string, flags ...string) (*scenario.File, string) {
	t.Helper()
	var all []scenario.Setting
	for _, f := range flags {
		s, err := scenario.ParseSetting(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	f, problems, err := ParseSet("x.yaml", []byte(text), variant, all)
	if err != nil {
		return nil, err.Error()
	}
	return f, problems.Error()
}

// A setting takes the place of what the file has, or of a default.
func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		set  string
		read func(f *scenario.File) string
		want string
	}{
		{"adapter=redis", func(f *scenario.File) string { return f.Adapter }, "redis"},
		{"adapter=null", func(f *scenario.File) string { return f.Adapter }, "none"},
		{"clients.a.count=7", func(f *scenario.File) string { return f.Clients[0].Client(6) }, "a-07"},
		{"clients.a.say=null", func(f *scenario.File) string { return f.Clients[0].Say.String() }, "0s"},
		{"network.client=5ms..9ms", func(f *scenario.File) string { return f.Network.Client.Max.String() }, "9ms"},
		{"network.redis=5ms", func(f *scenario.File) string { return f.Network.Redis.Min.String() + f.Network.Client.Min.String() }, "5ms20ms"},
		{"socketio.ping_interval=9s", func(f *scenario.File) string { return f.SocketIO.PingInterval.String() }, "9s"},
		{"steps[1].at=7s", func(f *scenario.File) string { return f.Steps[1].At.String() + f.Steps[0].At.String() }, "7s5s"},
		{"steps=[]", func(f *scenario.File) string { return strings.Repeat("x", len(f.Steps)) }, ""},
		{"hosts['api.example.com']=10.0.0.8", func(f *scenario.File) string { return f.Hosts[0].Addresses[0].String() }, "10.0.0.8"},
		{"clients.a.ip=[10.0.0.0/8, 192.0.2.1]", func(f *scenario.File) string { return f.Clients[0].IP[1].String() }, "192.0.2.1"},
		{"expect[0].that=clients.connected == 1", func(f *scenario.File) string { return f.Expect[0].That }, "clients.connected == 1"},
		{"duration=30s", func(f *scenario.File) string { return f.Expect[0].At.String() }, "30s"},
		{"proxy.policy=hash $remote_addr consistent", func(f *scenario.File) string { return strings.Fields(f.Proxy.Nginx)[3] + f.Proxy.Policy }, "hash"},
		{"proxy.policy='least_conn'", func(f *scenario.File) string { return strings.Fields(f.Proxy.Nginx)[3] }, "least_conn;"},
	} {
		f, wrong := set(t, tt.set)
		if wrong != "" {
			t.Errorf("%s: %s", tt.set, wrong)
			continue
		}
		if got := tt.read(f); got != tt.want {
			t.Errorf("%s gives %q, want %q", tt.set, got, tt.want)
		}
		if len(f.Set) != 1 || f.Set[0].String() != tt.set || f.VariantName() != "base" || f.Heading() != "Settable" || len(f.Variants) != 0 || f.Lesson != nil {
			t.Errorf("%s: %+v", tt.set, f)
		}
		if _, problems := Resolve(f, nil); len(problems) > 0 {
			t.Errorf("%s: %v", tt.set, problems)
		}
	}
}

// What a variant changes is set after it, so that no setting is lost.
func TestSettingsOfAVariant(t *testing.T) {
	f, wrong := setIn(t, settable, "fixed", "adapter=none", "network.client=1ms")
	if wrong != "" || f.Adapter != "none" || f.Clients[0].Count != 3 || f.Of != "fixed" {
		t.Errorf("%+v, %s", f, wrong)
	}
	if _, wrong := setIn(t, settable, "fixd"); !strings.Contains(wrong, `did you mean "fixed"?`) {
		t.Error(wrong)
	}
	plain := strings.Split(settable, "variants:")[0]
	if f, wrong := setIn(t, plain, "", "proxy.nginx=null", "proxy.policy=least_conn"); wrong != "" || f.Proxy.Policy != "least_conn" || f.VariantName() != "" {
		t.Errorf("%+v, %s", f, wrong)
	}
}

// A mistake is said of the setting, or of the place in the file that no longer fits.
func TestMistakesInSettings(t *testing.T) {
	for _, tt := range []struct{ set, want string }{
		{"adaptr=redis", "--set adaptr=redis: unknown key \"adaptr\"\n  expected: one of title, "},
		{"adaptr=redis", `did you mean "adapter"?`},
		{"adapter=rediss", "--set adapter=rediss: adapter cannot be \"rediss\""},
		{"clients.b.count=3", "--set clients.b.count=3: no group \"b\" in clients\n  expected: a"},
		{"clients.a.count=none", "--set clients.a.count=none: count cannot be \"none\"\n  expected: a whole number"},
		{"clients.a.count=300", "203.0.113.0/24 has room for 254, not for 300 clients"},
		{"clients.a.count.x=3", "clients.a.count is \"2\" in the file, and has no part \"x\""},
		{"network.clint=5ms", "--set network.clint=5ms: unknown key \"clint\" in network"},
		{"steps[2].at=5s", "--set steps[2].at=5s: steps has 2 entries, the first is [0]"},
		{"steps.at=5s", "--set steps.at=5s: steps is a list\n  expected: steps[0], steps[1] and so on"},
		{"title[0]=x", "--set title[0]=x: title is not a list"},
		{"variants.fixed.adapter=none", "variants cannot be set"},
		{"lesson=null", "lesson cannot be set"},
		{"proxy.policy=least_con", "--set proxy.policy=least_con: balancing method \"least_con\": unknown method\n  hint: did you mean \"least_conn\"?"},
		{"proxy.policy=hash", "--set proxy.policy=hash: "},
		{"proxy=null", "lacks the key \"proxy\""},
		{"adapter=[redis", "--set adapter=[redis: "},
		{"adapter=*x", "--set adapter=*x: no anchor \"x\""},
		{"steps[0].kill=im-9", "--set steps[0].kill=im-9: no node \"im-9\""},
		{"expect[0].that=clients.conected == 1", "unknown name \"conected\" in clients"},
		{"nodes[0].name=im-2", "two nodes are called \"im-2\""},
	} {
		f, wrong := set(t, tt.set)
		if f != nil || !strings.Contains(wrong, tt.want) {
			t.Errorf("%s:\n%s\nwant %s", tt.set, wrong, tt.want)
		}
	}
	if _, wrong := setIn(t, "title: x\n", "", "adapter=redis"); !strings.Contains(wrong, "x.yaml:1:1: a scenario lacks the key") {
		t.Errorf("a file with mistakes: %s", wrong)
	}
}

// No setting makes the reader panic, and one that is taken gives a file that can be run.
func FuzzSettings(f *testing.F) {
	for _, s := range []string{"adapter=redis", "clients.a.count=3", "steps[0].at=[1,{a: 2}]", "proxy.policy=random two", "a['b.c'].d=&x [*x]", "hosts['unix:/a']=1", "nodes[0]=null", "steps[1]={at: 3s, kill: im-2}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := scenario.ParseSetting(text)
		if err != nil {
			return
		}
		file, problems, err := ParseSet("x.yaml", []byte(settable), "", []scenario.Setting{s})
		if err != nil || (file == nil) == (len(problems) == 0) {
			t.Fatalf("%v, %v, %v", file, problems, err)
		}
		if file != nil {
			if _, problems := Resolve(file, nil); len(problems) > 0 {
				t.Error(problems)
			}
		}
	})
}
