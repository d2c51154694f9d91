package nginx

import (
	"net/netip"
	"strconv"
	"strings"
)

// address is a host with a port, as nginx's ngx_parse_url takes it apart.
type address struct {
	host    string // IPv6 without brackets
	port    int
	hasPort bool
	uri     string // what follows, for addresses that may have it
}

// parseAddress reads "host", "host:port", "[::1]:port". With uri, a path or
// query may follow; with listen, a port alone is an address. The second result
// is what nginx says is wrong, or "".
func parseAddress(s string, port int, uri, listen bool) (address, string) {
	a := address{port: port}
	if i := strings.IndexAny(s, "/?"); i >= 0 {
		if !uri {
			return a, "invalid host"
		}
		s, a.uri = s[:i], s[i:]
	}
	host, tail := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return a, "invalid host"
		}
		host, tail = s[1:end], s[end+1:]
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Is6() || ip.Zone() != "" {
			return a, "invalid IPv6 address"
		}
		if tail != "" && tail[0] != ':' {
			return a, "invalid host"
		}
	} else if i := strings.IndexByte(s, ':'); i >= 0 {
		host, tail = s[:i], s[i:]
	} else if listen && digits(s) {
		host, tail = "", ":"+s
	}
	if tail != "" {
		n, err := strconv.Atoi(tail[1:])
		if err != nil || !digits(tail[1:]) || n < 1 || n > 65535 {
			return a, "invalid port"
		}
		a.port, a.hasPort = n, true
	}
	if host == "" && !(listen && digits(s)) {
		return a, "no host"
	}
	a.host = host
	return a, ""
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
