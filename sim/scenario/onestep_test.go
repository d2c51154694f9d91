package scenario

import (
	"strings"
	"testing"

	"stickylab/sim/scenario/yamltree"
)

func TestAStepByItself(t *testing.T) {
	for text, want := range map[string]string{
		`{"kill": "im-5080"}`:                         "kill im-5080",
		`{"adapter": "redis", "node": "im-1"}`:        "adapter redis im-1",
		`{"slow": "im-1", "by": "200ms"}`:             "slow im-1 200ms",
		`{"say": "ada", "text": "a \"word\""}`:        `say ada "a \"word\""`,
		`{"partition": ["proxy", "im-1"]}`:            "partition proxy im-1",
		`{"scale": 3}`:                                "scale 3",
		`{"scale": {"remove": "im-2"}}`:               "scale remove im-2",
		`{"latency": {"client": "20ms..60ms"}}`:       "latency client 20ms..60ms",
		`{"add": "extra", "ip": "10.9.0.0/24"}`:       "add extra 1 10.9.0.0/24",
		`{"move": "beijing", "ip": "192.0.2.128/25"}`: "move beijing 192.0.2.128/25",
		`{"block": "im-1", "for": "3s"}`:              "block im-1 3s",
		`{"emit": "lobby", "local": true}`:            `emit lobby all local "hi"`,
		`{"count": "lobby", "node": "im-1"}`:          "count lobby im-1",
		`{"hang": "im-1"}`:                            "freeze im-1",
		`{policy: least_conn}`:                        "policy least_conn",
	} {
		s, err := ReadStep([]byte(text))
		if err != nil || s.String() != want || s.At != 0 {
			t.Errorf("%s is %q at %v, %v", text, s, s.At, err)
		}
	}
}

func TestWhatIsNoStepByItself(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "no step",
		"null":                          "expected one of adapter",
		`"kill"`:                        "step",
		`[]`:                            "step",
		`{}`:                            "at",
		`{"at": "3s", "kill": "im-1"}`:  "has no at",
		`{"kil": "im-1"}`:               `did you mean "kill"`,
		`{"kill": "im-1", "hang": "a"}`: "one thing",
		`{"kill": ["im-1"]}`:            "cannot be a list",
		`{"slow": "im-1"}`:              "by",
		`{"kill": "im-1"`:               "",
		"{\"kill\": \"\xff\"}":          "UTF-8",
		strings.Repeat("[", 100_000):    "",
		`{"kill": "` + strings.Repeat("x", yamltree.MaxSize) + `"}`: "bytes",
	} {
		s, err := ReadStep([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q is %q, %v", text, s, err)
		}
	}
}

func FuzzReadStep(f *testing.F) {
	for _, text := range []string{`{"kill":"im-1"}`, `{"add":"a","ip":["10.0.0.0/8"]}`, "a: &x [*x]", `{"latency":{}}`, "- at: 1s"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := ReadStep(text); err == nil && s.Verb == "" {
			t.Errorf("%q is a step that does nothing", text)
		}
	})
}
