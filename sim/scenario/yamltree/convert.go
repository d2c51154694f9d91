package yamltree

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
	*Reporter
	anchors map[string]*Node
	open    map[string]bool // anchors being converted
	merged  int
	deep    bool
}

func (c *converter) place(tk *token.Token) Place {
	if tk == nil || tk.Position == nil {
		return c.Source.clamp(Place{})
	}
	width := len([]rune(tk.Value))
	if tk.Type == token.DoubleQuoteType || tk.Type == token.SingleQuoteType {
		width = len([]rune(strings.TrimSpace(tk.Origin)))
	}
	return c.Source.clamp(Place{tk.Position.Line, tk.Position.Column, width})
}

func (c *converter) convert(n ast.Node, depth int) *Node {
	if n == nil {
		return &Node{Kind: Null, Place: c.Source.clamp(Place{})}
	}
	out := &Node{Place: c.place(n.GetToken())}
	if depth > MaxDepth {
		if out.Broken = true; !c.deep {
			c.deep = true
			c.At(out.Place, fmt.Sprintf("nested more than %d deep", MaxDepth), "", "")
		}
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.Kind = Mapping
		for _, v := range n.Values {
			c.pair(out, v, depth)
		}
		out.settle()
		if !n.IsFlowStyle && len(out.Pairs) > 0 {
			out.Place = out.Pairs[0].Place
		}
	case *ast.MappingValueNode:
		out.Kind = Mapping
		c.pair(out, n, depth)
		out.settle()
	case *ast.SequenceNode:
		out.Kind = Sequence
		for _, v := range n.Values {
			out.Items = append(out.Items, c.convert(v, depth+1))
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
		out.Text, out.style = n.Value.Value, n.Start.Type
	case *ast.StringNode:
		out.Text, out.style = n.Value, n.Token.Type
	case *ast.NullNode:
		out.Kind = Null
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		out.Text, out.Value = n.GetToken().Value, n.(ast.ScalarNode).GetValue()
	default:
		out.Text = n.GetToken().Value
	}
	return out
}

func (c *converter) alias(n *ast.AliasNode, out *Node) *Node {
	name := n.Value.GetToken().Value
	out.Broken = true
	if c.open[name] {
		c.At(out.Place, fmt.Sprintf("alias %q is inside its own anchor", name), "", "")
		return out
	}
	target, ok := c.anchors[name]
	if !ok {
		known := slices.Sorted(maps.Keys(c.anchors))
		c.At(out.Place, fmt.Sprintf("no anchor %q before this alias", name), "", spell.DidYouMean(name, known))
		return out
	}
	return target
}

// pair adds a key with its value, or what a merge key brings in.
func (c *converter) pair(out *Node, v *ast.MappingValueNode, depth int) {
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
		out.Pairs = append(out.Pairs, Pair{Key: k.Text, Place: k.Place, Value: value})
	default:
		c.At(c.place(v.Key.GetToken()), "a key must be a plain word", "", "")
	}
}

// merge adds the pairs of a `<<` value; keys written out win.
func (c *converter) merge(out *Node, value *Node) {
	from := []*Node{value}
	if value.Kind == Sequence {
		from = value.Items
	}
	for _, m := range from {
		if m.Kind != Mapping {
			c.At(m.Place, "<< takes a mapping, or a list of mappings", "an alias such as *base", "")
			continue
		}
		if c.merged += len(m.Pairs); c.merged > MaxSteps {
			c.At(m.Place, "aliases multiply this file beyond measure", "", "")
			return
		}
		for _, p := range m.Pairs {
			p.Merged = true
			out.Pairs = append(out.Pairs, p)
		}
	}
}

// settle drops the merged pairs that lose: against a key written out, or
// against an earlier merge.
func (n *Node) settle() {
	written, merged := map[string]bool{}, map[string]bool{}
	for _, p := range n.Pairs {
		written[p.Key] = written[p.Key] || !p.Merged
	}
	n.Pairs = slices.DeleteFunc(n.Pairs, func(p Pair) bool {
		if !p.Merged {
			return false
		}
		lost := written[p.Key] || merged[p.Key]
		merged[p.Key] = true
		return lost
	})
}

// MaxSteps bounds how many nodes a file may stand for, aliases followed.
const MaxSteps = 50_000

func (n *Node) Find(key string) *Pair {
	i := slices.IndexFunc(n.Pairs, func(p Pair) bool { return p.Key == key })
	if i < 0 {
		return nil
	}
	return &n.Pairs[i]
}

// Without is a mapping without some keys.
func (n *Node) Without(keys ...string) *Node {
	out := *n
	out.Pairs = slices.DeleteFunc(slices.Clone(n.Pairs), func(p Pair) bool { return slices.Contains(keys, p.Key) })
	return &out
}
