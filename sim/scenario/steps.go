package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/spell"
)

// arguments are the keys that a verb takes beside its own, the required ones
// first.
var arguments = map[Verb][]string{
	Adapter: {"node"},
	Policy:  {"upstream"},
	Down:    {"upstream"},
	Up:      {"upstream"},
	Drain:   {"upstream"},
	Scale:   {"upstream"},
	Slow:    {"by"},
	Redis:   {"by"},
	Say:     {"text", "size"},
	Block:   {"for"},
	Emit:    {"from", "text", "local"},
	Count:   {"node"},
	Move:    {"ip"},
	Add:     {"ip", "count", "connect", "say", "room", "transports", "kind", "size", "url", "headers", "credentials", "protocol", "reconnection"},
}

var aStep = "`at` and one of " + strings.Join(verbNames(), ", ")

// step reads one step. Its verb decides which other keys it may have.
func (d *decoder) step(n *node, path string) Step {
	s := Step{}
	if n.kind != mapping {
		d.wrong(n, path, "a step", aStep, "")
		return s
	}
	s.Verb = verbOf(n)
	ok := d.mapping(n, path, "a step", d.stepFields(&s), func(p pair) bool { return d.strayStepKey(p, s.Verb) })
	if s.Verb == "" && ok && len(n.pairs) < 2 {
		d.at(n.place, "the step does nothing", aStep, "")
	}
	if s.Verb == "" || !ok {
		d.origin.bad[path] = true
	}
	d.wholeStep(n, path, &s)
	return s
}

// strayStepKey reports a key that is known, but not beside this verb.
func (d *decoder) strayStepKey(p pair, verb Verb) bool {
	if slices.Contains(Verbs, Verb(p.key)) {
		d.at(p.place, fmt.Sprintf("a step does one thing, this one has %s and %s", verb, p.key), "", "write two steps with the same `at`; they are done in that order")
		return true
	}
	for _, v := range Verbs {
		if verb != "" && slices.Contains(arguments[v], p.key) {
			d.at(p.place, fmt.Sprintf("%s does not go with %s", p.key, verb), "", fmt.Sprintf("it belongs to %s", v))
			return true
		}
	}
	if verb == "" {
		words := []string{"at"}
		for _, v := range Verbs {
			words = append(words, string(v))
		}
		d.at(p.place, fmt.Sprintf("unknown key %q in a step", shorten(p.key)), aStep, spell.DidYouMean(p.key, words))
		return true
	}
	return false
}

// adapterStates are the words for the state of the adapter. YAML of old took on
// and off for booleans.
var adapterStates = map[string]string{
	AdapterRedis: AdapterRedis, "on": AdapterRedis, "true": AdapterRedis,
	AdapterNone: AdapterNone, "off": AdapterNone, "false": AdapterNone,
}

// onOff reads the state of the adapter.
func (d *decoder) onOff(into *string) func(*node, string) {
	return func(n *node, path string) {
		v, ok := adapterStates[strings.ToLower(n.text)]
		if n.kind != scalar || !ok {
			words := []string{"redis", "none", "on", "off"}
			d.wrong(n, path, "adapter", oneOf(words), spell.DidYouMean(n.text, words))
			return
		}
		*into = v
	}
}

// expectation reads one expectation.
func (d *decoder) expectation(n *node, path string) Expectation {
	var e Expectation
	if !d.mapping(n, path, "an expectation", d.expectationFields(&e), nil) {
		d.origin.bad[path] = true
	}
	return e
}

func (d *decoder) expectationFields(e *Expectation) []field {
	return []field{
		{"from", false, d.duration(&e.From, "from", -1)},
		{"at", true, func(n *node, path string) {
			if n.kind == scalar && n.text == "end" {
				e.End = true
				return
			}
			v, hint, ok := parseDuration(n.text)
			if hint == "" {
				hint = spell.DidYouMean(n.text, []string{"end"})
			}
			if n.kind != scalar || !ok || v > MaxDuration {
				d.wrong(n, path, "at", aDuration+", or end", hint)
				return
			}
			e.At = v
		}},
		{"that", true, d.text(&e.That, "that")},
		{"because", false, d.text(&e.Because, "because")},
	}
}

// cutWord cuts a word and the white space after it from the start of a text.
func cutWord(text, word string) (string, bool) {
	rest, ok := strings.CutPrefix(text, word)
	if !ok || rest == "" || !strings.ContainsAny(rest[:1], " \t") {
		return text, false
	}
	return strings.TrimSpace(rest), true
}

// instant is when the expectation looks, in a run of that duration.
func (e Expectation) instant(duration time.Duration) time.Duration {
	if e.End {
		return duration
	}
	return e.At
}
