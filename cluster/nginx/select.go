package nginx

import (
	"net/netip"
	"slices"
	"strings"
)

// Select returns the server and the location that take a request which came in
// on the local address listen, with that Host header and that path. The path
// is decoded and without query; doubled slashes and dots are resolved here.
// Both are nil when nothing listens there, the location is nil when none
// matches.
func (c *Config) Select(listen netip.AddrPort, host, path string) (*Server, *Location) {
	s := c.Server(listen, host)
	if s == nil {
		return nil, nil
	}
	return s, s.Location(path)
}

// Server returns the virtual server of a request: among those that listen on
// the very address, or else on any address, the one whose name matches best
// (exact, longest "*.example.com", longest "www.*", first pattern), or else the
// default server of the address.
func (c *Config) Server(listen netip.AddrPort, host string) *Server {
	host = hostName(host)
	match := c.matcher(listen)
	var fallback, best, pattern *Server
	isDefault := false
	rank, length := noMatch, 0
	for _, s := range c.Servers {
		i := slices.IndexFunc(s.Listen, match)
		if i < 0 {
			continue
		}
		if l := s.Listen[i]; fallback == nil || l.Default && !isDefault {
			fallback, isDefault = s, l.Default
		}
		for _, name := range s.Names {
			if n := matchName(name, host); n > rank || n == rank && n != noMatch && len(name) > length {
				best, rank, length = s, n, len(name)
			}
		}
		for _, p := range s.patterns {
			if pattern == nil && p.MatchString(host) {
				pattern = s
			}
		}
	}
	switch {
	case host != "" && best != nil:
		return best
	case host != "" && pattern != nil:
		return pattern
	case host == "" && best != nil && rank == exactMatch:
		return best
	}
	return fallback
}

// ProxyProtocol reports whether a connection that came in on a local address must
// begin with a header of the PROXY protocol.
func (c *Config) ProxyProtocol(listen netip.AddrPort) bool {
	match := c.matcher(listen)
	for _, s := range c.Servers {
		for _, l := range s.Listen {
			if l.ProxyProtocol && match(l) {
				return true
			}
		}
	}
	return false
}

// matcher returns which listen directives a connection to an address counts for:
// those of the very address, or else those of any.
func (c *Config) matcher(at netip.AddrPort) func(Listen) bool {
	ip, port := at.Addr().Unmap(), int(at.Port())
	exactly := func(l Listen) bool {
		own, err := netip.ParseAddr(l.Address)
		return l.Port == port && l.Address != "::" && err == nil && own == ip
	}
	if slices.ContainsFunc(c.Servers, func(s *Server) bool { return slices.ContainsFunc(s.Listen, exactly) }) {
		return exactly
	}
	return func(l Listen) bool {
		return l.Port == port && (l.Address == "" && ip.Is4() || l.Address == "::" && (l.Dual || !ip.Is4()))
	}
}

// hostName cuts a Host header to what names are compared with: no port, no
// final dot, lower case (ngx_http_validate_host).
func hostName(host string) string {
	if strings.HasPrefix(host, "[") {
		if end := strings.IndexByte(host, ']'); end > 0 {
			host = host[:end+1]
		}
	} else if i := strings.IndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// Location returns the location of a path: an exact one, or the longest prefix
// unless a pattern matches, the first one, and no "^~" forbids to look; nested
// ones after the one they are in (ngx_http_core_find_location).
func (s *Server) Location(path string) *Location {
	clean, _ := CleanPath(path)
	found, _ := findLocation(s.Locations, clean)
	return found
}

// findLocation returns the location, and whether it ends the search outside.
func findLocation(ls []*Location, path string) (found *Location, final bool) {
	for _, l := range ls {
		switch l.Modifier {
		case "=":
			if l.Path == path {
				return l, true
			}
		case "", "^~":
			if strings.HasPrefix(path, l.Path) && (found == nil || len(l.Path) > len(found.Path)) {
				found = l
			}
		}
	}
	noPattern := false
	if found != nil {
		noPattern = found.Modifier == "^~"
		if inner, final := findLocation(found.Locations, path); final {
			return inner, true
		} else if inner != nil {
			found = inner
		}
	}
	if noPattern {
		return found, false
	}
	for _, l := range ls {
		if l.pattern != nil && l.pattern.MatchString(path) {
			if inner, _ := findLocation(l.Locations, path); inner != nil {
				return inner, true
			}
			return l, true
		}
	}
	return found, false
}

// Redirects reports whether nginx answers the path with a redirect to path+"/":
// when there is a proxied location of that name and none without the slash.
func (s *Server) Redirects(path string) bool {
	if len(s.slashed) == 0 {
		return false
	}
	path, _ = CleanPath(path)
	return s.slashed[path]
}

// redirects returns the paths that Redirects is true for.
func redirects(ls []*Location) map[string]bool {
	named := func(l *Location) bool { return l.pattern == nil && l.Modifier != "@" }
	taken := map[string]bool{}
	for _, l := range ls {
		taken[l.Path] = taken[l.Path] || named(l)
	}
	paths := map[string]bool{}
	for _, l := range ls {
		if path, slash := strings.CutSuffix(l.Path, "/"); slash && named(l) && l.Proxy != nil && !taken[path] {
			paths[path] = true
		}
	}
	return paths
}
