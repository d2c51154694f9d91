package scenario

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/invopop/jsonschema"

	"stickylab/cluster"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// unfit is a value of another form.
func unfit(expected, hint string) *yamltree.Problem {
	return &yamltree.Problem{Expected: expected, Hint: hint}
}

func same(s string) string { return s }

// textForm is any scalar that is not blank.
var textForm = form[string]{
	name: "text", expected: "text", text: true, format: same, define: "text",
	parse: func(t string) (string, *yamltree.Problem) {
		if strings.TrimSpace(t) == "" {
			return "", unfit("", "")
		}
		return t, nil
	},
	schema: func() *jsonschema.Schema { return &jsonschema.Schema{Type: "string", MinLength: number(1)} },
}

func text(into *string) value { return scalar(into, textForm) }

// literal is a text of several lines.
func literal(into *string) value {
	v := text(into)
	v.lines = func(margin string) string { return " " + yamltree.Literal(*into, margin) }
	return v
}

// room is the name of a room.
func room(into *string) value {
	f := textForm
	f.name, f.define = "room", "room"
	f.expected = fmt.Sprintf("a name of at most %d bytes", cluster.MaxRoom)
	f.parse = func(t string) (string, *yamltree.Problem) {
		if strings.TrimSpace(t) == "" || len(t) > cluster.MaxRoom {
			return "", &yamltree.Problem{Text: fmt.Sprintf("%q cannot be a room", yamltree.Shorten(t))}
		}
		return t, nil
	}
	f.schema = func() *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", MinLength: number(1), MaxLength: number(cluster.MaxRoom)}
	}
	v := scalar(into, f).as("a room")
	v.ref, v.offer = RefRoom, func(x *phrase) []string { return x.known(RefRoom) }
	return v
}

const longestName = 40

var (
	hostName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)
	groupName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// IsHostName reports whether a text can be the name of a node or a front.
func IsHostName(name string) bool { return hostName.MatchString(name) && len(name) <= longestName }

// name is the name of something, of a form.
func name(into *string, pattern *regexp.Regexp) value {
	f := form[string]{
		name: "name", expected: fmt.Sprintf("letters, digits and -, up to %d", longestName), text: true, format: same, define: "name",
		parse: func(t string) (string, *yamltree.Problem) {
			if !pattern.MatchString(t) || len(t) > longestName {
				return "", unfit("", "")
			}
			return t, nil
		},
		schema: func() *jsonschema.Schema {
			return &jsonschema.Schema{Type: "string", Pattern: pattern.String(), MaxLength: number(longestName)}
		},
	}
	if pattern == groupName {
		f.expected, f.define = "a letter, then letters, digits and -, up to "+strconv.Itoa(longestName), "groupName"
	}
	return scalar(into, f)
}

// choice is one of a few words.
func choice(into *string, words ...string) value {
	return scalar(into, form[string]{
		name: strings.Join(words, ", "), expected: yamltree.OneOf(words), format: same,
		parse: func(t string) (string, *yamltree.Problem) {
			if !slices.Contains(words, t) {
				return "", unfit("", spell.DidYouMean(t, words))
			}
			return t, nil
		},
		schema: func() *jsonschema.Schema { return oneOf(words) },
	}).offering(words...)
}

func oneOf[T any](values []T) *jsonschema.Schema {
	s := &jsonschema.Schema{}
	for _, v := range values {
		s.Enum = append(s.Enum, v)
	}
	return s
}

// truth is true or false, and nothing else that YAML or people take for it.
func truth(into *bool) value {
	words := []string{"true", "false"}
	meant := map[string]string{"on": "true", "yes": "true", "1": "true", "off": "false", "no": "false", "0": "false"}
	v := scalar(into, form[bool]{
		name: "true, false", expected: "true or false",
		parse: func(t string) (bool, *yamltree.Problem) {
			if !slices.Contains(words, t) {
				if m := meant[strings.ToLower(t)]; m != "" {
					return false, unfit("", "did you mean "+m+"?")
				}
				return false, unfit("", spell.DidYouMean(t, words))
			}
			return t == "true", nil
		},
		format: strconv.FormatBool,
		schema: func() *jsonschema.Schema { return &jsonschema.Schema{Type: "boolean"} },
	}).offering(words...)
	read := v.read
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if _, ok := n.Value.(bool); n.Kind == yamltree.Scalar && !ok && slices.Contains(words, n.Text) {
			d.wrong(n, path, what, "true or false", "without quotes")
			return
		}
		read(d, n, path, what)
	}
	return v
}

// integer is a whole number from low to high, 0 meaning that it is left out unless it
// is one of them.
func integer(into *int, low, high int) value {
	return scalar(into, form[int]{
		name: "whole number", expected: fmt.Sprintf("a whole number from %d to %d", low, high),
		parse: func(t string) (int, *yamltree.Problem) {
			v, err := strconv.Atoi(strings.ReplaceAll(t, "_", ""))
			if err != nil || v < low || v > high {
				return 0, unfit("", "")
			}
			return v, nil
		},
		format: func(v int) string {
			if v == 0 && low > 0 {
				return ""
			}
			return strconv.Itoa(v)
		},
		schema: func() *jsonschema.Schema {
			return &jsonschema.Schema{Type: "integer", Minimum: jsonNumber(low), Maximum: jsonNumber(high)}
		},
	})
}

