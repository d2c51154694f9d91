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

func plain(s string) (string, error) { return s, nil }

// parsed parses as a function of the standard library does; a value that this does not
// take, or that does not fit, is of another form.
func parsed[T any](parse func(string) (T, error), fits func(T) bool) func(string) (T, *yamltree.Problem) {
	return func(t string) (T, *yamltree.Problem) {
		v, err := parse(t)
		if err != nil || !fits(v) {
			return v, unfit("", "")
		}
		return v, nil
	}
}

// unlessZero formats a value that is left out when it is zero.
func unlessZero[T comparable](format func(T) string) func(T) string {
	return func(v T) string {
		if v == *new(T) {
			return ""
		}
		return format(v)
	}
}

// optional is the form of a value that may be left out, which is nil.
func optional[T any](f form[T]) form[*T] {
	return form[*T]{
		name: f.name, expected: f.expected, text: f.text, define: f.define, schema: f.schema,
		parse: func(t string) (*T, *yamltree.Problem) {
			v, wrong := f.parse(t)
			return &v, wrong
		},
		format: unlessZero(func(v *T) string { return f.format(*v) }),
	}
}

// textForm is any scalar that is not blank.
var textForm = form[string]{
	name: "text", expected: "text", text: true, format: same, define: "text",
	parse:  parsed(plain, func(t string) bool { return strings.TrimSpace(t) != "" }),
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

var aGroupName = fmt.Sprintf("a letter, then letters, digits and -, up to %d", longestName)

var (
	hostName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)
	groupName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// IsHostName reports whether a text can be the name of a node or a front.
func IsHostName(name string) bool { return isName(name, hostName) }

func isName(text string, pattern *regexp.Regexp) bool {
	return pattern.MatchString(text) && len(text) <= longestName
}

// name is the name of something, of a form.
func name(into *string, pattern *regexp.Regexp) value {
	f := form[string]{
		name: "name", expected: fmt.Sprintf("letters, digits and -, up to %d", longestName), text: true, format: same, define: "name",
		parse: parsed(plain, func(t string) bool { return isName(t, pattern) }),
		schema: func() *jsonschema.Schema {
			return &jsonschema.Schema{Type: "string", Pattern: pattern.String(), MaxLength: number(longestName)}
		},
	}
	if pattern == groupName {
		f.expected, f.define = aGroupName, "groupName"
	}
	return scalar(into, f)
}

var urlPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+/?$`)

// IsPath reports whether a text can be the path of a Socket.IO server.
func IsPath(text string) bool { return urlPath.MatchString(text) }

// path is the path of a URL; a slash is added at its end.
func path(into *string) value {
	return scalar(into, form[string]{
		name: "path", expected: "a path such as /live/", format: same, define: "path",
		parse: func(t string) (string, *yamltree.Problem) {
			if !IsPath(t) {
				return "", unfit("", "")
			}
			return strings.TrimSuffix(t, "/") + "/", nil
		},
		schema: func() *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Pattern: urlPath.String()} },
	})
}

// choice is one of a few words.
func choice(into *string, words ...string) value {
	return explained(into, yamltree.OneOf(words), words...)
}

// explained is a choice whose words are explained where another was given.
func explained(into *string, expected string, words ...string) value {
	return scalar(into, form[string]{
		name: strings.Join(words, ", "), expected: expected, format: same,
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

var truthWords = []string{"true", "false"}

var truthForm = form[bool]{
	name: "true, false", expected: "true or false",
	parse: func(t string) (bool, *yamltree.Problem) {
		meant := map[string]string{"on": "true", "yes": "true", "1": "true", "off": "false", "no": "false", "0": "false"}[strings.ToLower(t)]
		switch {
		case slices.Contains(truthWords, t):
			return t == "true", nil
		case meant != "":
			return false, unfit("", "did you mean "+meant+"?")
		}
		return false, unfit("", spell.DidYouMean(t, truthWords))
	},
	format: strconv.FormatBool,
	schema: func() *jsonschema.Schema { return &jsonschema.Schema{Type: "boolean"} },
}

func truth(into *bool) value { return truthOf(into, truthForm) }

// truthOf is true or false, and nothing else that YAML or people take for it.
func truthOf[T any](into *T, f form[T]) value {
	v := scalar(into, f).offering(truthWords...)
	read := v.read
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if _, ok := n.Value.(bool); n.Kind == yamltree.Scalar && !ok && slices.Contains(truthWords, n.Text) {
			d.wrong(n, path, what, f.expected, "without quotes")
			return
		}
		read(d, n, path, what)
	}
	return v
}

// integer is a whole number from low to high, 0 meaning that it is left out unless it
// is one of them.
func integer(into *int, low, high int) value { return scalar(into, integerForm(low, high)) }

func integerForm(low, high int) form[int] {
	f := form[int]{
		name: "whole number", expected: fmt.Sprintf("a whole number from %d to %d", low, high),
		parse:  parsed(func(t string) (int, error) { return strconv.Atoi(strings.ReplaceAll(t, "_", "")) }, func(v int) bool { return v >= low && v <= high }),
		format: strconv.Itoa,
		schema: func() *jsonschema.Schema {
			return &jsonschema.Schema{Type: "integer", Minimum: jsonNumber(low), Maximum: jsonNumber(high)}
		},
	}
	if low > 0 {
		f.format = unlessZero(f.format)
	}
	return f
}

func seedNumber(into *uint64) value {
	return scalar(into, form[uint64]{
		name: "whole number", expected: "a whole number from 0 on, such as 7",
		parse:  parsed(func(t string) (uint64, error) { return strconv.ParseUint(strings.ReplaceAll(t, "_", ""), 10, 64) }, func(uint64) bool { return true }),
		format: func(v uint64) string { return strconv.FormatUint(v, 10) },
		schema: func() *jsonschema.Schema { return &jsonschema.Schema{Type: "integer", Minimum: jsonNumber(0)} },
	})
}

// fraction is a number from 0 to 1.
func fraction(into *float64) value {
	return scalar(into, form[float64]{
		name: "number", expected: "a number from 0 to 1",
		parse:  parsed(func(t string) (float64, error) { return strconv.ParseFloat(t, 64) }, func(v float64) bool { return v >= 0 && v <= 1 }),
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
func spanOrNone(into **Span) value { return scalar(into, optional(spanForm)) }

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
		format: unlessZero(FormatBytes),
		schema: func() *jsonschema.Schema {
			return either(pattern(`[0-9]+(\.[0-9]+)?(B|kB|MB)?`), &jsonschema.Schema{Type: "integer", Minimum: "1"})
		},
	})
}

const anAddrPort = "an address and a port such as 10.0.0.1:3000"

// parseAddrPort reads an address that something can listen on.
var parseAddrPort = parsed(netip.ParseAddrPort, func(a netip.AddrPort) bool {
	return a.Port() != 0 && !a.Addr().IsUnspecified() && a.Addr().Zone() == "" && !a.Addr().Is4In6()
})

// addrPort is an address with a port.
func addrPort(into *netip.AddrPort) value {
	return scalar(into, form[netip.AddrPort]{
		name: "address:port", expected: anAddrPort, text: true, define: "text", schema: textForm.schema, parse: parseAddrPort,
		format: unlessZero(netip.AddrPort.String),
	})
}

// listenAddress is an address with a port, kept as text.
func listenAddress(into *string) value {
	f := textForm
	f.name, f.expected = "address:port", anAddrPort
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
		parse:  parsed(netip.ParseAddr, func(a netip.Addr) bool { return a.Zone() == "" && fits(a) }),
		format: unlessZero(netip.Addr.String),
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
	f.format = unlessZero(func(d time.Duration) string { return "every " + format(d) })
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
