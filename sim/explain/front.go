package explain

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
)

// Front is a proxy in front of the proxy.
type Front struct {
	Name    string
	Address netip.Addr    // under which the next one sees it
	Config  *nginx.Config // nil: it passes connections on, each with a PROXY line
	Host    string        // the Host header that clients send
	Listen  netip.AddrPort
	Accept  bool // it gets PROXY lines, where it has no Config
}

// arrival is a request as the next proxy in the row gets it.
type arrival struct {
	from   netip.Addr
	line   string // the address in a PROXY line; "": none came
	header http.Header
}

func (a *arrival) said(name string) string {
	switch {
	case name == nginx.ProxyProtocol:
		return a.line
	case strings.EqualFold(name, "X-Forwarded-For"):
		return strings.Join(a.header.Values(name), ", ")
	}
	return a.header.Get(name)
}

func (a *arrival) client(rule *nginx.RealIP) netip.Addr {
	return rule.Client(netip.AddrPortFrom(a.from, 0), a.said).Addr()
}

// through sends the request of a client through a front.
func (f *Front) through(a arrival) arrival {
	if f.Config == nil {
		line := balance.RemoteAddr(a.from)
		if f.Accept && a.line != "" {
			line = a.line
		}
		return arrival{from: f.Address, line: line, header: a.header}
	}
	header := a.header.Clone()
	if _, l := f.Config.Select(f.Listen, f.Host, path); l != nil && l.Proxy != nil {
		client := balance.RemoteAddr(a.client(l.RealIP))
		for _, h := range l.Proxy.Headers {
			header.Del(h.Name)
			value := f.Config.Expand(h.Value, func(name string) string { return a.variable(name, client) })
			if value != "" {
				header.Set(h.Name, value)
			}
		}
	}
	return arrival{from: f.Address, header: header}
}

// variable returns what a front knows about where a request comes from.
func (a *arrival) variable(name, client string) string {
	switch name {
	case "remote_addr":
		return client
	case "realip_remote_addr":
		return balance.RemoteAddr(a.from)
	case "proxy_protocol_addr":
		return a.line
	case "proxy_add_x_forwarded_for":
		if was := a.said("X-Forwarded-For"); was != "" {
			return was + ", " + client
		}
		return client
	}
	if header, ok := strings.CutPrefix(name, "http_"); ok {
		return strings.Join(a.header.Values(strings.ReplaceAll(header, "_", "-")), ", ")
	}
	return ""
}

// arrive is the request of a client as it reaches the proxy.
func (a access) arrive(client netip.Addr) arrival {
	r := arrival{from: client, header: http.Header{}}
	for i := range a.fronts {
		r = a.fronts[i].through(r)
	}
	return r
}

// Two arbitrary clients: what becomes of both becomes of all.
var someone, another = netip.AddrFrom4([4]byte{192, 0, 2, 1}), netip.AddrFrom4([4]byte{203, 0, 113, 1})

// everyone returns the address that all clients have for the proxy after the
// fronts, if they have only one.
func (a access) everyone() (netip.Addr, bool) {
	seen := a.seen(someone)
	return seen, len(a.fronts) > 0 && seen == a.seen(another)
}

// Path returns in a sentence how requests reach the proxy and whose address it
// sees, or "" without fronts.
func (u *Upstream) Path() string {
	a := u.access
	if len(a.fronts) == 0 {
		return ""
	}
	var names []string
	for _, f := range a.fronts {
		names = append(names, fmt.Sprintf("%s %s", f.Name, f.Address))
	}
	text := "Requests come through front " + names[0]
	if len(names) > 1 {
		text = "Requests come through the fronts " + strings.Join(names, ", then ")
	}
	last := a.fronts[len(a.fronts)-1]
	arrived := a.arrive(someone)
	seen, one := a.everyone()
	switch expected := a.server != nil && u.Config.ProxyProtocol(a.entry); {
	case expected && arrived.line == "":
		return text + ". The proxy expects a PROXY line, which nothing sends: it closes every connection."
	case !expected && arrived.line != "":
		return text + fmt.Sprintf(". %s sends a PROXY line, which the proxy does not expect: every request gets 400.", last.Name)
	case one:
		return text + "; " + a.whyOne(arrived) + fmt.Sprintf(", so every client is %s.", seen)
	case seen == someone:
		return text + fmt.Sprintf("; the proxy takes each client's own address from %s.", source(a.realIP.Header))
	}
	return text + fmt.Sprintf("; a client such as %s is %s to the proxy.", someone, seen)
}

// whyOne says why all requests seem to come from one address.
func (a access) whyOne(arrived arrival) string {
	rule := a.realIP
	switch {
	case rule == nil && arrived.line != "":
		return "the address in its PROXY line is not taken, for want of set_real_ip_from"
	case rule == nil && arrived.said("X-Forwarded-For") == "":
		return "no header names the client"
	case rule == nil:
		return "X-Forwarded-For is not trusted"
	case !rule.Trusts(arrived.from):
		return fmt.Sprintf("%s is not trusted, since set_real_ip_from does not name %s", source(rule.Header), arrived.from)
	case arrived.said(rule.Header) == "":
		return source(rule.Header) + " does not come"
	}
	seen := arrived.client(rule)
	if rule.Recursive {
		return fmt.Sprintf("the last address in %s that is not trusted is that of a front", source(rule.Header))
	}
	if rule.Trusts(seen) {
		return fmt.Sprintf("the right-most address in %s is that of a front, and real_ip_recursive is off", source(rule.Header))
	}
	return fmt.Sprintf("the right-most address in %s is that of a front", source(rule.Header))
}

// source names where an address is taken from.
func source(header string) string {
	if header == nginx.ProxyProtocol {
		return "the PROXY line"
	}
	return header
}