func seedNumber(into *uint64) value {
	return scalar(into, form[uint64]{
		name: "whole number", expected: "a whole number from 0 on, such as 7",
		parse: func(t string) (uint64, *yamltree.Problem) {
			v, err := strconv.ParseUint(strings.ReplaceAll(t, "_", ""), 10, 64)
			if err != nil {
				return 0, unfit("", "")
			}
			return v, nil
		},
		format: func(v uint64) string { return strconv.FormatUint(v, 10) },
		schema: func() *jsonschema.Schema { return &jsonschema.Schema{Type: "integer", Minimum: jsonNumber(0)} },
	})
}

// fraction is a number from 0 to 1.
func fraction(into *float64) value {
	return scalar(into, form[float64]{
		name: "number", expected: "a number from 0 to 1",
		parse: func(t string) (float64, *yamltree.Problem) {
			v, err := strconv.ParseFloat(t, 64)
			if err != nil || !(v >= 0 && v <= 1) {
				return 0, unfit("", "")
			}
			return v, nil
		},
		format: func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) },
		schema: func() *jsonschema.Schema {
			return &jsonschema.Schema{Type: "number", Minimum: jsonNumber(0), Maximum: jsonNumber(1)}
		},
	})
}

const (
	durationPattern = `([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+`
	orZeroPattern   = `(0|` + durationPattern + `)`
)

func pattern(p string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: "^" + p + "$"}
}

func either(forms ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: forms} }

// instant is a duration from 0 on, "" never meaning it.
func instant(into *time.Duration) value { return scalar(into, durationForm(0)) }

// duration is one above 0; 0 means that it is left out.
func duration(into *time.Duration) value { return scalar(into, durationForm(1)) }

func durationForm(low time.Duration) form[time.Duration] {
	return form[time.Duration]{
		name: "duration", expected: ADuration, define: "duration",
		parse: func(t string) (time.Duration, *yamltree.Problem) {
			v, hint, ok := parseDuration(t)
			switch {
			case !ok:
				return 0, unfit("", hint)
			case v < low:
				return 0, unfit("a duration above 0s", "")
			case v > MaxDuration:
				return 0, unfit("a duration up to "+FormatDuration(MaxDuration), "")
			}
			return v, nil
		},
		format: func(d time.Duration) string {
			if d == 0 && low > 0 {
				return ""
			}
			return FormatDuration(d)
		},
		schema: func() *jsonschema.Schema {
			return either(pattern(orZeroPattern), &jsonschema.Schema{Const: 0})
		},
	}
}

// milliseconds is a duration of whole milliseconds, in which the handshake tells it.
func milliseconds(into *time.Duration) value {
	f := durationForm(1)
	parse := f.parse
	f.parse = func(t string) (time.Duration, *yamltree.Problem) {
		d, wrong := parse(t)
		if wrong == nil && d%time.Millisecond != 0 {
			return 0, unfit("whole milliseconds", "")
		}
		return d, wrong
	}
	return scalar(into, f)
}

// orEnd is an instant or the end of the run, of which end tells.
func orEnd(into *time.Duration, end *bool) value {
	f := durationForm(0)
	f.name, f.define, f.expected = "duration, end", "instant", ADuration+", or end"
	parse := f.parse
	f.parse = func(t string) (time.Duration, *yamltree.Problem) {
		if *end = t == "end"; *end {
			return *into, nil
		}
		d, wrong := parse(t)
		if wrong != nil && wrong.Hint == "" {
			wrong.Hint = spell.DidYouMean(t, []string{"end"})
		}
		return d, wrong
	}
	f.format = func(d time.Duration) string {
		if *end {
			return "end"
		}
		return FormatDuration(d)
	}
	f.schema = func() *jsonschema.Schema { return pattern(`(end|` + durationPattern + `)`) }
	return scalar(into, f)
}

var spanForm = form[Span]{
	name: "duration, range", expected: "a duration such as 500us, or a range such as 20ms..60ms", define: "span",
	parse: func(t string) (Span, *yamltree.Problem) {
		v, hint, ok := parseSpan(t)
		if !ok {
			return v, unfit("", hint)
		}
		if v.Max > MaxDuration {
			return v, unfit("durations up to "+FormatDuration(MaxDuration), "")
		}
		return v, nil
	},
	format: Span.String,
	schema: func() *jsonschema.Schema {
		return either(pattern(orZeroPattern+`( *\.\. *`+orZeroPattern+`)?`), &jsonschema.Schema{Const: 0})
	},
}

func span(into *Span) value { return scalar(into, spanForm) }

