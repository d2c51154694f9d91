package yamltree

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Flow writes a mapping on one line, without the keys whose value is empty.
func Flow(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, pairs[i]+": "+pairs[i+1])
		}
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// FlowList writes a list on one line; "" for none.
func FlowList(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "[" + strings.Join(list, ", ") + "]"
}

var (
	bare     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_./$-]*( [A-Za-z0-9_./$-]+)*$`)
	numberly = regexp.MustCompile(`^[0-9.+-]`)
	word     = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null|nan|inf)$`)
	address  = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(/[0-9]+|:[0-9]+)?$`)
)

// Quote writes a text as a scalar, in quotes when YAML could take it for
// something else.
func Quote(s string) string {
	if address.MatchString(s) || bare.MatchString(s) && !numberly.MatchString(s) && !word.MatchString(s) {
		return s
	}
	return strconv.Quote(strings.ToValidUTF8(s, "\uFFFD"))
}

func QuoteSome(s string) string {
	if s == "" {
		return ""
	}
	return Quote(s)
}

// Literal writes a text of several lines as they stand, other texts as quote.
func Literal(s, indent string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	if len(lines) < 2 {
		return Quote(s)
	}
	for i, l := range lines {
		edge := l == "" && (i == 0 || i == len(lines)-1)
		if edge || strings.TrimRight(l, " \t") != l || i == 0 && strings.TrimLeft(l, " \t") != l || strings.ContainsFunc(l, unprintable) {
			return Quote(s)
		}
	}
	head := "|"
	if !strings.HasSuffix(s, "\n") {
		head = "|-"
	}
	for i, l := range lines {
		if l != "" {
			lines[i] = indent + l
		}
	}
	return head + "\n" + strings.Join(lines, "\n")
}

// unprintable tells the characters that a literal text cannot hold.
func unprintable(r rune) bool { return !strconv.IsPrint(r) && r != '\t' }

// OneOf lists what may stand in a place; long lists are cut.
func OneOf(names []string) string {
	const most = 24
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return names[0]
	case len(names) > most:
		return fmt.Sprintf("one of %s, ... (%d in all)", strings.Join(names[:most], ", "), len(names))
	}
	return "one of " + strings.Join(names, ", ")
}
