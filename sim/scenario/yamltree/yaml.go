// Package yamltree reads YAML into a tree whose values know their place in the
// text, and reports problems there: file, line, column and an excerpt.
package yamltree

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"stickylab/sim/format"
)

// Bounds of a text. They keep a slip of the finger from taking the machine.
const (
	MaxSize  = 256 << 10 // bytes
	MaxLines = 10_000
	MaxDepth = 64 // nesting of YAML
)

// Read turns the text of a file into nodes and gives the reporter an origin. It
// returns nil when there is nothing to decode, and has then reported why.
func Read(r *Reporter, src []byte) *Node {
	text := strings.TrimPrefix(strings.ReplaceAll(string(src), "\r\n", "\n"), "\ufeff")
	start := Place{1, 1, 1}
	if len(src) > MaxSize {
		r.Source = newSource("")
		r.At(start, fmt.Sprintf("the file has more than %s bytes", format.Number(MaxSize)), "a smaller file", "") // who reads it may have stopped there
		return nil
	}
	r.Source = newSource(text)
	if n := len(r.Source.lines); n > MaxLines {
		r.At(start, fmt.Sprintf("the file has %d lines", n), fmt.Sprintf("at most %d lines", MaxLines), "")
		return nil
	}
	for i, line := range r.Source.lines {
		if n := validPrefix(line); n < len(line) {
			r.At(Place{i + 1, utf8.RuneCountInString(line[:n]) + 1, 1}, "not UTF-8 text", "a YAML file in UTF-8", "")
			return nil
		}
	}
	docs, err := parseYAML(text)
	if err != nil {
		p, message := syntax(err)
		expected, hint := explain(message)
		r.At(p, message, expected, hint)
		return nil
	}
	docs = slices.DeleteFunc(docs, func(d document) bool { return d.body == nil })
	if len(docs) == 0 {
		r.At(start, "the file is empty", "a scenario: title, duration, proxy, clients, ...", "`stickylab init` writes one to start from")
		return nil
	}
	c := &converter{Reporter: r, anchors: map[string]*Node{}, open: map[string]bool{}}
	if len(docs) > 1 {
		r.At(c.place(docs[1].start), "a second document in the file", "one scenario in a file", "remove the `---` line, or move what follows into another file")
		return nil
	}
	r.Origin = NewOrigin()
	return c.convert(docs[0].body, 0)
}

// validPrefix is the length of the valid UTF-8 that a text begins with.
func validPrefix(text string) int {
	for i, c := range text {
		if _, size := utf8.DecodeRuneInString(text[i:]); c == utf8.RuneError && size == 1 {
			return i
		}
	}
	return len(text)
}

// document is a YAML document with the token that it begins with.
type document struct {
	body  ast.Node
	start *token.Token
}

// parseYAML calls the YAML parser, and takes its panics for syntax errors.
func parseYAML(text string) (docs []document, err error) {
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, errors.New("not YAML")
		}
	}()
	tokens := lexer.Tokenize(text)
	if t := tooDeep(tokens); t != nil {
		return nil, &yaml.SyntaxError{Message: fmt.Sprintf("nested more than %d deep", MaxDepth), Token: t}
	}
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	for _, d := range f.Docs {
		doc := document{body: d.Body, start: d.Start}
		if doc.start == nil && d.Body != nil {
			doc.start = d.Body.GetToken()
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// syntax takes an error of the YAML parser apart.
func syntax(err error) (Place, string) {
	var at yaml.Error
	if !errors.As(err, &at) {
		return Place{1, 1, 1}, err.Error()
	}
	p := Place{1, 1, 1}
	if tk := at.GetToken(); tk != nil && tk.Position != nil {
		p = Place{tk.Position.Line, tk.Position.Column, 1}
	}
	return p, at.GetMessage()
}

// explain says what YAML wanted, in the words of who writes it.
func explain(message string) (expected, hint string) {
	has := func(s string) bool { return strings.Contains(message, s) }
	switch {
	case has("mapping value is not allowed"):
		return "one `key: value` on a line", "put text that has \": \" in it between quotes, and check the indentation"
	case has("sequence end token"), has("',' or ']'"):
		return "a `]` that closes this list", ""
	case has("mapping end token"), has("',' or '}'"):
		return "a `}` that closes this mapping", ""
	case has("end character of"):
		return "a closing quote", ""
	case has("cannot start any token"):
		return "spaces: YAML does not allow tabs for indentation", ""
	case has("undefined directive"), has("directive"):
		return "", "put text that begins with % between quotes"
	case has("non-map value"), has("value is not allowed"):
		return "`key: value`", "check the colon, the space after it and the indentation"
	}
	return "", ""
}

// tooDeep looks for nesting that would take the parser a great deal of stack:
// brackets, and marks in a row.
func tooDeep(tokens token.Tokens) *token.Token {
	const limit = 8 * MaxDepth // marks in a row may also be empty entries
	depth, row := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth = max(0, depth-1)
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType, token.AnchorType, token.TagType:
			row++
		default:
			row = 0
		}
		if depth > MaxDepth || row > limit {
			return t
		}
	}
	return nil
}
