package nginx

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// variablePass reads a proxy_pass with variables. Which upstreams it may name
// is found once all blocks are read: see choices.
func (r *reader) variablePass(p *ProxyPass, arg syntax.Word) {
	r.uses(arg)
	p.Variable = arg.Text
	r.variablePasses = append(r.variablePasses, &pass{proxy: p, arg: arg})
}

// choices finds the upstreams that each proxy_pass with variables may lead to:
// all that the maps in it can name.
func (r *reader) choices() {
	for _, p := range r.variablePasses {
		values, ok := r.config.values(p.arg.Text)
		if !ok {
			r.Fail(UnknownPass, p.arg.Pos, "name fewer upstreams", "too many values for the \"proxy_pass\" to be followed")
			continue
		}
		for _, value := range values {
			r.choice(p, value)
		}
		if to, err := r.config.Pass(p.proxy, firstRequest); err == nil {
			p.proxy.Upstream = to.Upstream
		} else if len(p.proxy.Choices) > 0 {
			p.proxy.Upstream = p.proxy.Choices[0]
		}
	}
}

// choice takes one value that a proxy_pass can have.
func (r *reader) choice(p *pass, value string) {
	host, _, tls, wrong := cutURL(value)
	host = beforePath(host)
	switch {
	case strings.Contains(host, "$"):
		r.Fail(UnknownPass, p.arg.Pos, "name the upstream itself, or by a map", `this variable of "proxy_pass" is not simulated: only map and split_clients can name an upstream`)
		return
	case wrong != "":
		hint := "such requests get 500"
		if host == "" && !strings.Contains(value, "://") {
			hint = `it begins with "http://"; ` + hint
		}
		r.Note(BadPass, value, p.arg.Pos, hint, "%s in %q, which \"proxy_pass\" can become", wrong, value)
		return
	case tls:
		r.unencrypted(p.proxy, p.arg)
	}
	name := ""
	if u := r.upstreams[strings.ToLower(host)]; u != nil {
		name = u.Name
	} else if a, ok := literal(host, tls); ok {
		name = r.implicit(p.arg.Pos, host, address{host: a.Addr().String(), port: int(a.Port())}).Name
	} else {
		hint := ""
		if near := spell.DidYouMean(host, r.config.UpstreamNames()); near != "" {
			hint = near + " As it is, such requests get 502"
		}
		r.Note(UnknownHost, host, p.arg.Pos, hint, "no upstream %q, which \"proxy_pass\" can become; nginx would ask a resolver", host)
		return
	}
	if !slices.Contains(p.proxy.Choices, name) {
		p.proxy.Choices = append(p.proxy.Choices, name)
	}
}

// literal reads an address, with a port or without.
func literal(host string, tls bool) (netip.AddrPort, bool) {
	if a, err := netip.ParseAddrPort(host); err == nil {
		return a, true
	}
	port := uint16(80)
	if tls {
		port = 443
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return netip.AddrPortFrom(a, port), err == nil
}

// beforePath cuts a host where a variable follows that begins with "/" or "?".
func beforePath(host string) string {
	for from := 0; ; {
		start, end, name, _ := nextVariable(host[from:])
		switch {
		case start < 0:
			return host
		case name == "uri" || name == "document_uri" || name == "request_uri" || name == "is_args":
			return host[:from+start]
		}
		from += end
	}
}

// cutURL takes a value of proxy_pass apart; wrong is what nginx says of a bad
// one.
func cutURL(value string) (host, uri string, tls bool, wrong string) {
	rest, tls, ok := cutScheme(value)
	if !ok || rest == "" {
		return "", "", false, "invalid URL prefix"
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		wrong = "no host"
	}
	return rest[:end], rest[end:], tls, wrong
}

// firstRequest has the variables of the first request of a Socket.IO client
// that begins with polling, as far as they are known beforehand.
func firstRequest(name string) string {
	switch name {
	case "arg_transport":
		return "polling"
	case "arg_EIO":
		return "4"
	case "uri", "document_uri":
		return "/socket.io/"
	case "args", "query_string":
		return "EIO=4&transport=polling"
	case "request_uri":
		return "/socket.io/?EIO=4&transport=polling"
	case "request_method":
		return "GET"
	case "scheme":
		return "http"
	}
	return ""
}

// Passed is where a proxy_pass with variables leads.
type Passed struct {
	Upstream string // one of Choices
	URI      string // that replaces the request's as it is; "" means the request's
}

// Pass returns where a proxy_pass with variables leads for a request. It fails when
// the value is no URL, or names none of Choices; the error reads as in nginx's
// error log. See IsUnresolved.
func (c *Config) Pass(p *ProxyPass, lookup func(name string) string) (Passed, error) {
	value := c.Expand(p.Variable, lookup)
	host, uri, tls, wrong := cutURL(value)
	switch wrong {
	case "":
	case "invalid URL prefix":
		return Passed{}, fmt.Errorf("%s in %q", wrong, value)
	default:
		return Passed{}, fmt.Errorf("%s in upstream \"%s\"", wrong, host+uri)
	}
	if strings.HasPrefix(uri, "?") {
		uri = "/" + uri
	}
	at := host
	if a, ok := literal(host, tls); ok {
		at = a.String()
	}
	for _, name := range p.Choices {
		own := name
		if a, ok := literal(name, tls); ok {
			own = a.String()
		}
		if strings.EqualFold(own, at) {
			return Passed{name, uri}, nil
		}
	}
	return Passed{}, &unresolvedError{host}
}

type unresolvedError struct{ host string }

func (e *unresolvedError) Error() string { return "no resolver defined to resolve " + hostName(e.host) }

// IsUnresolved reports whether an error of Pass is about a host that nginx would
// have to ask a resolver for, which is answered by 502, not 500.
func IsUnresolved(err error) bool {
	var e *unresolvedError
	return errors.As(err, &e)
}

// maxValues is how many values of a proxy_pass are followed.
const maxValues = 200

// values lists what a text can become: all values of the maps in it, in their
// order, by the same rules as Expand. Other variables stay as they are. ok is false
// when there are too many.
func (c *Config) values(text string) (list []string, ok bool) {
	left := maxValues * 10
	return c.valuesIn(text, 0, &left)
}

func (c *Config) valuesIn(text string, depth int, left *int) ([]string, bool) {
	start, end, name, wrong := nextVariable(text)
	if start < 0 || wrong != "" {
		return []string{text}, true
	}
	if *left--; *left < 0 || depth > 8 {
		return nil, false
	}
	own := []string{text[start:end]}
	for _, m := range slices.Backward(c.Maps) {
		if m.Variable != name {
			continue
		}
		own = nil
		for _, value := range m.Values() {
			more, ok := c.valuesIn(value, depth+1, left)
			if !ok {
				return nil, false
			}
			own = append(own, more...)
		}
		break
	}
	rests, ok := c.valuesIn(text[end:], depth, left)
	if !ok || len(own)*len(rests) > maxValues {
		return nil, false
	}
	var all []string
	for _, o := range own {
		for _, rest := range rests {
			if v := text[:start] + o + rest; !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	return all, true
}
