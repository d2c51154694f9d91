package nginx

import (
	"iter"
	"slices"
	"strings"
)

// All returns the locations, each before those inside of it.
func (s *Server) All() iter.Seq[*Location] {
	return func(yield func(*Location) bool) { each(s.Locations, yield) }
}

func each(list []*Location, yield func(*Location) bool) bool {
	for _, l := range list {
		if !yield(l) || !each(l.Locations, yield) {
			return false
		}
	}
	return true
}

// Upstreams returns the upstreams that requests of a location may reach, an if in it
// included.
func (l *Location) Upstreams() (out []string) {
	for _, at := range append([]*Location{l}, l.Ifs...) {
		if at.Proxy == nil {
			continue
		}
		for _, name := range at.Proxy.Upstreams() {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// FirstUpstream returns the first upstream that a proxy_pass of the server names;
// "" without one.
func (s *Server) FirstUpstream() string {
	for l := range s.All() {
		if l.Proxy != nil && l.Proxy.Upstream != "" {
			return l.Proxy.Upstream
		}
	}
	return ""
}

// Host returns a Host header that chooses the server: its first plain server_name, or
// a made-up name under a wildcard; "" when it has neither.
func (s *Server) Host() string {
	for _, name := range s.Names {
		switch {
		case name == "" || name == "_" || strings.HasPrefix(name, "~") || strings.ContainsAny(name, "$ /:"):
		case strings.HasPrefix(name, "*."):
			return "www" + name[1:]
		case strings.HasPrefix(name, "."):
			return name[1:]
		case strings.HasSuffix(name, ".*"):
			return strings.TrimSuffix(name, "*") + "com"
		default:
			return name
		}
	}
	return ""
}
