package edit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// FuzzSetMethod promises that the method of any upstream of a good text can be
// set to any other.
func FuzzSetMethod(f *testing.F) {
	files, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("no texts: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		text, _, _ := strings.Cut(string(data), "\n----\n")
		f.Add(text, "hash $remote_addr consistent")
		f.Add(text, "round_robin")
	}
	f.Fuzz(func(t *testing.T, text, method string) {
		tree := syntax.Scan(text)
		c, problems := nginx.ParseTree(tree, nginx.DefaultVersion)
		m, err := nginx.ParseMethod(method)
		if err != nil || len(problems) > 0 {
			return
		}
		for _, u := range c.Upstreams {
			if u.Implicit {
				continue
			}
			edited, err := SetMethod(tree, u.Name, m)
			if err != nil {
				t.Fatalf("upstream %q: %v", u.Name, err)
			}
			again, problems := nginx.ParseTree(edited, nginx.DefaultVersion)
			for _, p := range problems {
				if p.Code != nginx.UnknownVariable {
					t.Fatalf("after %s: %v\n%s", m, p, edited.Text())
				}
			}
			if got := again.Upstream(u.Name).Method; got.String() != m.String() {
				t.Fatalf("the method is %s, not %s:\n%s", got, m, edited.Text())
			}
		}
	})
}
