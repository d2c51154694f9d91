package sim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is simulated waits by host.Env.AfterFunc alone: timers of the runtime race
// when they are due at one instant.
func TestWhatIsSimulatedSetsNoTimerOfTheRuntime(t *testing.T) {
	own := []string{ // make virtual time, or run by the wall clock
		"../cluster/host", "../cluster/memnet", "../cluster/internal", "../cluster/proxy/realnginx", "backend.go", "service.go", "serve.go",
	}
	forbidden := map[string][]string{
		"time":    {"AfterFunc", "NewTimer", "NewTicker", "After", "Tick", "Sleep"},
		"context": {"WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause"},
	}
	files := 0
	check := func(path string) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files++
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if p, ok := s.X.(*ast.Ident); ok && slices.Contains(forbidden[p.Name], s.Sel.Name) {
					t.Errorf("%s: %s.%s", path, p.Name, s.Sel.Name)
				}
			}
			return true
		})
	}
	for _, root := range []string{"../cluster", "client", "."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case slices.Contains(own, path) && d.IsDir(), root == "." && d.IsDir() && path != ".":
				return fs.SkipDir
			case !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !slices.Contains(own, path):
				check(path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Errorf("only %d files", files)
	}
}
