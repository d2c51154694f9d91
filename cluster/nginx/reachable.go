package nginx

import "strings"

// FirstUpstream returns the first upstream that a proxy_pass in the locations names,
// those inside of others included; "" without one.
func FirstUpstream(locations []*Location) string {
	for _, l := range locations {
		if l.Proxy != nil && l.Proxy.Upstream != "" {
			return l.Proxy.Upstream
		}
		if name := FirstUpstream(l.Locations); name != "" {
			return name
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
