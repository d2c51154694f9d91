package nginx

import (
	"net/netip"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// trusted reads set_real_ip_from: an address or a range that may name the
// client. Low bits of a range are cut as nginx does, with a note.
func (r *reader) trusted(d *syntax.Directive) []netip.Prefix {
	arg := d.Args[0]
	if arg.Text == "unix:" {
		r.Note(NoEffect, "set_real_ip_from unix:", arg.Pos, "unix sockets are not simulated", `"set_real_ip_from unix:" has no effect here`)
		return nil
	}
	if addr, err := netip.ParseAddr(arg.Text); err == nil && addr.Zone() == "" {
		return []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}
	}
	if strings.Contains(arg.Text, "/") {
		prefix, err := netip.ParsePrefix(arg.Text)
		if err != nil {
			r.Fail(BadValue, arg.Pos, "a range is written as 10.0.0.0/8", "invalid parameter %q", arg.Text)
			return nil
		}
		if prefix.Masked() != prefix {
			r.Note(MeaninglessBits, arg.Text, arg.Pos, "", "low address bits of %s are meaningless", arg.Text)
		}
		return []netip.Prefix{prefix.Masked()}
	}
	r.Note(UnknownHost, "set_real_ip_from "+arg.Text, arg.Pos, "give its address", "the host %q of set_real_ip_from is not looked up: it is not trusted here", arg.Text)
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