// spanOrNone is a span that may be left out.
func spanOrNone(into **Span) value {
	f := form[*Span]{name: spanForm.name, expected: spanForm.expected, define: spanForm.define, schema: spanForm.schema}
	f.parse = func(t string) (*Span, *yamltree.Problem) {
		v, wrong := spanForm.parse(t)
		return &v, wrong
	}
	f.format = func(s *Span) string {
		if s == nil {
			return ""
		}
		return s.String()
	}
	return scalar(into, f)
}

// size is a number of bytes, from 1; 0 means that it is left out.
func size(into *int, most int) value {
	return scalar(into, form[int]{
		name: "bytes", expected: aSize, define: "bytes",
		parse: func(t string) (int, *yamltree.Problem) {
			v, hint, ok := parseBytes(t)
			if !ok {
				return 0, unfit("", hint)
			}
			if v < 1 || v > most {
				return 0, unfit("from 1 to "+FormatBytes(most), "")
			}
			return v, nil
		},
		format: func(v int) string {
			if v == 0 {
				return ""
			}
			return FormatBytes(v)
		},
		schema: func() *jsonschema.Schema {
			return either(pattern(`[0-9]+(\.[0-9]+)?(B|kB|MB)?`), &jsonschema.Schema{Type: "integer", Minimum: "1"})
		},
	})
}

// parseAddrPort reads an address that something can listen on.
func parseAddrPort(t string) (netip.AddrPort, *yamltree.Problem) {
	v, err := netip.ParseAddrPort(t)
	if err != nil || v.Port() == 0 || v.Addr().IsUnspecified() || v.Addr().Zone() != "" {
		return v, unfit("an address and a port such as 10.0.0.1:3000", "")
	}
	return v, nil
}

// addrPort is an address with a port.
func addrPort(into *netip.AddrPort) value {
	return scalar(into, form[netip.AddrPort]{
		name: "address:port", expected: "an address and a port such as 10.0.0.1:3000", text: true, define: "text", schema: textForm.schema, parse: parseAddrPort,
		format: func(a netip.AddrPort) string {
			if !a.IsValid() {
				return ""
			}
			return a.String()
		},
	})
}

// listenAddress is an address with a port, kept as text.
func listenAddress(into *string) value {
	f := textForm
	f.name, f.expected = "address:port", "an address and a port such as 10.0.0.1:3000"
	f.parse = func(t string) (string, *yamltree.Problem) {
		_, wrong := parseAddrPort(t)
		return t, wrong
	}
	return scalar(into, f)
}

// address is an address that is valid for a test.
func address(into *netip.Addr, expected string, fits func(netip.Addr) bool) value {
	return scalar(into, form[netip.Addr]{
		name: "address", expected: expected, text: true, define: "address",
		parse: func(t string) (netip.Addr, *yamltree.Problem) {
			a, err := netip.ParseAddr(t)
			if err != nil || a.Zone() != "" || !fits(a) {
				return a, unfit("", "")
			}
			return a, nil
		},
		format: func(a netip.Addr) string {
			if !a.IsValid() {
				return ""
			}
			return a.String()
		},
		schema: func() *jsonschema.Schema { return pattern("[0-9A-Fa-f.:]+") },
	})
}

// every is the period of what clients say.
func every(into *time.Duration) value {
	f := durationForm(1)
	f.name, f.define, f.expected = "every duration", "every", "`every` and a duration, such as every 5s"
	f.parse = func(t string) (time.Duration, *yamltree.Problem) {
		rest, found := cutWord(t, "every")
		if !found {
			hint := ""
			if _, _, plain := parseDuration(t); plain {
				hint = "did you mean every " + t + "?"
			}
			return 0, unfit("", hint)
		}
		period, hint, ok := parseDuration(rest)
		switch {
		case !ok:
			return 0, unfit("", hint)
		case period < shortest || period > MaxDuration:
			return 0, unfit(fmt.Sprintf("a period from %s to %s", FormatDuration(shortest), FormatDuration(MaxDuration)), "")
		}
		return period, nil
	}
	format := f.format
	f.format = func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return "every " + format(d)
	}
	f.schema = func() *jsonschema.Schema { return pattern(`every +` + durationPattern) }
	v := scalar(into, f)
	take := v.take
	v.take = func(x *phrase, what string) { // the word every may be left out
		if len(x.args) > 0 && x.args[0].text == "every" {
			x.args = x.args[1:]
		}
		if len(x.args) > 0 {
			x.args[0].text = "every " + x.args[0].text
		}
		take(x, what)
	}
	v.words = func() []string { return someWords(format(*into)) }
	return v
}

// shortest is the shortest period of what clients say.
const shortest = time.Millisecond

// cutWord cuts a word and the white space after it from the start of a text.
func cutWord(text, word string) (string, bool) {
	rest, ok := strings.CutPrefix(text, word)
	if !ok || rest == "" || !strings.ContainsAny(rest[:1], " \t") {
		return text, false
	}
	return strings.TrimSpace(rest), true
}
