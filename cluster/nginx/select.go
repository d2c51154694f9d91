package nginx

import (
	"net/netip"
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
	match := exactly
	if !c.listens(listen, exactly) {
		match = anyAddress
	}
	var fallback, best, pattern *Server
	isDefault := false
	rank, length := noMatch, 0
	for _, s := range c.Servers {
		l := s.listener(listen, match)
		if l == nil {
			continue
		}
		if fallback == nil || l.Default && !isDefault {
			fallback, isDefault = s, l.Default
		}
		for _, name := range s.Names {
			if n := matchName(name, host); n > rank || n == rank && n != noMatch && len(name) > length {
				best, rank, length = s, n, len(name)
			}
		}
		for _, p := range s.patterns {
			if pattern == nil && p.pattern.MatchString(host) {
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
	match := exactly
	if !c.listens(listen, exactly) {
		match = anyAddress
	}
	for _, s := range c.Servers {
		for _, l := range s.Listen {
			if l.ProxyProtocol && match(l, listen) {
				return true
			}
		}
	}
	return false
}

func (c *Config) listens(at netip.AddrPort, match func(Listen, netip.AddrPort) bool) bool {
	for _, s := range c.Servers {
		if s.listener(at, match) != nil {
			return true
		}
	}
	return false
}

func (s *Server) listener(at netip.AddrPort, match func(Listen, netip.AddrPort) bool) *Listen {
	for i := range s.Listen {
		if match(s.Listen[i], at) {
			return &s.Listen[i]
		}
	}
	return nil
}

func exactly(l Listen, at netip.AddrPort) bool {
	if l.Port != int(at.Port()) || l.Address == "" || l.Address == "::" {
		return false
	}
	ip, err := netip.ParseAddr(l.Address)
	return err == nil && ip == at.Addr().Unmap()
}

func anyAddress(l Listen, at netip.AddrPort) bool {
	if l.Port != int(at.Port()) {
		return false
	}
	switch l.Address {
	case "":
		return at.Addr().Unmap().Is4()
	case "::":
		return l.Dual || !at.Addr().Unmap().Is4()
	}
	return false
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
	found, _ := findLocation(s.Locations, cleanPath(path))
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
	path = cleanPath(path)
	redirects := false
	for _, l := range s.Locations {
		if l.pattern != nil || l.Modifier == "@" {
			continue
		}
		if l.Path == path {
			return false
		}
		redirects = redirects || l.Proxy != nil && l.Path == path+"/"
	}
	return redirects
}

// cleanPath resolves doubled slashes and dot segments as nginx does before it
// looks for a location (merge_slashes is on by default).
func cleanPath(path string) string {
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	if !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, s)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}
