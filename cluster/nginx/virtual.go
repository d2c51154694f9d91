package nginx

import (
	"net/netip"
	"strings"
)

// virtual are the servers of one address: which of them a host chooses
// (ngx_http_server_names, ngx_hash_find_combined).
type virtual struct {
	fallback *Server // the default one
	exact    map[string]*Server
	leading  map[string]wildcard // by what follows the "*." or "."
	trailing map[string]wildcard // by what is before the "*"
	patterns []hostPattern
	taken    map[string]bool // what neither a plain name nor one with a "." may be again
}

// wildcard is a name that stands for many.
type wildcard struct {
	server *Server
	bare   bool // ".example.com", which is example.com too
}

type hostPattern struct {
	pattern *pattern
	server  *Server
}

func newVirtual() *virtual {
	return &virtual{exact: map[string]*Server{}, leading: map[string]wildcard{}, trailing: map[string]wildcard{}, taken: map[string]bool{}}
}

// add adds a name that is no pattern. It reports false when it conflicts with an earlier
// one, which keeps its requests: nginx then drops all of the name (ngx_hash_add_key).
func (v *virtual) add(name string, s *Server) bool {
	wild := func(into map[string]wildcard, key string, bare bool) bool {
		if _, found := into[key]; found {
			return false
		}
		into[key] = wildcard{s, bare}
		return true
	}
	switch {
	case len(name) > 1 && name[0] == '.':
		if v.taken[name[1:]] {
			return false
		}
		v.taken[name[1:]] = true
		return wild(v.leading, name[1:], true)
	case len(name) > 2 && strings.HasPrefix(name, "*."):
		return wild(v.leading, name[2:], false)
	case len(name) > 2 && strings.HasSuffix(name, ".*"):
		return wild(v.trailing, name[:len(name)-1], false)
	case v.taken[name]:
		return false
	}
	v.taken[name] = true
	v.exact[name] = s
	return true
}

// find returns the server of a host as hostName returns it: that of the very name, the
// longest "*.example.com", the longest "www.*", the first pattern, which is returned too,
// or the default.
func (v *virtual) find(host string) (*Server, *pattern) {
	if s := v.exact[host]; s != nil || host == "" {
		if s == nil {
			s = v.fallback
		}
		return s, nil
	}
	if w, ok := v.leading[host]; ok && w.bare {
		return w.server, nil
	}
	for i := range len(host) {
		if host[i] != '.' || i == 0 {
			continue
		}
		if w, ok := v.leading[host[i+1:]]; ok {
			return w.server, nil
		}
	}
	for i := len(host) - 1; i > 0; i-- {
		if host[i] != '.' || i == len(host)-1 {
			continue
		}
		if w, ok := v.trailing[host[:i+1]]; ok {
			return w.server, nil
		}
	}
	for _, p := range v.patterns {
		if p.pattern.matches(host) {
			return p.server, p.pattern
		}
	}
	return v.fallback, nil
}

// virtual returns the servers of the address that a connection came in on; nil when
// nothing listens there.
func (c *Config) virtual(listen netip.AddrPort) *virtual {
	if known, ok := c.virtuals.Load(listen); ok {
		return known.(*virtual)
	}
	match := c.matcher(listen)
	v := newVirtual()
	isDefault := false
	for _, s := range c.Servers {
		for _, l := range s.Listen {
			if !match(l) {
				continue
			}
			if v.fallback == nil || l.Default && !isDefault {
				v.fallback, isDefault = s, l.Default
			}
			for _, name := range s.Names {
				if !strings.HasPrefix(name, "~") {
					v.add(name, s)
				}
			}
			for _, p := range s.patterns {
				v.patterns = append(v.patterns, hostPattern{p, s})
			}
			break
		}
	}
	if v.fallback == nil {
		v = nil
	}
	c.virtuals.Store(listen, v)
	return v
}
