package plan_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

var sameStep = cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})}

func TestStepsInWords(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	for _, tt := range []struct{ words, want string }{
		{"adapter redis", ""},
		{"adapter redis im-3030", ""},
		{"adapter off", "adapter none"},
		{" kill\tim-5080 ", "kill im-5080"},
		{"restart im-5080", ""},
		{"close im-5080", ""},
		{"freeze im-5080", ""},
		{"block im-5080 3s", ""},
		{"disconnect_sockets im-5080", ""},
		{"emit lobby all", `emit lobby all "hi"`},
		{"emit lobby im-5080 local hello  there", `emit lobby im-5080 local "hello  there"`},
		{`emit "two words" all "local"`, ""},
		{"count lobby im-3030", ""},
		{"policy ip_hash", ""},
		{"policy ip_hash im", ""},
		{"policy hash $remote_addr consistent", ""},
		{"policy hash $remote_addr consistent im", ""},
		{"policy random two least_conn im", ""},
		{"down im-3030", ""},
		{"up im-3030 im", ""},
		{"drain im-3030", ""},
		{"scale 3", ""},
		{"scale add im-4 im", ""},
		{"scale remove im-3030", ""},
		{"slow im-3030 200ms", ""},
		{"hang im-3030", "freeze im-3030"},
		{"refuse im-3030", ""},
		{"resume im-3030", ""},
		{"partition proxy im-3030", ""},
		{"partition beijing proxy", ""},
		{"heal beijing-07 proxy", ""},
		{"redis down", ""},
		{"redis up", ""},
		{"redis slow 50ms", ""},
		{"latency client 20ms..60ms", ""},
		{"latency client 0s backend 5ms redis 1ms..2ms", ""},
		{"say beijing-01", `say beijing-01 "hi"`},
		{"say beijing-01 hello  there", `say beijing-01 "hello  there"`},
		{`say beijing-01 "a \"b\"\n"`, ""},
		{`say beijing-01 "open`, `say beijing-01 "\"open"`},
		{"say beijing-01 size 2MB", ""},
		{"say beijing-01 size 1500000", "say beijing-01 size 1500kB"},
		{`say beijing-01 "size 2MB"`, ""},
		{"say beijing-01 size matters a lot", `say beijing-01 "size matters a lot"`},
		{"add shop 5 198.51.100.0/24 size 12 url http://im.example.com/ header X-Forwarded-For 192.0.2.7 header X-B \"a b\" header X-C \"\" credentials false protocol 3", ""},
		{"add shop 1 198.51.100.7 rejoin false handlers on_connect retries 3 ack_timeout 5s background true", ""},
		{"connect shanghai", ""},
		{"reconnect all", ""},
		{"reconnect beijing", ""},
		{"reconnect shanghai-20", ""},
		{"disconnect shanghai-20", ""},
		{"move beijing 192.0.2.128/25 198.51.100.7 2001:db8::/64", ""},
		{"add extra 5 198.51.100.0/24", ""},
		{"add extra 198.51.100.7", "add extra 1 198.51.100.7"},
		{"add beijing 5 203.0.113.0/24 connect 0s..2s say every 5s room lobby transports websocket kind native reconnection false", "add beijing 5 203.0.113.0/24 connect 0s..2s say 5s room lobby transports websocket kind native reconnection false"},
		{`add extra 5 198.51.100.0/24 room "two words" attempts 3`, `add extra 5 198.51.100.0/24 room "two words" attempts 3 delay 1s delay_max 5s factor 0.5`},
	} {
		s, err := scenario.ParseStep(p.Names(), tt.words)
		if err != nil {
			t.Errorf("%q: %v", tt.words, err)
			continue
		}
		want := tt.want
		if want == "" {
			want = tt.words
		}
		if got := s.String(); got != want {
			t.Errorf("%q is read as %q, want %q", tt.words, got, want)
		}
		again, err := scenario.ParseStep(p.Names(), s.String())
		if err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if diff := cmp.Diff(s, again, sameStep); diff != "" {
			t.Errorf("%q (-first +again)\n%s", s, diff)
		}
	}
}

