package balance

import (
	"net/netip"
	"strconv"
)

// RemoteAddr returns addr as nginx writes it in $remote_addr, which is what
// hash $remote_addr hashes: IPv6 in lower-case hex, the first longest run of at
// least two zero groups as "::", and the last four octets dotted in the forms
// that nginx takes for embedded IPv4.
func RemoteAddr(addr netip.Addr) string {
	if !addr.IsValid() {
		return "unix:"
	}
	if addr.Is4() {
		return addr.String()
	}
	ip := addr.As16()
	group := func(i int) uint16 { return uint16(ip[2*i])<<8 | uint16(ip[2*i+1]) }

	start, length := -1, 1
	for i := 0; i < 8; i++ {
		n := 0
		for i+n < 8 && group(i+n) == 0 {
			n++
		}
		if n > length {
			start, length = i, n
		}
		if n > 0 {
			i += n - 1
		}
	}
	groups := 8
	if start == 0 {
		if length == 6 || length == 5 && group(5) == 0xffff || length == 7 && ip[14] != 0 && ip[15] != 1 {
			groups = 6
		}
	}
	b := make([]byte, 0, 46)
	for i := 0; i < groups; i++ {
		if i == start {
			b = append(b, ':', ':')
			i += length - 1
			continue
		}
		if i > 0 && b[len(b)-1] != ':' {
			b = append(b, ':')
		}
		b = strconv.AppendUint(b, uint64(group(i)), 16)
	}
	if groups == 6 {
		if b[len(b)-1] != ':' {
			b = append(b, ':')
		}
		for i := 12; i < 16; i++ {
			if i > 12 {
				b = append(b, '.')
			}
			b = strconv.AppendUint(b, uint64(ip[i]), 10)
		}
	}
	return string(b)
}
