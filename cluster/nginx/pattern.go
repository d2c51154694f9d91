package nginx

import (
	"cmp"
	"errors"
	"regexp"
	regexpsyntax "regexp/syntax"
	"strings"

	"github.com/dlclark/regexp2"

	"stickylab/cluster/nginx/syntax"
)

// pattern is a regular expression of a text. The standard library's matcher takes
// linear time but lacks what PCRE has besides, such as lookaheads: those few go to
// a backtracking one.
type pattern struct {
	linear *regexp.Regexp
	pcre   *regexp2.Regexp // nil unless linear is
	names  []string        // of the groups, "" for those without; the first is the whole
}

func (p *pattern) String() string {
	if p.linear != nil {
		return p.linear.String()
	}
	return p.pcre.String()
}

// maxBacktracked bounds the text that a backtracking pattern is tried on.
const maxBacktracked = 1 << 10

// compile compiles an expression of PCRE. It fails when neither matcher takes it.
func compile(expr string, fold bool) (*pattern, error) {
	flags := ""
	if fold {
		flags = "(?i)"
	}
	linear, err := regexp.Compile(flags + expr)
	if err == nil {
		return &pattern{linear: linear, names: linear.SubexpNames()}, nil
	}
	options := regexp2.RegexOptions(regexp2.None)
	if fold {
		options = regexp2.IgnoreCase
	}
	backtracking, other := regexp2.Compile(strings.ReplaceAll(expr, "(?P<", "(?<"), options)
	if other != nil {
		return nil, err
	}
	p := &pattern{pcre: backtracking}
	for _, number := range backtracking.GetGroupNumbers() {
		name := backtracking.GroupNameFromNumber(number)
		if digits(name) {
			name = ""
		}
		p.names = append(p.names, name)
	}
	return p, nil
}

func (p *pattern) matches(s string) bool {
	if p.linear != nil {
		return p.linear.MatchString(s)
	}
	ok, err := p.pcre.MatchString(s[:min(len(s), maxBacktracked)])
	return ok && err == nil
}

// find returns the groups of the first match, the whole match being the first; nil
// when there is none.
func (p *pattern) find(s string) []string {
	if p.linear != nil {
		return p.linear.FindStringSubmatch(s)
	}
	m, err := p.pcre.FindStringMatch(s[:min(len(s), maxBacktracked)])
	if m == nil || err != nil {
		return nil
	}
	var groups []string
	for _, g := range m.Groups() {
		groups = append(groups, g.String())
	}
	return groups
}

// pattern compiles a regular expression of the text; nil when it cannot be used,
// which is a problem where PCRE refuses it too, and a note otherwise.
func (r *reader) pattern(at syntax.Pos, fold bool, expr string) *pattern {
	p, err := compile(expr, fold)
	if err == nil {
		return p
	}
	hint, fatal := "", false
	if wrong := (*regexpsyntax.Error)(nil); errors.As(err, &wrong) {
		hint = wrong.Code.String() + ": `" + strings.TrimPrefix(cmp.Or(wrong.Expr, expr), "(?i)") + "`"
		switch wrong.Code {
		case regexpsyntax.ErrMissingParen, regexpsyntax.ErrUnexpectedParen, regexpsyntax.ErrMissingBracket, regexpsyntax.ErrInvalidCharRange,
			regexpsyntax.ErrMissingRepeatArgument, regexpsyntax.ErrTrailingBackslash:
			fatal = true
		}
	}
	if fatal {
		r.Fail(BadValue, at, hint, "the regular expression %q cannot be used here", expr)
	} else {
		r.Note(NotSimulated, expr, at, hint, "the regular expression %q is not simulated: it matches nothing here", expr)
	}
	return nil
}
