package plan

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Route is where the requests of some clients go.
type Route struct {
	Target   Target // where they connect
	Entry    Target // where their requests enter the proxy: Target, but for a front
	Upstream string // that they reach; "" when they go to a node directly
}

// RouteOf returns the route of a group's clients, also of a group that a step of the
// plan adds, or one of more.
func (p *Plan) RouteOf(group string, more ...scenario.Step) Route {
	to := ""
	for _, g := range groupsOf(p.File.Clients, p.Steps, more) {
		if g.Name == group {
			to = cmp.Or(to, g.URL)
		}
	}
	w, _ := p.route(to)
	return w
}

// route is the route to a URL, "" being the file's.
func (p *Plan) route(to string) (Route, *yamltree.Problem) {
	common := Route{Target: p.Target, Entry: p.Entry, Upstream: p.Upstream}
	if to == "" {
		return common, nil
	}
	at, wrong := parseURL(to, p.File.SocketIO.Path)
	if wrong != nil {
		return common, wrong
	}
	if p.Config == nil { // its mistakes are told
		return common, &yamltree.Problem{Text: "there is no proxy"}
	}
	literal, err := netip.ParseAddr(at.Host)
	if f := p.first(); f != nil && at.Port == f.Listen.Port() && (err == nil && literal == f.Listen.Addr() || at.Host == f.Name) {
		w := common
		w.Target = Target{Address: f.Listen, Host: at.Host, Path: at.Path, Query: at.Query}
		w.Entry.Host, w.Entry.Path, w.Entry.Query = at.Host, at.Path, at.Query
		w.Upstream = p.reached(p.Config, w.Entry)
		return w, nil
	}
	t, direct, wrong := p.find(at)
	if wrong != nil {
		return common, wrong
	}
	w := Route{Target: t, Entry: t}
	if direct {
		return w, nil
	}
	w.Entry.Address6 = p.listener(t.Address.Port()).v6
	w.Target = w.Entry
	w.Upstream = p.reached(p.Config, w.Entry)
	if f := p.first(); f != nil && err != nil { // names lead to the front, an address goes past it
		w.Target.Address, w.Target.Address6 = f.Listen, netip.AddrPort{}
	}
	return w, nil
}

// first is the front that clients reach, nil without one.
func (p *Plan) first() *FrontPlan {
	if len(p.Fronts) == 0 {
		return nil
	}
	return p.Fronts[0]
}

// MaxURLs bounds the urls of groups that differ.
const MaxURLs = 100

// urlsOf are those of groups, also of groups that steps add, without repeats.
func urlsOf(f *scenario.File) []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, g := range groupsOf(f.Clients, f.Steps) {
		if !seen[g.URL] {
			seen[g.URL] = true
			out = append(out, g.URL)
		}
	}
	return out
}

// urls keeps the urls of groups, as many as there may be.
func (r *resolver) urls() {
	all := urlsOf(r.f)
	if len(all) > MaxURLs {
		r.Key("clients", fmt.Sprintf("groups go to %d urls", len(all)), fmt.Sprintf("at most %d", MaxURLs), "")
		all = all[:MaxURLs]
	}
	r.plan.urls = all
}

// UsedBy returns the upstreams that clients reach under a configuration, that of
// the file's url first; none when all go to nodes directly.
func (p *Plan) UsedBy(config *nginx.Config) []string {
	entry := p.Entry
	if !entry.Address.IsValid() {
		entry = p.Target // not decided yet
	}
	out := p.pools(config, entry)
	for _, to := range p.urls {
		if w, wrong := p.route(to); wrong == nil && w.Upstream != "" {
			out = add(out, p.pools(config, w.Entry))
		}
	}
	return out
}

