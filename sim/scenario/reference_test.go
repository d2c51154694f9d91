package scenario

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the reference of the file format")

// reference writes the tables of the file format from the same descriptions that
// reading follows.
func reference() string {
	var b strings.Builder
	b.WriteString("\n### Steps\n\nEach step has `at`, one of these verbs, and the keys that the verb takes. During a run the same is typed in words.\n\n| step | in words | what it does |\n| --- | --- | --- |\n")
	for _, v := range verbs {
		var keys []string
		doc := v.doc
		for i, f := range v.fields(&Step{}) {
			key := "`" + f.key + ":`"
			switch {
			case v.verb == Add && i > 0:
				continue
			case i > 0:
				doc += " " + key + " " + strings.ToLower(f.doc[:1]) + f.doc[1:]
			}
			if !f.required {
				key = "[" + key + "]"
			}
			keys = append(keys, key)
		}
		if v.verb == Add {
			doc += " It takes the keys of a group."
		}
		if v.alias != "" {
			doc += " Another name of it is `" + v.alias + ":`."
		}
		words := "`" + strings.ReplaceAll(v.verb.Usage(), "|", "\\|") + "`"
		if v.form() == "" {
			words = "-"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(keys, " "), words, doc)
	}
	socketIO, network, reconnection, front, group, recovery := NewSocketIO(), NewFile().Network, NewGroup("").Reconnection, NewFront(0, netip.Addr{}), NewGroup(""), NewRecovery()
	for _, m := range []struct {
		title string
		mapping
	}{
		{"The file", NewFile().mapping()}, {"A node of `nodes`", (&Node{}).mapping()}, {"`socketio`", socketIO.mapping()}, {"`connection_state_recovery` of `socketio`", recovery.mapping()}, {"`proxy`", (&Proxy{}).mapping()},
		{"`front`", front.mapping(0)}, {"`network`", network.mapping()}, {"A group of `clients`", group.mapping()}, {"`reconnection` of a group", reconnection.mapping()},
		{"An expectation of `expect`", mapping{fields: (&Expectation{}).fields()}}, {"`lesson`", mapping{fields: (&Lesson{}).fields()}},
		{"A prediction of a lesson", mapping{fields: (&Prediction{UntilEnd: true}).fields()}}, {"A choice of a prediction", (&Choice{}).mapping()},
	} {
		fmt.Fprintf(&b, "\n### %s\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n", m.title)
		for i, f := range m.fields {
			usual := ""
			if f.required {
				usual = "required"
			} else if m.defaults != nil && strings.Trim(m.usual()[i].value.write(), "{}") != "" {
				usual = "`" + m.usual()[i].value.write() + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.key, f.value.form, usual, f.doc)
		}
	}
	return b.String()
}

// The reference of the file format says what the tables that reading follows say.
func TestReferenceIsCurrent(t *testing.T) {
	const path, begin, end = "../../scenarios/README.md", "<!-- reference, written by go test ./sim/scenario -update -->\n", "<!-- end of the reference -->"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), begin)
	was, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the reference", path)
	}
	now := reference()
	if *update {
		if err := os.WriteFile(path, []byte(head+begin+now+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if was != now {
		t.Errorf("%s is not current: go test ./sim/scenario -run Reference -update", path)
	}
}

// Every key and verb says what it is for.
func TestEveryKeyIsDescribed(t *testing.T) {
	for _, line := range strings.Split(reference(), "\n") {
		if strings.HasSuffix(line, "|  |") || strings.HasSuffix(line, "| |") {
			t.Errorf("no description: %s", line)
		}
	}
}
