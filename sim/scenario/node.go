package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

type kind int

const (
	scalar kind = iota
	null
	mapping
	sequence
)

func (k kind) String() string {
	return [...]string{"a value", "nothing", "a mapping", "a list"}[k]
}

// node is a YAML value with its place. An alias is the node of its anchor, so
// nodes may be shared: who walks them counts his steps.
type node struct {
	kind  kind
	place place
	text  string // of a scalar
	style token.Type
	value any // of a scalar that is not text: int64, uint64, float64, bool
	pairs []pair
	items []*node
}

type pair struct {
	key    string
	place  place
	value  *node
	merged bool // by `<<`: loses against a key written out
}

// get returns the value of a key, nil without one.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

// inside returns the place in the file of the character at line and column
// (from 1) of the node's text: both are walked side by side, white space
// skipped, since folding and indentation change only that.
func (n *node) inside(s *source, line, column int) place {
	text := []rune(n.text)
	target := 0
	for l := 1; l < line && target < len(text); target++ {
		if text[target] == '\n' {
			l++
		}
	}
	for c := 1; c < column && target < len(text) && text[target] != '\n'; c++ {
		target++
	}
	r := &reader{source: s, line: n.place.line, column: n.place.column, double: n.style == token.DoubleQuoteType, single: n.style == token.SingleQuoteType}
	switch n.style {
	case token.LiteralType, token.FoldedType:
		r.line, r.column = r.line+1, 1
	case token.DoubleQuoteType, token.SingleQuoteType:
		r.column++
	}
	at, gap := place{r.line, r.column, 1}, 0
	for i, c := range text {
		if unicode.IsSpace(c) {
			if i == target {
				break
			}
			gap++
			continue
		}
		was, got := r.next()
		if got != c {
			return n.place
		}
		if i == target {
			return was
		}
		at, gap = place{r.line, r.column, 1}, 0
	}
	at.column += gap
	return s.clamp(at)
}

// reader reads the characters of a scalar from the file, without white space
// and with escapes decoded.
type reader struct {
	source         *source
	line, column   int
	single, double bool
	row            []rune
	rowOf          int
}

// next returns the next character and its place; 0 at the end of the file.
func (r *reader) next() (place, rune) {
	for r.line <= len(r.source.lines) {
		if r.rowOf != r.line {
			r.row, r.rowOf = []rune(r.source.line(r.line)), r.line
		}
		if r.column > len(r.row) {
			r.line, r.column = r.line+1, 1
			continue
		}
		at := place{r.line, r.column, 1}
		c := r.row[r.column-1]
		r.column++
		switch {
		case c == '\'' && r.single:
			r.column++ // the second of two
		case c == '\\' && r.double && r.column <= len(r.row):
			c = r.escape()
		}
		if !unicode.IsSpace(c) {
			return at, c
		}
	}
	return place{}, 0
}

// escape decodes what follows a backslash in double quotes (YAML 1.2, 5.7).
func (r *reader) escape() rune {
	c := r.row[r.column-1]
	r.column++
	if i := strings.IndexRune(`0abtnvfre`, c); i >= 0 {
		return rune("\x00\a\b\t\n\v\f\r\x1b"[i])
	}
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 {
		return c
	}
	var code rune
	end := min(r.column-1+digits, len(r.row))
	if _, err := fmt.Sscanf(string(r.row[r.column-1:end]), "%x", &code); err != nil {
		return unicode.ReplacementChar
	}
	r.column = end + 1
	return code
}

// converter turns the parser's tree into nodes.
type converter struct {
	*reporter
	anchors map[string]*node
	open    map[string]bool // anchors being converted
	merged  int
}

func (c *converter) place(tk *token.Token) place {
	if tk == nil || tk.Position == nil {
		return c.source.clamp(place{})
	}
	width := len([]rune(tk.Value))
	if tk.Type == token.DoubleQuoteType || tk.Type == token.SingleQuoteType {
		width = len([]rune(strings.TrimSpace(tk.Origin)))
	}
	return c.source.clamp(place{tk.Position.Line, tk.Position.Column, width})
}