// add appends the names that are not there yet.
func add(names, more []string) []string {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// pools are the upstreams that requests can reach, that of reached first: where
// a variable names the upstream there may be several.
func (p *Plan) pools(config *nginx.Config, entry Target) []string {
	first := p.reached(config, entry)
	if first == "" {
		return nil
	}
	_, location := config.Select(entry.Address, entry.Host, entry.Location())
	if location == nil || location.Proxy == nil {
		return []string{first}
	}
	return add([]string{first}, location.Upstreams())
}

// reached is the upstream that requests reach, or the first that any server
// proxies to; "" without one.
func (p *Plan) reached(config *nginx.Config, entry Target) string {
	_, location := config.Select(entry.Address, entry.Host, entry.Location())
	if location != nil && location.Proxy != nil {
		return location.Proxy.Upstream
	}
	for _, s := range config.Servers {
		if name := s.FirstUpstream(); name != "" {
			return name
		}
	}
	return ""
}

// urlParts is a URL, taken apart.
type urlParts struct {
	Host  string
	Port  uint16
	Path  string
	Query string
}

const aURL = "a URL such as http://im.example.com/socket.io/"

// maxURL bounds a URL, which is a part of the first line of every request.
const maxURL = 4000

// urlHost is what may stand for the host of a URL: a name or an address.
var urlHost = regexp.MustCompile(`^[A-Za-z0-9_.:-]+$`)

// parseURL takes a URL apart. The path keeps its escapes: requests have it as it is
// written.
func parseURL(text, usual string) (urlParts, *yamltree.Problem) {
	u, err := url.Parse(text)
	ports := map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}
	var escape url.EscapeError
	switch {
	case len(text) > maxURL:
		return urlParts{}, &yamltree.Problem{Text: fmt.Sprintf("the URL has %d bytes", len(text)), Expected: fmt.Sprintf("at most %d", maxURL)}
	case errors.As(err, &escape):
		return urlParts{}, &yamltree.Problem{Text: fmt.Sprintf("%q is not an escape of a URL", string(escape)), Expected: "% and two hexadecimal digits, such as %20", Hint: "%25 stands for % itself"}
	case err != nil, ports[u.Scheme] == "", !urlHost.MatchString(u.Hostname()):
		return urlParts{}, &yamltree.Problem{Text: fmt.Sprintf("%q is not a URL", yamltree.Shorten(text)), Expected: aURL}
	case u.User != nil, u.Fragment != "":
		return urlParts{}, &yamltree.Problem{Text: fmt.Sprintf("clients do not send all of %q", yamltree.Shorten(text)), Expected: "a URL without a user and without a #"}
	}
	port := u.Port()
	if port == "" {
		port = ports[u.Scheme]
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return urlParts{}, &yamltree.Problem{Text: fmt.Sprintf("%q is not a port", port), Expected: "1 to 65535"}
	}
	if wrong := checkQuery(u.RawQuery); wrong != nil {
		return urlParts{}, wrong
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/") + "/"
	if path == "/" {
		path = cmp.Or(usual, scenario.DefaultPath)
	}
	return urlParts{u.Hostname(), uint16(number), path, u.RawQuery}, nil
}

// taken are the parameters that a client sets itself.
var taken = []string{"EIO", "transport", "sid", "t"}

// checkQuery checks what a URL adds to every request: it becomes
// a part of the request's first line.
func checkQuery(query string) *yamltree.Problem {
	if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &yamltree.Problem{Text: fmt.Sprintf("%q is not the query of a URL", yamltree.Shorten(query)), Expected: "plain characters, others as in %20"}
	}
	for one := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(one, "="); slices.Contains(taken, name) {
			return &yamltree.Problem{Text: fmt.Sprintf("the client sets %q itself", name), Expected: "another parameter, such as room=tea"}
		}
	}
	return nil
}

// find is where a URL leads, past any front; direct: to a node.
func (p *Plan) find(u urlParts) (t Target, direct bool, wrong *yamltree.Problem) {
	addresses, known := p.dial(u.Host, u.Port)
	if !known {
		return t, false, &yamltree.Problem{
			Text: fmt.Sprintf("no host %q", u.Host), Expected: "a server_name, a node, a name of hosts:, or an address",
			Hint: spell.DidYouMean(u.Host, append(p.serverNames(), p.hostNames()...)),
		}
	}
	for _, a := range addresses {
		at := netip.AddrPortFrom(a, u.Port)
		direct := slices.ContainsFunc(p.Nodes, func(n scenario.Node) bool { return n.Listen == at })
		if direct || slices.Contains(p.Proxy, at) {
			return Target{Address: at, Host: u.Host, Path: u.Path, Query: u.Query}, direct, nil
		}
	}
	var open []string
	for _, a := range p.Proxy {
		open = append(open, a.String())
	}
	return t, false, &yamltree.Problem{Text: fmt.Sprintf("nothing listens on port %d of %s", u.Port, u.Host), Hint: "the proxy listens on " + strings.Join(open, ", ")}
}

// dial finds the addresses that clients know a host by, the likeliest first. Names of the
// proxy's servers lead to the proxy, also those that are addresses or stand in hosts.
func (p *Plan) dial(host string, port uint16) ([]netip.Addr, bool) {
	found, _ := lookup(host, p.Nodes, p.Hosts)
	for _, s := range p.Config.Servers {
		for _, l := range s.Listen {
			a := ListenAddress(l, p.ProxyAddress)
			if chosen, _ := p.Config.Select(a, host, "/"); a.Port() == port && chosen == s && named(s, host) {
				return append(slices.Clone(found), a.Addr()), true
			}
		}
	}
	if len(found) > 0 {
		return found, true
	}
	if slices.Contains(p.serverNames(), host) {
		return []netip.Addr{p.ProxyAddress}, true
	}
	return nil, false
}

func (p *Plan) serverNames() []string {
	var out []string
	for _, s := range p.Config.Servers {
		for _, name := range s.Names {
			if name != "" && !strings.HasPrefix(name, "~") && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
