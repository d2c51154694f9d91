package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stickylab/cluster/nginx/syntax"
)

// A file is read with what it includes in its own directory, and with nothing that
// lies elsewhere.
func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"nginx/nginx.conf":       "http { include sites/*.conf; include /etc/nginx/own.conf; include ../secret.conf; include sites/link.inc; include none.conf; }",
		"nginx/sites/a.conf":     "server { include sites/part; }",
		"nginx/sites/b.conf":     "server { listen 81; include nginx.conf; }",
		"nginx/sites/part":       "listen 82;",
		"nginx/own.conf":         "map $a $b { }",
		"secret.conf":            "server { listen 99; }",
		"nginx/sites/binary.inc": "\x00",
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "secret.conf"), filepath.Join(dir, "nginx/sites/link.inc")); err != nil {
		t.Fatal(err)
	}
	main := files["nginx/nginx.conf"]
	text := withIncludes(filepath.Join(dir, "nginx/nginx.conf"), main)
	tree := syntax.Scan(text)
	var listens []string
	syntax.Each(tree.Directives, func(d *syntax.Directive) {
		if d.Name == "listen" {
			file, line := tree.Place(d.Pos.Line)
			listens = append(listens, d.Arg(0)+" "+filepath.Base(file))
			if line != 1 {
				t.Errorf("listen %s is in line %d of %s", d.Arg(0), line, file)
			}
		}
	})
	if got := strings.Join(listens, ", "); got != "82 part, 81 b.conf" {
		t.Errorf("found %q in\n%s", got, text)
	}
	if !strings.HasPrefix(text, main) || strings.Contains(text, "listen 99") || len(tree.Directives[0].Find("map")) != 1 {
		t.Errorf("read %s", text)
	}
}
