package balance

import "net/netip"

// RemoteAddr returns addr as nginx writes it in $remote_addr, which is what
// hash $remote_addr hashes: as netip does, but with the last four octets dotted
// in all forms that nginx takes for embedded IPv4.
func RemoteAddr(addr netip.Addr) string {
	if !addr.IsValid() {
		return "unix:"
	}
	addr = addr.WithZone("")
	if ip := addr.As16(); addr.Is6() {
		zeros := 0 // leading groups
		for zeros < 8 && ip[2*zeros] == 0 && ip[2*zeros+1] == 0 {
			zeros++
		}
		if zeros == 6 || zeros == 7 && ip[14] != 0 && ip[15] != 1 {
			return "::" + netip.AddrFrom4([4]byte(ip[12:])).String()
		}
	}
	return addr.String()
}
