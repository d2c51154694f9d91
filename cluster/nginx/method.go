package nginx

import (
	"errors"
	"fmt"
	"strings"

	"stickylab/cluster/spell"
)

// ParseMethod reads a balancing method as it stands in an upstream block, with
// or without the ";": "ip_hash", "hash $remote_addr consistent". "round_robin",
// which nginx has no directive for, stands for the default. Whether the
// variables of a key exist is not asked: the text may define them.
func ParseMethod(s string) (Method, error) {
	m, err := parseMethod(s)
	if err != nil {
		return Method{}, fmt.Errorf("balancing method %q: %w", s, err)
	}
	return m, nil
}

func parseMethod(text string) (Method, error) {
	r := reader{version: "1.30", foreign: true}
	s := newScanner(text+"\n;", &r.report)
	words, end := s.statement()
	if len(words) == 0 {
		return Method{}, errors.New("it is empty")
	}
	if rest, _ := s.statement(); len(rest) > 0 || end != endSemicolon {
		return Method{}, errors.New("one directive is expected")
	}
	d := &directive{word: words[0], args: words[1:]}
	if _, known := methods[d.text]; !known && d.text != "round_robin" {
		if near := spell.Nearest(d.text, methodNames); near != "" {
			return Method{}, fmt.Errorf("unknown method, did you mean %q?", near)
		}
		return Method{}, fmt.Errorf("unknown method, it is %s", listed(methodNames))
	}
	masks, _ := r.table.lookup(d.text)
	if d.text == "round_robin" && len(d.args) > 0 || d.text != "round_robin" && !fits(d, masks, upstreamContext) {
		return Method{}, fmt.Errorf("invalid number of arguments in %q directive", d.text)
	}
	u := &Upstream{}
	r.method(u, d)
	for _, p := range r.problems {
		// A text ending in ";" leaves the one that was added here alone.
		if p.Text != `unexpected ";"` {
			return Method{}, withHint(p)
		}
	}
	m := u.Method
	m.Pos = Pos{}
	return m, nil
}

func withHint(p Problem) error {
	if p.Hint != "" {
		return fmt.Errorf("%s (%s)", p.Text, p.Hint)
	}
	return errors.New(p.Text)
}

var methodNames = []string{"round_robin", "ip_hash", "hash", "least_conn", "random"}

// String returns the method as it is written in an upstream block, without the
// ";".
func (m Method) String() string {
	s := m.Name
	for _, arg := range m.Args {
		s += " " + quote(arg)
	}
	return s
}

// quote writes an argument so that it is read back as it is.
func quote(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\r\n;{}\"'\\#") {
		return arg
	}
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	return `"` + escape.Replace(arg) + `"`
}