func (c *converter) convert(n ast.Node, depth int) *node {
	if n == nil {
		return &node{kind: null, place: c.source.clamp(place{})}
	}
	out := &node{place: c.place(n.GetToken())}
	if depth > MaxDepth {
		c.at(out.place, fmt.Sprintf("nested more than %d deep", MaxDepth), "", "")
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.kind = mapping
		for _, v := range n.Values {
			c.pair(out, v, depth)
		}
		out.settle()
		if !n.IsFlowStyle && len(out.pairs) > 0 {
			out.place = out.pairs[0].place
		}
	case *ast.MappingValueNode:
		out.kind = mapping
		c.pair(out, n, depth)
		out.settle()
	case *ast.SequenceNode:
		out.kind = sequence
		for _, v := range n.Values {
			out.items = append(out.items, c.convert(v, depth+1))
		}
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		c.open[name] = true
		inner := c.convert(n.Value, depth+1)
		delete(c.open, name)
		c.anchors[name] = inner
		return inner
	case *ast.AliasNode:
		return c.alias(n, out)
	case *ast.TagNode:
		return c.convert(n.Value, depth+1)
	case *ast.LiteralNode:
		out.text, out.style = n.Value.Value, n.Start.Type
	case *ast.StringNode:
		out.text, out.style = n.Value, n.Token.Type
	case *ast.NullNode:
		out.kind = null
	case *ast.IntegerNode:
		out.text, out.value = n.Token.Value, n.Value
	case *ast.FloatNode:
		out.text, out.value = n.Token.Value, n.Value
	case *ast.BoolNode:
		out.text, out.value = n.Token.Value, n.Value
	default:
		out.text = n.GetToken().Value
	}
	return out
}

func (c *converter) alias(n *ast.AliasNode, out *node) *node {
	name := n.Value.GetToken().Value
	if c.open[name] {
		c.at(out.place, fmt.Sprintf("alias %q stands inside of its own anchor", name), "", "")
		return out
	}
	target, ok := c.anchors[name]
	if !ok {
		known := slices.Sorted(maps.Keys(c.anchors))
		c.at(out.place, fmt.Sprintf("no anchor %q before this alias", name), "", didYouMean(name, known))
		return out
	}
	return target
}

// pair adds a key with its value, or what a merge key brings in.
func (c *converter) pair(out *node, v *ast.MappingValueNode, depth int) {
	key := ast.Node(v.Key)
	if k, ok := key.(*ast.MappingKeyNode); ok {
		key = k.Value
	}
	value := c.convert(v.Value, depth+1)
	if _, ok := key.(*ast.MergeKeyNode); ok {
		c.merge(out, value)
		return
	}
	switch key.(type) {
	case ast.ScalarNode:
		k := c.convert(key, depth+1)
		out.pairs = append(out.pairs, pair{key: k.text, place: k.place, value: value})
	default:
		c.at(c.place(v.Key.GetToken()), "a key must be a plain word", "", "")
	}
}

// merge adds the pairs of a `<<` value; keys written out win.
func (c *converter) merge(out *node, value *node) {
	from := []*node{value}
	if value.kind == sequence {
		from = value.items
	}
	for _, m := range from {
		if m.kind != mapping {
			c.at(m.place, "<< takes a mapping, or a list of mappings", "an alias such as *base", "")
			continue
		}
		if c.merged += len(m.pairs); c.merged > maxSteps {
			c.at(m.place, "aliases multiply this file beyond measure", "", "")
			return
		}
		for _, p := range m.pairs {
			p.merged = true
			out.pairs = append(out.pairs, p)
		}
	}
}

// settle drops the merged pairs that lose: against a key written out, or
// against an earlier merge.
func (n *node) settle() {
	written, merged := map[string]bool{}, map[string]bool{}
	for _, p := range n.pairs {
		written[p.key] = written[p.key] || !p.merged
	}
	n.pairs = slices.DeleteFunc(n.pairs, func(p pair) bool {
		if !p.merged {
			return false
		}
		lost := written[p.key] || merged[p.key]
		merged[p.key] = true
		return lost
	})
}

// maxSteps bounds how many nodes a file may stand for, aliases followed.
const maxSteps = 200_000
