package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"stickylab/scenarios"
)

// form is what a text is.
type form int

// The forms.
const (
	noForm form = iota
	scenarioForm
	nginxForm
)

// formOf tells the form of a text by how it begins and, where that says nothing, by the ending
// of its file's name.
func formOf(name, text string) form {
	switch {
	case beginsAsYAML(text):
		return scenarioForm
	case beginsAsNginx(text):
		return nginxForm
	case strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".yml"):
		return scenarioForm
	case strings.HasSuffix(name, ".conf"):
		return nginxForm
	}
	return noForm
}

// keyLine matches a line that begins a mapping of YAML, or its document.
var keyLine = regexp.MustCompile(`^(---|[A-Za-z_]\w*:(\s|$)|\{\s*"?\w+"?:)`)

// beginsAsYAML reports whether the first line that is no comment is one of YAML.
func beginsAsYAML(text string) bool {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != '%' && !strings.HasPrefix(line, "nginx: ") { // which nginx -T says
			return keyLine.MatchString(line)
		}
	}
	return false
}

// beginsAsNginx reports whether the first directive of a text is one that nginx knows.
func beginsAsNginx(text string) bool {
	tree := syntax.Scan(strings.TrimPrefix(text, "\ufeff"))
	return len(tree.Directives) > 0 && nginx.IsDirective(tree.Directives[0].Name)
}

// isNginx reports whether a word of the command line names a file with text of nginx.
func isNginx(arg string) bool {
	if slices.Contains(scenarios.Names(), arg) {
		return false
	}
	info, err := os.Stat(arg)
	if err != nil || info.IsDir() {
		return false
	}
	if !info.Mode().IsRegular() { // it can be read only once
		return strings.HasSuffix(arg, ".conf")
	}
	text, err := readFile(arg)
	return err == nil && formOf(arg, string(text)) == nginxForm
}
