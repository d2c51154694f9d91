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
		values, ok := r.values(p.arg.Text)
		if !ok {
			r.anyChoice(p)
			continue
		}
		for _, value := range values {
			r.choice(p, value)
		}
		if to, err := r.config.Pass(p.proxy, r.config.Expand(p.proxy.Variable, r.firstValue)); err == nil {
			p.proxy.Upstream = to.Upstream
		} else if len(p.proxy.Choices) > 0 {
			p.proxy.Upstream = p.proxy.Choices[0]
		}
	}
}

// firstValue is the value of a variable for the first poll, before any rewriting.
func (r *reader) firstValue(name string) string {
	if values := r.sets[name]; len(values) > 0 {
		return Expand(values[0], firstPoll{path: defaultPath}.Variable)
	}
	return firstPoll{path: defaultPath}.Variable(name)
}

// defaultPath is that of Socket.IO.
const defaultPath = "/socket.io/"

// choice takes one value that a proxy_pass can have.
func (r *reader) choice(p *pass, value string) {
	host, _, tls, wrong := cutURL(value)
	host = beforePath(host)
	switch {
	case strings.Contains(host, "$"):
		host, _, _ = strings.Cut(host, "$")
		if a, err := netip.ParseAddrPort(host); err == nil { // what follows an address is a path
			p.add(r.implicit(p.arg.Pos, host, address{host: a.Addr().String(), port: int(a.Port())}).Name)
			return
		}
		r.anyChoice(p)
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
	} else if a, wrong := parseAddress(host, defaultPort(tls), false, false); wrong == "" && r.resolver {
		name = r.implicit(p.arg.Pos, host, a).Name
	} else {
		hint := ""
		if near := spell.DidYouMean(host, r.config.UpstreamNames()); near != "" {
			hint = near + " As it is, such requests get 502"
		}
		r.Note(UnknownHost, host, p.arg.Pos, hint, "no upstream %q, which \"proxy_pass\" can become; nginx would ask a resolver", host)
		return
	}
	p.add(name)
}

// anyChoice is for a proxy_pass whose upstream is known only when a request comes:
// it may be any block of the text.
func (r *reader) anyChoice(p *pass) {
	r.Note(UnknownPass, p.arg.Text, p.arg.Pos, "", "where %s leads is known only when a request comes", p.arg.Text)
	for _, name := range r.config.Blocks() {
		p.add(name)
	}
}

func (p *pass) add(name string) {
	if !slices.Contains(p.proxy.Choices, name) {
		p.proxy.Choices = append(p.proxy.Choices, name)
	}
}

// literal reads an address, with a port or without.
func literal(host string, tls bool) (netip.AddrPort, bool) {
	if a, err := netip.ParseAddrPort(host); err == nil {
		return a, true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return netip.AddrPortFrom(a, uint16(defaultPort(tls))), err == nil
}

func defaultPort(tls bool) int {
	if tls {
		return 443
	}
	return 80
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

// firstPoll has the variables of the first request of a Socket.IO client
// that begins with polling, as far as they are known beforehand.
type firstPoll struct{ host, path string }

const firstArgs = "EIO=4&transport=polling"

// Variable returns the value of a variable, "" when it is not known.
func (f firstPoll) Variable(name string) string {
	switch name {
	case "host", "http_host", "server_name":
		return f.host
	case "request_uri":
		return f.path + "?" + firstArgs
	case "uri", "document_uri":
		return f.path
	case "args", "query_string":
		return firstArgs
	case "is_args":
		return "?"
	case "request_method":
		return "GET"
	case "scheme":
		return "http"
	case "server_protocol":
		return "HTTP/1.1"
	}
	if arg, ok := strings.CutPrefix(name, "arg_"); ok {
		return Argument(firstArgs, arg)
	}
	return ""
}

// Passed is where a proxy_pass with variables leads.
type Passed struct {
	Upstream string // one of Choices
	URI      string // that replaces the request's as it is; "" means the request's
}

// Pass returns where a proxy_pass with variables leads when they make it a value. It fails when
// that is no URL, or names none of Choices; the error reads as in nginx's
// error log. See IsUnresolved.
func (c *Config) Pass(p *ProxyPass, value string) (Passed, error) {
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
	if _, port, ok := strings.Cut(host, ":"); ok && host[0] != '[' && !strings.HasPrefix(host, "unix:") {
		if n, ok := number(port); !ok || n < 1 || n > 65535 {
			return Passed{}, fmt.Errorf("invalid port in upstream %q", host+uri)
		}
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

// maxSetDepth is how deep variables in each other are followed; one may be set to a value
// that holds itself.
const maxSetDepth = 8

// values lists what a text can become: all values of the maps and of set in it, in their
// order, by the same rules as Expand. Other variables stay as they are. ok is false
// when there are too many.
func (r *reader) values(text string) (list []string, ok bool) {
	left := maxValues * 10
	return r.valuesIn(text, 0, &left)
}

// valuesOf lists what a variable can be before its own variables are filled in; nil
// when that is not known.
func (r *reader) valuesOf(name string) []string {
	for _, m := range slices.Backward(r.config.Maps) {
		if m.Variable == name {
			return m.Values()
		}
	}
	if name == "scheme" {
		return []string{"http"}
	}
	return r.sets[name]
}

func (r *reader) valuesIn(text string, depth int, left *int) ([]string, bool) {
	start, end, name, wrong := nextVariable(text)
	if start < 0 || wrong != "" {
		return []string{text}, true
	}
	if *left--; *left < 0 {
		return nil, false
	}
	if depth > maxSetDepth {
		return []string{text}, true
	}
	own := []string{text[start:end]}
	if values := r.valuesOf(name); len(values) > 0 {
		own = nil
		for _, value := range values {
			more, ok := r.valuesIn(value, depth+1, left)
			if !ok {
				return nil, false
			}
			own = append(own, more...)
		}
	}
	rests, ok := r.valuesIn(text[end:], depth, left)
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
