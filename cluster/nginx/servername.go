package nginx

import (
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// serverNames reads a server_name directive.
func (r *reader) serverNames(s *Server, d *syntax.Directive) {
	for _, arg := range d.Args {
		name := arg.Text
		if strings.HasPrefix(name, "~") {
			if p := r.pattern(arg.Pos, true, name[1:]); p != nil {
				s.patterns = append(s.patterns, p)
			}
			s.Names = append(s.Names, name)
			continue
		}
		name = strings.ToLower(name)
		switch {
		case !validName(name):
			r.Fail(BadValue, arg.Pos, "a * stands for whole labels at one end: *.example.com or www.example.*", "invalid server name or wildcard %q", arg.Text)
		case strings.Contains(name, "/"):
			r.Note(SuspiciousName, name, arg.Pos, "a name has no scheme and no path", "server name %q has suspicious symbols", arg.Text)
		}
		if name == "$hostname" {
			name = "localhost"
		}
		s.Names = append(s.Names, name)
	}
}

// validName reports whether the wildcards of a name are at one of its ends
// (ngx_hash_add_key).
func validName(name string) bool {
	if strings.Contains(name, "..") {
		return false
	}
	switch n := strings.Count(name, "*"); n {
	case 0:
		return true
	case 1:
		return len(name) > 2 && (strings.HasPrefix(name, "*.") || strings.HasSuffix(name, ".*"))
	}
	return false
}

// Ranks of a match of a host with a name, the better the higher.
const (
	noMatch = iota
	trailingMatch
	leadingMatch
	exactMatch
)

// matchName compares a host with a server name that is not a pattern. Among
// matches of one rank the longer name wins.
func matchName(name, host string) int {
	switch {
	case name == host:
		return exactMatch
	case strings.HasPrefix(name, "*."):
		if len(host) > len(name)-1 && strings.HasSuffix(host, name[1:]) {
			return leadingMatch
		}
	case strings.HasPrefix(name, ".") && len(name) > 1:
		if host == name[1:] {
			return exactMatch
		}
		if len(host) > len(name) && strings.HasSuffix(host, name) {
			return leadingMatch
		}
	case strings.HasSuffix(name, ".*"):
		if len(host) > len(name)-1 && strings.HasPrefix(host, name[:len(name)-1]) {
			return trailingMatch
		}
	}
	return noMatch
}