func TestFieldsOfStepsInWords(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	ms := func(n time.Duration) *scenario.Span {
		return &scenario.Span{Min: n * time.Millisecond, Max: n * time.Millisecond}
	}
	for words, want := range map[string]scenario.Step{
		"policy least_conn im":          {Verb: scenario.Policy, Policy: "least_conn", Upstream: "im"},
		"slow im-3030 200ms":            {Verb: scenario.Slow, Node: "im-3030", Delay: 200 * time.Millisecond},
		"scale add im-4":                {Verb: scenario.Scale, Added: "im-4"},
		"partition proxy beijing":       {Verb: scenario.Partition, Hosts: []string{"proxy", "beijing"}},
		"latency backend 1ms redis 2ms": {Verb: scenario.Delays, Latency: scenario.Latency{Backend: ms(1), Redis: ms(2)}},
		"add extra 2 198.51.100.7 say 1s": {Verb: scenario.Add, Who: "extra", Group: &scenario.Group{
			Name: "extra", Count: 2, IP: ranges("198.51.100.7"), Settings: scenario.Settings{Say: time.Second},
		}},
	} {
		got, err := scenario.ParseStep(p.Names(), words)
		if err != nil {
			t.Errorf("%q: %v", words, err)
		}
		if diff := cmp.Diff(want, got, sameStep); diff != "" {
			t.Errorf("%q (-want +got)\n%s", words, diff)
		}
	}
}

func TestWrongWordsSayWhatWasMeant(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	for words, want := range map[string]string{
		"":                                    "no step (one of adapter",
		"kil im-3030":                         `unknown step "kil" (did you mean "kill"?)`,
		"kill":                                "kill needs a node (kill NODE)",
		"kill im-3031":                        `no node "im-3031" (did you mean "im-3030"?)`,
		"freeze im-3031":                      `did you mean "im-3030"?`,
		"block im-3030":                       "block needs a time (block NODE TIME)",
		"emit lobby":                          "emit needs all or a node",
		"emit lobby al":                       `did you mean "all"?`,
		"count lobby":                         "count needs a node",
		"kill im-3030 now":                    `"now" does not go with kill (it takes NODE)`,
		"adapter sometimes":                   `adapter cannot be "sometimes"`,
		"adapter rediss":                      `did you mean "redis"?`,
		"policy ip_hsh":                       "ip_hash",
		"policy ip_hash imm":                  `no upstream "imm" (did you mean "im"?)`,
		"policy":                              "policy needs a balancing method",
		"slow im-3030":                        "slow needs a delay",
		"slow im-3030 200":                    "did you mean 200s?",
		"scale two":                           `scale cannot be "two"`,
		"scale 0":                             `scale cannot be "0"`,
		"partition proxy":                     "partition needs two hosts",
		"partition proxy beiing":              `did you mean "beijing"?`,
		"redis donw":                          `did you mean "down"?`,
		"latency":                             "latency needs",
		"latency client fast":                 `client cannot be "fast"`,
		"latency client 1ms client 2ms":       "client appears twice",
		"say beijing hi":                      `"beijing" is a group, one client says a text (such as beijing-01)`,
		"say beijing-21 hi":                   "beijing has beijing-01 to beijing-20",
		"move beijng-01 10.0.0.1":             `did you mean "beijing-01"?`,
		"reconnect":                           "reconnect needs all, a group or a client",
		"reconnect al":                        `did you mean "all"?`,
		"move beijing":                        "move needs an address or a range",
		"move beijing 10.0.0.300":             "not an address",
		"move beijing 192.0.2.130/25":         "the range is 192.0.2.128/25",
		"add":                                 "add needs a group",
		"add 5 198.51.100.0/24":               `"5" cannot be the name of a group`,
		"add extra 0 198.51.100.0/24":         "a whole number from 1",
		"add extra 5":                         "add needs an address or a range",
		"add extra 5 198.51.100.7 rooom":      `did you mean "room"?`,
		"add extra 5 198.51.100.7 kind nativ": `did you mean "native"?`,
		"reload":                              "reload takes a text of several lines",
	} {
		_, err := scenario.ParseStep(p.Names(), words)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", words, err, want)
		}
	}
}

