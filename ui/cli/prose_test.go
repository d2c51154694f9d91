package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sources returns the repository's files that people read or wrote, by path from its top,
// with their texts.
func sources(t *testing.T, endings ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == ".git" || name == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(endings, filepath.Ext(path)) {
			return nil
		}
		text, err := os.ReadFile(path)
		out[filepath.ToSlash(strings.TrimPrefix(path, "../../"))] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// displayed are fields that hold sentences for people. What a program must know has a field,
// a type or a code.
var displayed = map[string]bool{"Hint": true, "Because": true, "Actual": true, "Summary": true, "Sentence": true}

// isProse reports whether an expression is a text for people: an error's, or a field of
// displayed.
func isProse(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		s, ok := e.Fun.(*ast.SelectorExpr)
		return ok && s.Sel.Name == "Error" && len(e.Args) == 0
	case *ast.SelectorExpr:
		return displayed[e.Sel.Name]
	case *ast.ParenExpr:
		return isProse(e.X)
	}
	return false
}

// takesApart reports whether a call looks into a text.
func takesApart(c *ast.CallExpr) bool {
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if pkg, ok := s.X.(*ast.Ident); ok && (pkg.Name == "strings" || pkg.Name == "bytes") {
		for _, name := range []string{"Contains", "Count", "Cut", "EqualFold", "Fields", "Has", "Index", "LastIndex", "Split"} {
			if strings.HasPrefix(s.Sel.Name, name) {
				return true
			}
		}
	}
	return strings.HasPrefix(s.Sel.Name, "Match") || strings.HasPrefix(s.Sel.Name, "Find")
}

// No stage reads the sentences of another one: the texts of errors and of results are shown,
// never matched.
func TestNoProseAsProtocol(t *testing.T) {
	files := token.NewFileSet()
	for path, text := range sources(t, ".go") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		report := func(n ast.Node) {
			t.Errorf("%s decides by the text of an error or a result", files.Position(n.Pos()))
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				for _, a := range n.Args {
					if isProse(a) && takesApart(n) && !splitsLines(n) {
						report(n)
					}
				}
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && (isProse(n.X) && !isEmpty(n.Y) || isProse(n.Y) && !isEmpty(n.X)) {
					report(n)
				}
			case *ast.SwitchStmt:
				if n.Tag != nil && isProse(n.Tag) {
					report(n)
				}
			}
			return true
		})
	}
}

// splitsLines reports whether a call only cuts a text into its lines.
func splitsLines(c *ast.CallExpr) bool {
	l, ok := c.Args[len(c.Args)-1].(*ast.BasicLit)
	return ok && l.Value == `"\n"`
}

// isEmpty reports whether an expression is the empty string, which says only that there is
// no text.
func isEmpty(e ast.Expr) bool {
	l, ok := e.(*ast.BasicLit)
	return ok && (l.Value == `""` || l.Value == "``")
}
