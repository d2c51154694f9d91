package learn

import (
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Difference is what one variant of a scenario has that another does not, in
// lines that begin with "+", "-" or " ".
type Difference struct {
	Nginx []string // of the proxy's configuration, none when it is the same
	Later bool     // the configurations are the same at first: these are those after all steps
	Keys  []string // of the rest of the file
}

// Diff returns what is different in b, titles and expectations aside. It fails
// when a file cannot be written as YAML.
func Diff(a, b *plan.Plan) (Difference, error) {
	var d Difference
	d.Nginx = changes(a.Config.Tree.Layout(), b.Config.Tree.Layout(), true)
	if d.Nginx == nil {
		d.Nginx = changes(a.End().Config.Tree.Layout(), b.End().Config.Tree.Layout(), true)
		d.Later = d.Nginx != nil
	}
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

// Head is the heading of what is different in the proxy's configuration.
func (d Difference) Head() string {
	if d.Later {
		return "nginx.conf, after the steps"
	}
	return "nginx.conf"
}

// keysOf returns the file as YAML without the proxy, whose configuration is compared as
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

// changes returns the lines of a unified diff without its heads, and unless
// around is set without the lines around the changes.
func changes(a, b string, around bool) []string {
	end := func(s string) string { return strings.TrimRight(s, "\n") + "\n" }
	var out []string
	for i, line := range strings.Split(format.Diff("", end(a), "", end(b)), "\n") {
		switch s := format.Printable(strings.ReplaceAll(line, "\t", "    ")); {
		case i < 2 || s == "":
		case strings.HasPrefix(s, "@@"):
			if len(out) > 0 && around {
				out = append(out, "  ...")
			}
		case around || s[0] != ' ':
			out = append(out, s)
		}
	}
	return out
}