func TestCompletionOfSteps(t *testing.T) {
	p := goodPlan(t, "two-regions.yaml")
	for _, tt := range []struct{ words, want string }{
		{"", strings.Join([]string{"adapter", "policy", "kill", "close", "restart", "freeze", "block", "down", "up", "drain", "scale", "reload", "slow", "refuse", "resume", "partition", "heal", "redis", "latency", "say", "connect", "disconnect", "reconnect", "move", "add", "disconnect_sockets", "emit", "count"}, " ")},
		{"re", "restart reload refuse resume redis reconnect"},
		{"kill", "kill"},
		{"kill ", "im-3030 im-5080"},
		{"kill im-5", "im-5080"},
		{"kill im-5080 ", ""},
		{"adapter redis ", "im-3030 im-5080"},
		{"block im-3030 ", "3s 30s 60s"},
		{"emit ", "lobby"},
		{"emit lobby ", "all im-3030 im-5080"},
		{"emit lobby all ", "local"},
		{"count lobby im-5", "im-5080"},
		{"policy ", "round_robin ip_hash least_conn random hash"},
		{"policy hash $remote_addr ", "im consistent"},
		{"policy ip_hash ", "im"},
		{"say b", "beijing-01"},
		{"say beijing-1", "beijing-10 beijing-11 beijing-12 beijing-13 beijing-14 beijing-15 beijing-16 beijing-17 beijing-18 beijing-19"},
		{"say beijing-01 h", ""},
		{"connect be", "beijing beijing-01"},
		{"reconnect a", "all"},
		{"partition pr", "proxy"},
		{"latency client 1ms ", "backend redis"},
		{"scale ", "add remove"},
		{"scale remove ", "im-3030 im-5080"},
		{"add beijing 3 ", "203.0.113.0/24"},
		{"add beijing 3 203.0.113.0/24 t", "transports"},
		{"add beijing 3 203.0.113.0/24 transports w", "websocket"},
		{"nothing ", ""},
	} {
		if got := strings.Join(scenario.CompleteStep(p.Names(), tt.words), " "); got != tt.want && !(tt.words == "policy hash $remote_addr " && got == "consistent im") {
			t.Errorf("%q: %q, want %q", tt.words, got, tt.want)
		}
	}
	if got := scenario.CompleteStep(nil, "kill "); got != nil {
		t.Errorf("without a plan: %q", got)
	}
}

// Whatever can be read is written so that it reads the same, and no line makes
// reading or completing panic.
func FuzzParseStep(f *testing.F) {
	for _, words := range []string{
		"", " ", "kill im-3030", `say beijing-01 "a\n"`, `say beijing-01 "`, "policy hash $x consistent im", "policy ip_hash\tim", "latency client 1ms..2ms",
		"add extra 5 198.51.100.0/24 room \"a b\" say every 5s attempts 3", "move beijing ::1/128", "scale add x", "redis slow 1h", "partition proxy proxy", "adapter ON",
		"block im-3030 1h", `emit "a b" all local local`, "emit all all", "emit x im-3030 \"", "count lobby im-5080",
	} {
		f.Add(words)
	}
	p := goodPlan(f, "two-regions.yaml")
	f.Fuzz(func(t *testing.T, words string) {
		for _, plan := range []*plan.Plan{p, nil} {
			for _, c := range scenario.CompleteStep(plan.Names(), words) {
				if c == "" {
					t.Error("an empty completion")
				}
			}
			s, err := scenario.ParseStep(plan.Names(), words)
			if err != nil {
				continue
			}
			again, err := scenario.ParseStep(plan.Names(), s.String())
			if err != nil {
				t.Fatalf("%q, written %q: %v", words, s, err)
			}
			if diff := cmp.Diff(s, again, sameStep); diff != "" {
				t.Fatalf("%q, written %q (-first +again)\n%s", words, s, diff)
			}
		}
	})
}
