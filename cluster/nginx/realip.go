package nginx

import (
	"net/netip"
	"strings"
)

// trusted reads set_real_ip_from: an address or a range that may name the
// client. Low bits of a range are cut as nginx does, with a note.
func (r *reader) trusted(d *directive) []netip.Prefix {
	arg := d.args[0]
	if arg.text == "unix:" {
		r.note("unix peers", arg.at, "unix sockets are not simulated", `"set_real_ip_from unix:" has no effect here`)
		return nil
	}
	if addr, err := netip.ParseAddr(arg.text); err == nil && addr.Zone() == "" {
		return []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}
	}
	if strings.Contains(arg.text, "/") {
		prefix, err := netip.ParsePrefix(arg.text)
		if err != nil {
			r.fail(arg.at, "a range is written as 10.0.0.0/8", "invalid parameter %q", arg.text)
			return nil
		}
		if prefix.Masked() != prefix {
			r.note("low bits "+arg.text, arg.at, "", "low address bits of %s are meaningless", arg.text)
		}
		return []netip.Prefix{prefix.Masked()}
	}
	r.fail(arg.at, "give an address or a range", "host not found in set_real_ip_from %q", arg.text)
	return nil
}

// active returns the setting if it has an effect.
func (l *level) active() *RealIP {
	if len(l.realIP.From) == 0 {
		return nil
	}
	setting := l.realIP
	return &setting
}
