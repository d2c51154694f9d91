package nginx

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// placeholders of templates that are filled in before nginx reads them: by envsubst
// (of the image of nginx too), by engines with {{ }} or <%= %>, or by a reader of
// instructions, who is to put something for <name>.
var placeholders = regexp.MustCompile(`\$\{?[A-Z][A-Z0-9_]*\b\}?|\{\{.*?\}\}|<%=.*?%>|<[A-Za-z][\w .-]*>|@@?[A-Z][A-Z0-9_]*@@?|%[A-Z][A-Z0-9_]+%`)

// maxPlaceholders is how many of one argument are looked at.
const maxPlaceholders = 20

// Placeholders returns where a text has placeholders of templates, as pairs of offsets.
func Placeholders(text string) [][]int { return placeholders.FindAllStringIndex(text, maxPlaceholders) }

// fill puts a stand-in into the place of each placeholder of a directive's
// arguments. A directive that none is possible for is left out.
func (r *reader) fill(d *syntax.Directive) {
	for i, arg := range d.Args {
		if strings.Contains(arg.Text, "(?") || d.Name == "log_format" || !placeholders.MatchString(arg.Text) {
			continue
		}
		first, text, done := "", "", 0
		for _, at := range placeholders.FindAllStringIndex(arg.Text, maxPlaceholders) {
			written := arg.Text[at[0]:at[1]]
			if strings.HasPrefix(written, "$") && r.variables[strings.Trim(written, "${}")] {
				continue
			}
			first = cmp.Or(first, written)
			text += arg.Text[done:at[0]]
			with, ok := standIn(d.Name, text, written, arg.Text[at[1]:])
			if !ok {
				d.Broken = true
				r.Note(Placeholder, first, arg.Pos, "fill the template in", "%s is a placeholder of a template: %q is left out", first, d.Name)
				return
			}
			text += with
			done = at[1]
		}
		if first == "" {
			continue
		}
		text += arg.Text[done:]
		d.Args = slices.Clone(d.Args)
		d.Args[i].Text = text
		r.Note(Placeholder, first, arg.Pos, "fill the template in", "%s is a placeholder of a template: %q is read as %q", first, arg.Text, text)
	}
}

// standIn returns what is taken for a placeholder: a port or an address where one is
// needed, else a name made of it. ok is false where nothing can be.
func standIn(directive, before, written, after string) (text string, ok bool) {
	name := strings.Trim(notOfName.ReplaceAllString(strings.ToLower(written), "-"), "-.")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "x" + name
	}
	switch directive {
	case "listen":
		if strings.HasSuffix(before, ":") || before == "" && !strings.HasPrefix(after, ":") {
			return "80", true
		}
		return "0.0.0.0", true
	case "proxy_pass":
		if before == "" && !strings.Contains(after, "://") {
			return "http://" + name, true
		}
		if strings.HasPrefix(after, "://") {
			return "http", true
		}
	case "server", "server_name", "upstream", "proxy_set_header", "set", "map", "geo", "hash", "proxy_redirect", "return", "rewrite", "location", "add_header", "root", "alias", "include":
	case "set_real_ip_from", "allow", "deny":
		return "192.0.2.1", true
	default:
		return "", false
	}
	if directive == "server" && strings.HasSuffix(before, "=") { // of a parameter
		switch {
		case strings.HasPrefix(before, "max_conns"):
			return "0", true
		case strings.HasPrefix(before, "fail_timeout"):
			return "10", true
		}
		return "1", true
	}
	if directive != "server_name" && strings.HasSuffix(before, ":") && !strings.HasSuffix(before, "/:") {
		return "8080", true
	}
	return name, true
}

var notOfName = regexp.MustCompile(`[^a-z0-9.-]+`)
