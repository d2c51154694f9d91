package nginx

import (
	"net/netip"
	"strconv"
	"strings"
)

// parseInet reads an address as nginx reads one of a request (ngx_parse_addr), which
// differs from the usual: "01.2.3.4" is taken, "fe80::1%eth0" is not.
func parseInet(s string) (netip.Addr, bool) {
	if a, ok := parseInet4(s); ok {
		return a, true
	}
	return parseInet6(s)
}

// parseInet4 reads four octets; an empty one is 0 (ngx_inet_addr).
func parseInet4(s string) (netip.Addr, bool) {
	var octets [4]byte
	n, octet := 0, 0
	for i := range len(s) {
		switch ch := s[i]; {
		case '0' <= ch && ch <= '9':
			if octet = 10*octet + int(ch-'0'); octet > 255 {
				return netip.Addr{}, false
			}
		case ch == '.' && n < 3:
			octets[n], octet = byte(octet), 0
			n++
		default:
			return netip.Addr{}, false
		}
	}
	octets[3] = byte(octet)
	a := netip.AddrFrom4(octets)
	return a, n == 3 && octets != [4]byte{255, 255, 255, 255} // which is nginx's word for none
}

// parseInet6 reads groups, of which a run may be left out and the last two may be
// written as octets (ngx_inet6_addr).
func parseInet6(s string) (netip.Addr, bool) {
	var none netip.Addr
	var b [16]byte
	s = strings.TrimPrefix(s, ":") // of "::", or by mistake: nginx takes it
	n, gap, word, nibbles, group := 0, -1, 0, 0, -1
	for i := range len(s) {
		ch := s[i]
		switch {
		case ch == ':' && nibbles > 0:
			if n == 14 {
				return none, false
			}
			b[n], b[n+1] = byte(word>>8), byte(word)
			n, word, nibbles, group = n+2, 0, 0, i+1
			continue
		case ch == ':':
			if gap >= 0 {
				return none, false
			}
			gap, group = n, i+1
			continue
		case ch == '.' && nibbles > 0:
			four, ok := parseInet4(s[max(group, 0):])
			if n > 12 || group < 0 || !ok {
				return none, false
			}
			octets := four.As4()
			copy(b[n:], octets[:])
			return fillGap(b, n+4, gap)
		}
		value := strings.IndexByte("0123456789abcdef", ch|0x20)
		if nibbles++; value < 0 || nibbles > 4 || ch < '0' {
			return none, false
		}
		word = word<<4 | value
	}
	if s == "" || nibbles == 0 && gap < 0 || n > 14 {
		return none, false
	}
	b[n], b[n+1] = byte(word>>8), byte(word)
	return fillGap(b, n+2, gap)
}

// fillGap moves what follows the run of zeroes at gap, -1 for none, to the end.
func fillGap(b [16]byte, n, gap int) (netip.Addr, bool) {
	if (gap >= 0) != (n < 16) {
		return netip.Addr{}, false
	}
	if gap >= 0 {
		var whole [16]byte
		copy(whole[:gap], b[:gap])
		copy(whole[16-(n-gap):], b[gap:n])
		b = whole
	}
	return netip.AddrFrom16(b), true
}

// parseInetPort reads an address with a port or without, which is 0 then
// (ngx_parse_addr_port). Newer versions take brackets without a port.
func parseInetPort(s string, brackets bool) (netip.AddrPort, bool) {
	if a, ok := parseInet(s); ok {
		return netip.AddrPortFrom(a, 0), true
	}
	var host, port string
	var ok bool
	if rest, bracket := strings.CutPrefix(s, "["); bracket {
		if host, port, ok = strings.Cut(rest, "]"); brackets && ok && port == "" {
			a, ok := parseInet(host)
			return netip.AddrPortFrom(a, 0), ok
		}
		port, ok = strings.CutPrefix(port, ":")
	} else {
		host, port, ok = strings.Cut(s, ":")
	}
	n, err := strconv.Atoi(port)
	if !ok || err != nil || !digits(port) || n < 1 || n > 65535 {
		return netip.AddrPort{}, false
	}
	a, ok := parseInet(host)
	return netip.AddrPortFrom(a, uint16(n)), ok
}
