package expect

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"stickylab/cluster/spell"
	"stickylab/sim/ledger"
	"stickylab/sim/scenario/yamltree"
)

// examiner walks an expression for the names in it. It lets through only what
// it understands, so that no use of a name escapes it.
type examiner struct {
	names  Names
	source string
	flaws  []Flaw
	uses   []use
}

func (x *examiner) fail(n ast.Node, text, expected, hint string) {
	from := n.Location().From
	to := max(n.Location().To, from+1)
	x.flaws = append(x.flaws, Flaw{from, to - from, text, expected, hint})
}

func (x *examiner) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode:
	case *ast.UnaryNode:
		x.visit(n.Node)
	case *ast.BinaryNode:
		x.visit(n.Left)
		x.visit(n.Right)
		x.ratio(n.Left, n.Right)
		x.ratio(n.Right, n.Left)
	case *ast.ConditionalNode:
		x.visit(n.Cond)
		x.visit(n.Exp1)
		x.visit(n.Exp2)
	case *ast.ArrayNode:
		for _, item := range n.Nodes {
			x.visit(item)
		}
	case *ast.BuiltinNode:
		if !slices.Contains(functions, n.Name) {
			x.fail(n, fmt.Sprintf("no function %q", n.Name), yamltree.OneOf(functions), spell.DidYouMean(n.Name, functions))
		}
		for _, argument := range n.Arguments {
			x.visit(argument)
		}
	case *ast.CallNode:
		name, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			x.fail(n, "a call that an expectation cannot make", yamltree.OneOf(functions), "")
			return
		}
		x.fail(name, fmt.Sprintf("no function %q", name.Value), yamltree.OneOf(functions), spell.DidYouMean(name.Value, functions))
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		x.name(n)
	default:
		x.fail(n, "an expectation cannot use this", "names, numbers, comparisons, and, or, not", "")
	}
}

// ratio catches percentages: a ratio is never above 1.
func (x *examiner) ratio(a, b ast.Node) {
	m, ok := a.(*ast.MemberNode)
	if !ok {
		return
	}
	p, ok := m.Property.(*ast.StringNode)
	if !ok || p.Value != "ratio" {
		return
	}
	value := 0.0
	switch b := b.(type) {
	case *ast.IntegerNode:
		value = float64(b.Value)
	case *ast.FloatNode:
		value = b.Value
	}
	if value > 1 {
		x.fail(b, fmt.Sprintf("a ratio is never %s", strconv.FormatFloat(value, 'f', -1, 64)), "a number from 0 to 1", "")
	}
}

// name resolves a whole name such as nodes['im-3030'].up and keeps its use.
func (x *examiner) name(n ast.Node) {
	u := use{}
	t := x.resolve(n, &u)
	if t == nil {
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		x.fail(n, fmt.Sprintf("%s is not a value", u), "one of its parts: "+strings.Join(members(t), ", "), "")
	case reflect.Map:
		x.fail(n, fmt.Sprintf("%s is not a value", u), fmt.Sprintf("a name in brackets, such as %s['%s']", u, x.example(u)), "")
	default:
		if !slices.ContainsFunc(x.uses, func(v use) bool { return v.String() == u.String() }) {
			x.uses = append(x.uses, u)
		}
	}
}

// resolve returns the type that a name stands for, nil after reporting that it
// stands for nothing.
func (x *examiner) resolve(n ast.Node, u *use) reflect.Type {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return x.part(reflect.TypeFor[ledger.View](), n, n.Value, u)
	case *ast.MemberNode:
		t := x.resolve(n.Node, u)
		if t == nil {
			return nil
		}
		key, ok := n.Property.(*ast.StringNode)
		if !ok || n.Optional {
			x.fail(n.Property, "a name that is not written out", "a name in quotes", "")
			return nil
		}
		return x.part(t, n.Property, key.Value, u)
	}
	x.fail(n, "an expectation cannot look into this", "one of "+strings.Join(members(reflect.TypeFor[ledger.View]()), ", "), "")
	return nil
}

// part returns the type of a part of t.
func (x *examiner) part(t reflect.Type, at ast.Node, key string, u *use) reflect.Type {
	switch t.Kind() {
	case reflect.Struct:
		if f, ok := member(t, key); ok {
			u.path, u.keys = append(u.path, key), append(u.keys, false)
			return f.Type
		}
		x.fail(at, fmt.Sprintf("unknown name %q%s", key, u.within()), yamltree.OneOf(members(t)), spell.DidYouMean(key, members(t)))
	case reflect.Map:
		known, what := x.known(*u)
		if known != nil && !slices.Contains(known, key) {
			x.fail(at, fmt.Sprintf("no %s %q", what, key), yamltree.OneOf(known), spell.DidYouMean(key, known))
			return nil
		}
		u.path, u.keys = append(u.path, key), append(u.keys, true)
		return t.Elem()
	default:
		x.fail(at, fmt.Sprintf("%s has no parts", u), "", "")
	}
	return nil
}

// known returns the keys of a map of the View, nil when any will do.
func (x *examiner) known(u use) (keys []string, what string) {
	switch u.path[len(u.path)-1] {
	case "errors":
		return ledger.ErrorTexts, "error text"
	case "nodes", "counts":
		return x.names.Nodes, "node"
	case "groups":
		return x.names.Groups, "group"
	}
	return nil, "key"
}

func (x *examiner) example(u use) string {
	if known, _ := x.known(u); len(known) > 0 {
		return known[0]
	}
	return "name"
}

// member finds a field by its name in the expression language.
func member(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("expr") == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func members(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("expr"); name != "" && name != "-" {
			out = append(out, name)
		}
	}
	return out
}
