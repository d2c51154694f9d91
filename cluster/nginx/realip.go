package nginx

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// Resolve returns the rule with the addresses of the hosts that it names, which nginx looks up as
// it loads a configuration. It fails, in nginx's words, for a name that has none.
func (r *RealIP) Resolve(lookup func(host string) ([]netip.Addr, error)) (*RealIP, error) {
	if r == nil || len(r.Hosts) == 0 {
		return r, nil
	}
	out := *r
	out.From, out.Hosts = slices.Clone(r.From), nil
	for _, h := range r.Hosts {
		addrs, err := lookup(h.Name)
		if err != nil || len(addrs) == 0 {
			return nil, fmt.Errorf("host not found in set_real_ip_from %q", h.Name)
		}
		for _, a := range addrs {
			out.From = append(out.From, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return &out, nil
}

// RealIPs returns the realip rules of a configuration.
func (c *Config) RealIPs() (out []*RealIP) {
	add := func(r *RealIP) {
		if r != nil && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for _, s := range c.Servers {
		add(s.RealIP)
		for l := range s.All() {
			add(l.RealIP)
			for _, within := range l.Ifs {
				add(within.RealIP)
			}
		}
	}
	return out
}

// trust reads set_real_ip_from: an address or a range that may name the client, or a host. Low
// bits of a range are cut as nginx does, with a note.
func (r *reader) trust(rule *RealIP, d *syntax.Directive) {
	rule.From = append(slices.Clip(rule.From), r.trusted(d, rule)...)
}

func (r *reader) trusted(d *syntax.Directive, rule *RealIP) []netip.Prefix {
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
	rule.Hosts = append(slices.Clip(rule.Hosts), Trusted{arg.Pos, arg.Text})
	return nil
}

// active returns the setting if it has an effect.
func (l *level) active() *RealIP {
	if len(l.realIP.From)+len(l.realIP.Hosts) == 0 {
		return nil
	}
	setting := l.realIP
	return &setting
}
