package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
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

var AStep = "`at` and one of " + strings.Join(verbNames(), ", ")

// step reads one step. Its verb decides which other keys it may have.
func (d *decoder) step(n *yamltree.Node, path string) Step {
	s := Step{}
	if n.Kind != yamltree.Mapping {
		d.wrong(n, path, "a step", AStep, "")
		return s
	}
	s.Verb = verbOf(n)
	ok := d.mapping(n, path, "a step", d.stepFields(&s), func(p yamltree.Pair) bool { return d.strayStepKey(p, s.Verb) })
	if s.Verb == "" && ok && len(n.Pairs) < 2 {
		d.At(n.Place, "the step does nothing", AStep, "")
	}
	if s.Verb == "" || !ok {
		d.Origin.Bad[path] = true
	}
	d.wholeStep(n, path, &s)
	return s
}

// strayStepKey reports a key that is known, but not beside this verb.
func (d *decoder) strayStepKey(p yamltree.Pair, verb Verb) bool {
	if slices.Contains(Verbs, Verb(p.Key)) {
		d.At(p.Place, fmt.Sprintf("a step does one thing, this one has %s and %s", verb, p.Key), "", "write two steps with the same `at`; they are done in that order")
		return true
	}
	for _, v := range Verbs {
		if verb != "" && slices.Contains(arguments[v], p.Key) {
			d.At(p.Place, fmt.Sprintf("%s does not go with %s", p.Key, verb), "", fmt.Sprintf("it belongs to %s", v))
			return true
		}
	}
	if verb == "" {
		words := []string{"at"}
		for _, v := range Verbs {
			words = append(words, string(v))
		}
		d.At(p.Place, fmt.Sprintf("unknown key %q in a step", yamltree.Shorten(p.Key)), AStep, spell.DidYouMean(p.Key, words))
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
func (d *decoder) onOff(into *string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, ok := adapterStates[strings.ToLower(n.Text)]
		if n.Kind != yamltree.Scalar || !ok {
			words := []string{"redis", "none", "on", "off"}
			d.wrong(n, path, "adapter", yamltree.OneOf(words), spell.DidYouMean(n.Text, words))
			return
		}
		*into = v
	}
}

// expectation reads one expectation.
func (d *decoder) expectation(n *yamltree.Node, path string) Expectation {
	var e Expectation
	if !d.mapping(n, path, "an expectation", d.expectationFields(&e), nil) {
		d.Origin.Bad[path] = true
	}
	return e
}

func (d *decoder) expectationFields(e *Expectation) []field {
	return []field{
		{"from", false, d.duration(&e.From, "from", -1)},
		{"at", true, func(n *yamltree.Node, path string) {
			if n.Kind == yamltree.Scalar && n.Text == "end" {
				e.End = true
				return
			}
			v, hint, ok := parseDuration(n.Text)
			if hint == "" {
				hint = spell.DidYouMean(n.Text, []string{"end"})
			}
			if n.Kind != yamltree.Scalar || !ok || v > MaxDuration {
				d.wrong(n, path, "at", ADuration+", or end", hint)
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

// Instant is when the expectation looks, in a run of that duration.
func (e Expectation) Instant(duration time.Duration) time.Duration {
	if e.End {
		return duration
	}
	return e.At
}
