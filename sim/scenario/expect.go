package scenario

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"stickylab/sim/ledger"
)

// functions are what an expression may call.
var functions = []string{"abs", "min", "max", "round", "floor", "ceil"}

// options are those of every expression: the names of a ledger.View, a boolean
// result, and no function whose result depends on anything else.
func options() []expr.Option {
	opts := []expr.Option{expr.Env(ledger.View{}), expr.AsBool(), expr.DisableAllBuiltins(), expr.MaxNodes(1000)}
	for _, name := range functions {
		opts = append(opts, expr.EnableBuiltin(name))
	}
	return opts
}

// names are the keys that a scenario gives the maps of a View. Nil lists are
// not known, and not checked.
type names struct{ nodes, groups []string }

// flaw is a problem in an expression, at a character from 0.
type flaw struct {
	at, width            int
	text, expected, hint string
}

func (f flaw) Error() string {
	s := fmt.Sprintf("column %d: %s", f.at+1, f.text)
	if f.hint != "" {
		s += " (" + f.hint + ")"
	}
	return s
}

// Compile checks an expectation's expression against the names of ledger.View.
// The keys of nodes and groups are not checked here, since only a file has
// them. The error names every unknown name, with its column.
func Compile(expression string) (*Check, error) {
	c, flaws := compile(expression, names{})
	if len(flaws) == 0 {
		return c, nil
	}
	errs := make([]error, len(flaws))
	for i, f := range flaws {
		errs[i] = f
	}
	return nil, fmt.Errorf("expression %q: %w", expression, errors.Join(errs...))
}

const aCondition = "a condition such as delivery.cross.ratio == 1"

func compile(expression string, known names) (*Check, []flaw) {
	if utf8.RuneCountInString(expression) > 4000 {
		return nil, []flaw{{text: "the expression is longer than 4000 characters"}}
	}
	config := conf.New(ledger.View{})
	for _, option := range options() {
		option(config)
	}
	tree, err := parser.ParseWithConfig(expression, config)
	if err != nil {
		return nil, []flaw{unparsed(expression, err)}
	}
	x := &examiner{names: known, source: expression}
	x.visit(tree.Node)
	if len(x.flaws) > 0 {
		return nil, x.flaws
	}
	program, err := expr.Compile(expression, options()...)
	if err != nil {
		return nil, []flaw{mistyped(err)}
	}
	if len(x.uses) == 0 {
		return nil, []flaw{{width: len([]rune(expression)), text: "the expression looks at nothing", expected: aCondition}}
	}
	return &Check{Source: expression, program: program, uses: x.uses}, nil
}

// unparsed words a syntax error of the expression language.
func unparsed(expression string, err error) flaw {
	f := at(err)
	f.expected = aCondition
	if i := loneEquals(expression); i >= 0 {
		f.at, f.text, f.hint = i, "= is not a comparison", "did you mean ==?"
		return f
	}
	if strings.Contains(f.text, "EOF") {
		f.text = "the expression ends too early"
	}
	return f
}

// loneEquals returns the character of a single = outside of quotes, or -1.
func loneEquals(expression string) int {
	r, quote := []rune(expression), rune(0)
	for i, c := range r {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '=' && (i == 0 || !strings.ContainsRune("=!<>", r[i-1])) && (i+1 == len(r) || r[i+1] != '='):
			return i
		}
	}
	return -1
}

// mistyped words a type error of the expression language.
func mistyped(err error) flaw {
	f := at(err)
	if rest, ok := strings.CutPrefix(f.text, "expected bool, but got "); ok {
		what := map[string]string{"int": "a number", "float64": "a number", "string": "a text"}[rest]
		if what == "" {
			what = "of type " + rest
		}
		f.text, f.expected = fmt.Sprintf("the expression is %s, not a condition", what), aCondition
		return f
	}
	f.text = strings.TrimPrefix(f.text, "invalid operation: ")
	f.expected = "numbers compared with numbers; up and adapter are true or false"
	return f
}

// at takes the place out of an error of the expression language.
func at(err error) flaw {
	var e *file.Error
	if errors.As(err, &e) {
		return flaw{at: e.From, width: max(1, e.To-e.From), text: strings.ToLower(e.Message[:min(1, len(e.Message))]) + e.Message[min(1, len(e.Message)):]}
	}
	return flaw{width: 1, text: err.Error()}
}

// examiner walks an expression for the names in it. It lets through only what
// it understands, so that no use of a name escapes it.
type examiner struct {
	names  names
	source string
	flaws  []flaw
	uses   []use
}

func (x *examiner) fail(n ast.Node, text, expected, hint string) {
	from := n.Location().From
	to := max(n.Location().To, from+1)
	x.flaws = append(x.flaws, flaw{from, to - from, text, expected, hint})
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
			x.fail(n, fmt.Sprintf("no function %q", n.Name), oneOf(functions), didYouMean(n.Name, functions))
		}
		for _, argument := range n.Arguments {
			x.visit(argument)
		}
	case *ast.CallNode:
		name, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			x.fail(n, "a call that an expectation can not make", oneOf(functions), "")
			return
		}
		x.fail(name, fmt.Sprintf("no function %q", name.Value), oneOf(functions), didYouMean(name.Value, functions))
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		x.name(n)
	default:
		x.fail(n, "an expectation can not use this", "names, numbers, comparisons, and, or, not", "")
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
	x.fail(n, "an expectation can not look into this", "one of "+strings.Join(members(reflect.TypeFor[ledger.View]()), ", "), "")
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
		x.fail(at, fmt.Sprintf("unknown name %q%s", key, u.within()), oneOf(members(t)), didYouMean(key, members(t)))
	case reflect.Map:
		known, what := x.known(*u)
		if known != nil && !slices.Contains(known, key) {
			x.fail(at, fmt.Sprintf("no %s %q", what, key), oneOf(known), didYouMean(key, known))
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
		return ledger.Texts, "error text"
	case "nodes":
		return x.names.nodes, "node"
	case "groups":
		return x.names.groups, "group"
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
		if name := t.Field(i).Tag.Get("expr"); name != "" {
			out = append(out, name)
		}
	}
	return out
}
