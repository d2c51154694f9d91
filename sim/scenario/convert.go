package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"stickylab/cluster/spell"
)

// converter turns the parser's tree into nodes.
type converter struct {
	*reporter
	anchors map[string]*node
	open    map[string]bool // anchors being converted
	merged  int
	deep    bool
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
		if out.broken = true; !c.deep {
			c.deep = true
			c.at(out.place, fmt.Sprintf("nested more than %d deep", MaxDepth), "", "")
		}
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
	out.broken = true
	if c.open[name] {
		c.at(out.place, fmt.Sprintf("alias %q stands inside of its own anchor", name), "", "")
		return out
	}
	target, ok := c.anchors[name]
	if !ok {
		known := slices.Sorted(maps.Keys(c.anchors))
		c.at(out.place, fmt.Sprintf("no anchor %q before this alias", name), "", spell.DidYouMean(name, known))
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
const maxSteps = 50_000
