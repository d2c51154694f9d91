package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// String is the step in words, without its time: "adapter redis im-3030",
// "kill im-5080", `say beijing-01 "hi"`, "add extra 5 198.51.100.0/24 say 5s".
// ParseStep reads it back, but for the text of a reload.
func (s Step) String() string {
	words := []string{string(s.Verb)}
	spec := specOf(s.Verb)
	if spec == nil {
		return words[0]
	}
	unset := inWords(spec.fields(&Step{}))
	for i, f := range inWords(spec.fields(&s)) {
		more := f.value.words()
		if keyword := f.setting(); keyword != "" {
			if slices.Equal(more, unset[i].value.words()) {
				continue
			}
			words = append(words, keyword)
		}
		words = append(words, more...)
	}
	return strings.Join(someWords(words...), " ")
}

// inWords are the fields that words give, those of nested mappings after the others.
func inWords(fields []field) []field {
	var out, nested []field
	for _, f := range fields {
		if f.word != "" {
			out = append(out, f)
		}
		if f.value.settings != nil {
			nested = append(nested, f.value.settings()...)
		}
	}
	return append(out, nested...)
}

// setting is the word before a value that may stand anywhere after the others: "say" of
// "[say PERIOD]"; "" for a value that has a place.
func (f field) setting() string {
	keyword, _, ok := strings.Cut(strings.TrimPrefix(f.word, "["), " ")
	if !ok || f.word[0] != '[' || keyword != strings.ToLower(keyword) || strings.Contains(keyword, "|") {
		return ""
	}
	return keyword
}

// oneWord is a text as one word, in quotes if it has to be.
func oneWord(s string) string {
	plain := func(r rune) bool { return r != '"' && unicode.IsPrint(r) && !unicode.IsSpace(r) }
	if s == "" || strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return strconv.Quote(s)
}

// spoken is a word of a line, out of its quotes.
type spoken struct {
	text string
	at   int // where it begins in the line, in bytes
}

// splitWords splits a line at white space; what is in double quotes is one
// word, with Go's escapes.
func splitWords(line string) []spoken {
	var out []spoken
	for at := 0; at < len(line); {
		rest := line[at:]
		if trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace); len(trimmed) < len(rest) {
			at += len(rest) - len(trimmed)
			continue
		}
		if quoted, err := strconv.QuotedPrefix(rest); err == nil && rest[0] == '"' {
			text, _ := strconv.Unquote(quoted)
			out = append(out, spoken{text, at})
			at += len(quoted)
			continue
		}
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		out = append(out, spoken{rest[:end], at})
		at += end
	}
	return out
}

// ParseStep reads a step from words, as Step.String writes it: "kill im-5080",
// "slow im-3030 200ms", "move beijing 192.0.2.128/25". A say's text needs no
// quotes. The step has no time. Names are looked up; nil knows none and takes all.
// Whether the step can be done is for plan.CheckStep to say. The error fits on a
// line, with a suggestion where there is one.
func ParseStep(v *Names, words string) (Step, error) {
	all := splitWords(words)
	if len(all) == 0 {
		return Step{}, wrongWords("no step", yamltree.OneOf(verbNames))
	}
	spec := specOf(Verb(all[0].text))
	if spec == nil {
		return Step{}, wrongWords(fmt.Sprintf("unknown step %q", yamltree.Shorten(all[0].text)), cmp.Or(spell.DidYouMean(all[0].text, verbNames), yamltree.OneOf(verbNames)))
	}
	x := &phrase{Names: cmp.Or(v, &Names{}), open: v == nil, spec: spec, line: words, args: all[1:]}
	s := x.step()
	if x.err == nil && len(x.args) > 0 {
		x.fail(fmt.Sprintf("%s does not go with %s", strconv.Quote(yamltree.Shorten(x.args[0].text)), spec.verb), "it takes "+spec.form())
	}
	if x.err != nil {
		return Step{}, x.err
	}
	return s, nil
}

