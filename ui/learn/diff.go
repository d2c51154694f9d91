package learn

import (
	"bytes"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Difference is what one variant of a scenario has that another does not, in
// lines that begin with "+", "-" or " ".
type Difference struct {
	Nginx []string // of the proxy's configuration; none: it is the same
	Keys  []string // of the rest of the file
}

// Diff returns what is different in b, titles and expectations aside.
func Diff(a, b *plan.Plan) (Difference, error) {
	var d Difference
	d.Nginx = changes(syntax.Scan(a.Nginx).Layout(), syntax.Scan(b.Nginx).Layout(), true)
	one, err := keysOf(a.File)
	if err != nil {
		return d, err
	}
	other, err := keysOf(b.File)
	if err != nil {
		return d, err
	}
	d.Keys = changes(one, other, false)
	return d, nil
}

// keysOf writes the file without the proxy, whose configuration is compared as
// nginx reads it, and without what only explains it.
func keysOf(f *scenario.File) (string, error) {
	rest := *f
	rest.Title, rest.Summary = "the same", ""
	rest.Expect, rest.Variants, rest.Lesson = nil, nil, nil
	text, err := plan.Marshal(&rest)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("adapter: " + f.Adapter + "\n") // also when it is the default
	proxy := false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "adapter: ") {
			continue
		}
		proxy = line == "proxy:\n" || proxy && (line[0] == ' ' || line[0] == '\n')
		if !proxy {
			b.WriteString(line)
		}
	}
	return b.String(), nil
}

// changes are the lines of a unified diff without its head, and if not wanted
// without the lines around the changes.
func changes(a, b string, around bool) []string {
	end := func(s string) []byte { return []byte(strings.TrimRight(s, "\n") + "\n") }
	text := diff.Diff("", end(a), "", end(b))
	var out []string
	for i, line := range bytes.Split(bytes.TrimRight(text, "\n"), []byte("\n")) {
		switch s := printable(strings.ReplaceAll(string(line), "\t", "    ")); {
		case i < 3:
		case strings.HasPrefix(s, "@@"):
			if len(out) > 0 && around {
				out = append(out, "  ...")
			}
		case s != "" && (around || s[0] != ' '):
			out = append(out, s)
		}
	}
	return out
}
