package nginx

import (
	"net/netip"
	"slices"
	"strings"
)

// Select returns the server and the location that take the first request of a
// Socket.IO client which came in
// on the local address listen, with that Host header and that path. The path
// is decoded and without query; doubled slashes and dots are resolved here.
// Both are nil when nothing listens there, the location is nil when none
// matches.
func (c *Config) Select(listen netip.AddrPort, host, path string) (*Server, *Location) {
	r := c.Reach(listen, host, path)
	return r.Server, r.Location
}

// Reached is what takes a request.
type Reached struct {
	Server   *Server   // nil means that nothing listens there
	Location *Location // nil means that none matches; with Return where an instruction or a redirect answers
	Target   string    // what the upstream is asked for; "" when none is
}

// Reach is Select, with what the upstream is asked for.
func (c *Config) Reach(listen netip.AddrPort, host, path string) Reached {
	clean, _ := CleanPath(path)
	v := &Visit{Length: -1}
	v.Begin(c, firstPoll{host, path}, listen, host, clean, firstArgs)
	if v.Server == nil {
		return Reached{}
	}
	end := v.content()
	switch {
	case end.Return != nil:
		answered := *v.location()
		answered.Proxy, answered.Return = nil, end.Return
		return Reached{Server: v.Server, Location: &answered}
	case end.Status != 0:
		answered := *v.location()
		answered.Proxy, answered.Return = nil, &Return{Pos: answered.Pos, Status: end.Status, Body: end.Redirect}
		return Reached{Server: v.Server, Location: &answered}
	case v.Location == nil || v.Location == &v.Server.own:
		return Reached{Server: v.Server}
	}
	r := Reached{Server: v.Server, Location: v.Location}
	if p := v.Location.Proxy; p != nil {
		pass := *p
		if to, err := c.Pass(p, v.Expand(p.Variable)); p.Variable != "" && err == nil {
			r.Target = to.URI
		}
		if r.Target == "" {
			r.Target = v.Target(&pass, path+"?"+firstArgs)
		}
	}
	return r
}

// content follows a request to its content, with no file on the disk.
func (v *Visit) content() Ending {
	end := v.Route()
	for {
		status := end.Status
		switch {
		case end.Return != nil && end.Return.Body == "":
			status = end.Return.Status
		case end != (Ending{}):
		case len(v.Location.TryFiles) > 0:
			end = v.TryFiles()
			continue
		case v.Location.Proxy == nil:
			status = 404
		default:
			return end
		}
		next, _, ok := v.ErrorPage(status)
		if !ok {
			return end
		}
		end = next
	}
}

func (v *Visit) location() *Location {
	if v.Location != nil {
		return v.Location
	}
	return &v.Server.own
}

// Server returns the virtual server of a request: among those that listen on
// the very address, or else on any address, the one whose name matches best
// (exact, longest "*.example.com", longest "www.*", first pattern), or else the
// default server of the address.
func (c *Config) Server(listen netip.AddrPort, host string) *Server {
	v := c.virtual(listen)
	if v == nil {
		return nil
	}
	s, _ := v.find(hostName(host))
	return s
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

// TLS reports whether connections to a local address are encrypted.
func (c *Config) TLS(listen netip.AddrPort) bool {
	match := c.matcher(listen)
	return slices.ContainsFunc(c.Servers, func(s *Server) bool {
		return slices.ContainsFunc(s.Listen, func(l Listen) bool { return l.TLS && match(l) })
	})
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

// Location returns the location of a path before any rewriting: an exact one, or the longest prefix
// unless a pattern matches, the first one, and no "^~" forbids to look; nested
// ones after the one they are in (ngx_http_core_find_location).
func (s *Server) Location(path string) *Location {
	clean, _ := CleanPath(path)
	found, _, _ := s.find(clean)
	return found
}

// find returns the location of a path. slash means that the location has the path with
// a slash at its end, and that nginx redirects there. by are the patterns that have led to it,
// outer ones first.
func (s *Server) find(path string) (found *Location, slash bool, by []*pattern) {
	found, how := findLocation(s.Locations, path, &by)
	return found, how == foundSlash, by
}

// found says how a search for a location ended.
type found byte

const (
	foundNone  found = iota
	foundMore        // a better one may follow
	foundFinal       // it ends the search outside too
	foundSlash       // as that, and nginx redirects to it
)

func findLocation(ls []*Location, path string, by *[]*pattern) (best *Location, how found) {
	var slash *Location
	for _, l := range ls {
		switch l.Modifier {
		case "=", "", "^~":
			switch {
			case l.Path == path:
				if l.Modifier == "=" {
					return l, foundFinal
				}
				best = l
			case l.Modifier != "=" && strings.HasPrefix(path, l.Path):
				if best == nil || len(l.Path) > len(best.Path) {
					best = l
				}
			}
			if l.Proxy != nil && len(l.Path) == len(path)+1 && l.Path[len(path)] == '/' && l.Path[:len(path)] == path {
				slash = l
			}
		}
	}
	if slash != nil && (best == nil || best.Path != path) {
		return slash, foundSlash
	}
	noPattern := false
	if best != nil {
		noPattern = best.Modifier == "^~"
		inner, how := findLocation(best.Locations, path, by)
		if how >= foundFinal {
			return inner, how
		}
		if inner != nil {
			best = inner
		}
	}
	if noPattern {
		return best, foundMore
	}
	for _, l := range ls {
		if l.pattern != nil && l.pattern.matches(path) {
			*by = append(*by, l.pattern)
			if inner, how := findLocation(l.Locations, path, by); inner != nil {
				return inner, max(how, foundFinal)
			}
			return l, foundFinal
		}
	}
	return best, foundMore
}