// CompleteStep returns what the last word of a step in words may become, in
// the order of sense; a line that ends in a blank, or is empty, has an empty
// last word. Nil means that nothing is known, or that the word may be anything.
func CompleteStep(v *Names, words string) []string {
	all := splitWords(words)
	last := ""
	if n := len(all); n > 0 && !strings.ContainsFunc(words[len(words)-1:], unicode.IsSpace) {
		last, all = words[all[n-1].at:], all[:n-1]
	}
	offered := verbNames
	if len(all) > 0 {
		spec := specOf(Verb(all[0].text))
		if spec == nil {
			return nil
		}
		x := &phrase{Names: cmp.Or(v, &Names{}), open: true, completing: true, last: last, spec: spec, line: words, args: all[1:]}
		x.step()
		offered = x.offered
	}
	var out []string
	for _, o := range offered {
		if strings.HasPrefix(o, last) && len(out) < mostCompletions && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// mostCompletions is how many completions are offered.
const mostCompletions = 100

func wrongWords(text, hint string) error {
	if hint != "" {
		text += " (" + hint + ")"
	}
	return errors.New(yamltree.Printable(text))
}

// phrase is a step in words, taken apart from the left. One that is being completed
// ends where the words end, with what may come there.
type phrase struct {
	*Names
	open bool // any name will do
	spec *verbSpec
	line string
	args []spoken // not taken yet
	err  error    // the first

	key   string                   // of the argument that is taken
	also  []string                 // other words that it may be
	who   string                   // the group that the step adds to
	offer func(x *phrase) []string // of that argument

	completing bool
	last       string   // the beginning of the word to come
	offered    []string // what it may become
}

func (x *phrase) fail(text, hint string) {
	if x.err == nil {
		x.err = wrongWords(text, hint)
	}
}

// refuse reports a value that does not fit.
func (x *phrase) refuse(wrong *yamltree.Problem) {
	x.fail(wrong.Text, cmp.Or(wrong.Hint, wrong.Expected))
}

// next takes a word, "" when there is none.
func (x *phrase) next(what string) string {
	if len(x.args) == 0 {
		if x.offer != nil {
			x.more(func() []string { return x.offer(x) })
		}
		x.fail(fmt.Sprintf("%s needs %s", x.spec.verb, what), x.spec.usage())
		return ""
	}
	w := x.args[0].text
	x.args = x.args[1:]
	return w
}

// inner takes a value that is a part of the argument.
func (x *phrase) inner(v value, what string) {
	x.offer = v.offer
	v.take(x, what)
}

// more offers words where the line ends.
func (x *phrase) more(words func() []string) {
	if x.completing && x.err == nil && len(x.args) == 0 {
		x.offered = append(x.offered, words()...)
	}
}

// rest takes the rest of the line unchanged.
func (x *phrase) rest() string {
	if len(x.args) == 0 {
		return ""
	}
	text := strings.TrimSpace(x.line[x.args[0].at:])
	x.args = nil
	return text
}

// step takes the arguments that have a place, and then the settings.
func (x *phrase) step() Step {
	s := Step{Verb: x.spec.verb}
	var settings []field
	if x.spec.form() == "" {
		x.fail(fmt.Sprintf("%s takes a text of several lines", x.spec.verb), "words cannot give it")
	}
	for _, f := range inWords(x.spec.fields(&s)) {
		switch {
		case f.setting() != "":
			settings = append(settings, f)
		case x.err == nil:
			x.argument(f)
		}
	}
	x.settings(settings)
	if x.err != nil {
		return s
	}
	if x.spec.fit != nil {
		if _, wrong := x.spec.fit(&s); wrong != nil {
			x.refuse(wrong)
		}
	}
	if s.Group != nil {
		if text := s.Group.Reconnection.fit(); text != "" {
			x.fail(text, "")
		}
	}
	if x.spec.fill != nil {
		x.spec.fill(&s)
	}
	return s
}

// argument takes an argument that has a place.
func (x *phrase) argument(f field) {
	x.key, x.also, x.offer = f.key, nil, f.value.offer
	optional, flag := f.word[0] == '[', f.word == "["+f.key+"]"
	switch {
	case flag && len(x.args) > 0 && (x.args[0].text != f.key || x.line[x.args[0].at] == '"'):
		return
	case flag && len(x.args) > 0:
		x.args = x.args[1:]
	case flag:
		x.more(func() []string { return []string{f.key} })
		return
	case optional && len(x.args) == 0:
		if x.offer != nil {
			x.more(func() []string { return x.offer(x) })
		}
		return
	}
	f.value.take(x, prose(f.word))
}

// settings takes values that have no place, each after its word.
func (x *phrase) settings(fields []field) {
	if len(fields) == 0 {
		return
	}
	var keywords, seen []string
	for _, f := range fields {
		keywords = append(keywords, f.setting())
	}
	for x.err == nil && len(x.args) > 0 {
		keyword := x.next("")
		i := slices.Index(keywords, keyword)
		switch {
		case i < 0:
			x.fail(fmt.Sprintf("%q does not go with %s", yamltree.Shorten(keyword), x.spec.verb), cmp.Or(spell.DidYouMean(keyword, keywords), yamltree.OneOf(keywords)))
			return
		case slices.Contains(seen, keyword) && keyword != "header":
			x.fail(keyword+" appears twice", "")
			return
		}
		seen = append(seen, keyword)
		x.key, x.offer = keyword, fields[i].value.offer
		fields[i].value.take(x, prose(strings.TrimSuffix(strings.TrimPrefix(fields[i].word, "["+keyword+" "), "]")))
	}
	x.more(func() []string { return without(keywords, seen) })
}

// placeholders are the words of usage that stand for something.
var placeholders = []struct{ word, prose string }{
	{"NODE", "a node"}, {"METHOD", "a balancing method"}, {"UPSTREAM", "an upstream"}, {"TIME", "a time"}, {"DELAY", "a delay"},
	{"PERIOD", "a period"}, {"COUNT", "a number"}, {"BYTES", "a number of bytes"}, {"HOST", "a host"}, {"CLIENT", "a client"},
	{"GROUP", "a group"}, {"IP", "an address or a range"}, {"ROOM", "a room"}, {"TEXT", "a text"}, {"LIST", "a list"}, {"URL", "a URL"},
	{"NAME", "a name"}, {"VALUE", "a value"}, {"NUMBER", "a number"},
}

// prose is a place in usage as people say it: "a group or a client" for GROUP|CLIENT.
func prose(word string) string {
	var out []string
	for _, w := range strings.Split(strings.Trim(word, "[]."), "|") {
		for _, p := range placeholders {
			if p.word == strings.TrimRight(w, ".") {
				w = p.prose
			}
		}
		out = append(out, w)
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " or " + out[n-1]
	}
	return out[0]
}

func without(list, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(w string) bool { return slices.Contains(gone, w) })
}
