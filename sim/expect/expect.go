// Package expect is the language of expectations and predictions: conditions over
// the names of a ledger.View.
package expect

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"stickylab/sim/ledger"
)

// functions are what an expression may call.
var functions = []string{"abs", "min", "max", "round", "floor", "ceil"}

// configs hold the settings of every expression: the names of a ledger.View, a boolean
// result, and no function whose result depends on anything else. They are costly to make,
// and one compilation at a time may use one.
var configs = sync.Pool{New: func() any {
	c := conf.New(ledger.View{})
	options := []expr.Option{expr.AsBool(), expr.DisableAllBuiltins(), expr.MaxNodes(1000)}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	for _, option := range options {
		option(c)
	}
	return c
}}

// Names are the keys that a scenario gives the maps of a View. Nil lists are
// not known, and not checked.
type Names struct{ Nodes, Groups []string }

// Flaw is a problem in an expression, at a character from 0.
type Flaw struct {
	At, Width            int
	Text, Expected, Hint string
}

// ACondition is what may stand for an expression, in an error.
const ACondition = "a condition such as delivery.cross.ratio == 1"

// Compile compiles an expression over the names of a ledger.View. The check is nil
// if there are flaws.
func Compile(expression string, known Names) (*Check, []Flaw) {
	if utf8.RuneCountInString(expression) > 4000 {
		return nil, []Flaw{{Text: "the expression is longer than 4000 characters"}}
	}
	config := configs.Get().(*conf.Config)
	defer configs.Put(config)
	tree, err := parser.ParseWithConfig(expression, config)
	if err != nil {
		return nil, []Flaw{unparsed(expression, err)}
	}
	x := &examiner{names: known, source: expression}
	x.visit(tree.Node)
	if len(x.flaws) > 0 {
		return nil, x.flaws
	}
	program, err := program(tree, config)
	if err != nil {
		return nil, []Flaw{mistyped(err)}
	}
	if len(x.uses) == 0 {
		return nil, []Flaw{{Width: len([]rune(expression)), Text: "the expression looks at nothing", Expected: ACondition}}
	}
	return &Check{Source: expression, program: program, uses: x.uses}, nil
}

// program compiles a tree that has been examined. It fails with the first error of types.
func program(tree *parser.Tree, config *conf.Config) (*vm.Program, error) {
	if _, err := checker.Check(tree, config); err != nil {
		return nil, err
	}
	if err := optimizer.Optimize(&tree.Node, config); err != nil {
		return nil, err
	}
	return compiler.Compile(tree, config)
}

// unparsed words a syntax error of the expression language.
func unparsed(expression string, err error) Flaw {
	f := at(err)
	f.Expected = ACondition
	if i := loneEquals(expression); i >= 0 {
		f.At, f.Text, f.Hint = i, "= is not a comparison", "did you mean ==?"
		return f
	}
	if strings.Contains(f.Text, "EOF") {
		f.Text = "the expression ends too early"
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
func mistyped(err error) Flaw {
	f := at(err)
	if rest, ok := strings.CutPrefix(f.Text, "expected bool, but got "); ok {
		f.Text, f.Expected = fmt.Sprintf("the expression is %s, not a condition", typeName(rest)), ACondition
		return f
	}
	f.Text = strings.TrimPrefix(f.Text, "invalid operation: ")
	if m := mismatch.FindStringSubmatch(f.Text); m != nil {
		f.Text = fmt.Sprintf("%s between %s and %s", m[1], typeName(m[2]), typeName(m[3]))
	}
	f.Expected = "numbers compared with numbers; up and adapter are true or false"
	return f
}

var mismatch = regexp.MustCompile(`^(\S+) \(mismatched types (\S+) and (\S+)\)$`)

// typeName is what people call a type of Go.
func typeName(t string) string {
	switch t {
	case "int", "float64":
		return "a number"
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	}
	return "of type " + t
}

// at takes the place out of an error of the expression language.
func at(err error) Flaw {
	var e *file.Error
	if errors.As(err, &e) {
		return Flaw{At: e.From, Width: max(1, e.To-e.From), Text: strings.ToLower(e.Message[:min(1, len(e.Message))]) + e.Message[min(1, len(e.Message)):]}
	}
	return Flaw{Width: 1, Text: err.Error()}
}
