package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"stickylab/cluster"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// small is a file with a group of given keys, and further lines.
func small(group, more string) string {
	return fmt.Sprintf("title: T\nduration: 60s\nnodes: 2\nproxy: {policy: ip_hash}\nclients:\n  a: {ip: 203.0.113.0/24%s}\n%s", group, more)
}

// A room that the nodes do not accept is refused wherever a file or a command names
// one: no client could say anything in it.
func TestARoomThatIsTooLongIsRefused(t *testing.T) {
	fits, long := strings.Repeat("r", cluster.MaxRoom), strings.Repeat("r", cluster.MaxRoom+1)
	for name, file := range map[string]string{
		"group":   small(", room: %s", ""),
		"add":     small("", "steps:\n  - {at: 1s, add: b, ip: 10.9.0.0/24, room: %s}\n"),
		"emit":    small("", "steps:\n  - {at: 1s, emit: %s}\n"),
		"count":   small("", "steps:\n  - {at: 1s, count: %s, node: im-1}\n"),
		"variant": small("", "variants:\n  v: {clients: {a: {room: %s}}, expect: []}\n"),
	} {
		if _, errs := plan.Parse("a.yaml", fmt.Appendf(nil, file, fits)); len(errs) > 0 {
			t.Errorf("%s: a room of %d bytes is refused: %v", name, len(fits), errs)
		}
		_, errs := plan.Parse("a.yaml", fmt.Appendf(nil, file, long))
		if len(errs) != 1 || errs[0].Line == 0 || !strings.Contains(errs.Error(), "a name of at most 64 bytes") {
			t.Errorf("%s: a room of %d bytes: %v", name, len(long), errs)
		}
	}
	for _, words := range []string{"emit %s all", "count %s im-1", "add b 10.9.0.0/24 room %s"} {
		if _, err := scenario.ParseStep(nil, fmt.Sprintf(words, fits)); err != nil {
			t.Errorf("%s: %v", words, err)
		}
		if _, err := scenario.ParseStep(nil, fmt.Sprintf(words, long)); err == nil {
			t.Errorf("%s: a room of %d bytes is taken", words, len(long))
		}
	}
	f, errs := plan.Parse("a.yaml", []byte(small("", "")))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	built := f.Bare()
	built.Clients[0].Room = long
	if _, errs := plan.Resolve(built, nil); !strings.Contains(errs.Error(), "clients.a.room") {
		t.Errorf("a file built in code: %v", errs)
	}
}

// True and false are the only truth values, for the reader of files, the schema and the
// words of steps alike.
func TestTruthIsReadAlikeEverywhere(t *testing.T) {
	keys := map[string]string{
		"credentials":    small(", credentials: %s", ""),
		"reconnection":   small(", reconnection: %s", ""),
		"proxy_protocol": small("", "front: {ip: 198.51.100.10, proxy_protocol: %s}\n"),
		"local":          small("", "steps:\n  - {at: 1s, emit: lobby, local: %s}\n"),
	}
	s := schema(t)
	for _, tt := range []struct {
		text string
		good bool
	}{{"true", true}, {"false", true}, {"1", false}, {"t", false}, {"yes", false}, {"on", false}, {"maybe", false}, {`"true"`, false}, {"[true]", false}} {
		for key, file := range keys {
			src := fmt.Appendf(nil, file, tt.text)
			if _, errs := plan.Parse("a.yaml", src); (len(errs) == 0) != tt.good {
				t.Errorf("%s: %s is read with %v", key, tt.text, errs)
			}
			if err := valid(s, decoded(t, src), ""); (err == nil) != tt.good {
				t.Errorf("%s: %s by the schema: %v", key, tt.text, err)
			}
		}
		for _, words := range []string{"add b 10.9.0.0/24 credentials ", "add b 10.9.0.0/24 reconnection "} {
			if strings.ContainsAny(tt.text, `"[`) {
				continue // of YAML
			}
			if _, err := scenario.ParseStep(nil, words+tt.text); (err == nil) != tt.good {
				t.Errorf("%s%s: %v", words, tt.text, err)
			}
		}
	}
}
