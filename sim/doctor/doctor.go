// Package doctor finds out by experiment what an nginx configuration breaks for
// Socket.IO clients, and what mends it.
package doctor

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
)

// From is where clients come from.
type From string

// The values of From.
const (
	Both   From = "both"   // from their own addresses, and in case there is one through a proxy in front
	Direct From = "direct" // nothing stands in front of nginx
	Behind From = "behind" // nobody comes but through a proxy in front
)

// Options say what is examined. The zero value works.
type Options struct {
	Source   string     // the name of the text: "nginx.conf"
	Version  string     // of nginx: "1.30" (default) or "1.22"
	Path     string     // of Socket.IO; default: /socket.io/, or what the text makes of it
	Server   string     // only the server block of that name
	Upstream string     // only what leads to that upstream
	From     From       // default Both
	Front    netip.Addr // of the proxy in front; default 192.0.2.10, which is nobody's
	Lessons  []string   // the lessons that there are; nil: all that are known
	Seed     uint64     // default 1

	known bool // Front was named: something stands in front
}

// mostExperiments bounds the experiments with the text as it is. Those that try
// a mend are the same ones again.
const mostExperiments = 12

// ErrUnusable is the error for a text that nginx takes and that can not be
// examined, and for options that do not fit it.
var ErrUnusable = errors.New("it can not be examined")

// Examine diagnoses a text. The problems are what is wrong with the text
// itself; an error is ErrUnusable or a failure of the program.
func Examine(text string, o Options) (*Report, []nginx.Problem, error) {
	o.fill()
	text = strings.TrimPrefix(text, "\ufeff")
	p, problems := prepare(text, o.Version)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	sites := p.sites(choice{o.Path, o.Server, o.Upstream})
	if len(sites) == 0 {
		return nil, nil, o.nothing(p)
	}
	r := &Report{Source: o.Source, Version: o.Version, Notes: p.notes, options: o}
	left := mostExperiments
	for _, s := range sites {
		x := newExamination(o, s.number)
		if left <= 0 {
			r.Unexamined = append(r.Unexamined, s.title())
			continue
		}
		x.most = left
		site, err := x.examine(text)
		if err != nil {
			return nil, nil, err
		}
		left -= len(site.Tried)
		r.Sites = append(r.Sites, site)
	}
	r.NotTried = notTried(o, p)
	return r, nil, nil
}

func (o *Options) fill() {
	if o.Version == "" {
		o.Version = "1.30"
	}
	if o.From == "" {
		o.From = Both
	}
	if o.known = o.Front.IsValid(); !o.known {
		o.Front = placeholder
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
}

// nothing tells why nothing is examined.
func (o Options) nothing(p *prepared) error {
	all := p.sites(choice{path: o.Path})
	if len(all) == 0 {
		for _, line := range slices.Sorted(maps.Values(p.lost)) {
			return fmt.Errorf("%w: where proxy_pass in line %d leads to is not known before a request comes; name the upstream itself", ErrUnusable, line)
		}
		if len(p.notes) > 0 && slices.ContainsFunc(p.notes, func(n Note) bool { return strings.Contains(n.Text, "is not read") }) {
			return fmt.Errorf("%w: no server block proxies anything; give the file that does, or put the text of the included files here", ErrUnusable)
		}
		return fmt.Errorf("%w: no server block proxies anything, a location with proxy_pass is needed", ErrUnusable)
	}
	var names []string
	for _, s := range all {
		names = append(names, fmt.Sprintf("%s, upstream %s", s.title(), s.upstream.Name))
	}
	what := "server " + o.Server
	if o.Upstream != "" {
		what = "upstream " + o.Upstream
	}
	return fmt.Errorf("%w: no Socket.IO client reaches %s; there is %s", ErrUnusable, what, strings.Join(names, "; "))
}

// notTried lists what the experiments leave out.
func notTried(o Options, p *prepared) []string {
	list := []string{
		"TLS, certificates and HTTP/2: everything is simulated unencrypted",
		"delays and losses of real networks, and load: a client answers within 60 ms",
		"CORS, and cookies of pages on other sites",
		"a node that hangs without closing its connections",
		"limits of connections, files and memory",
	}
	if o.From == Behind {
		list = append(list, "clients that do not come through the proxy in front")
	}
	if o.From == Direct {
		list = append(list, "clients behind a proxy, a CDN or a load balancer")
	} else {
		list = append(list, "two proxies in a row in front of nginx")
	}
	var idle []string
	for _, n := range p.config.Notes {
		name, _, ok := strings.Cut(strings.TrimPrefix(n.Text, `"`), `" has no effect here`)
		if ok && interesting(name) {
			idle = append(idle, fmt.Sprintf("%s (line %d)", name, n.Pos.Line))
		}
	}
	if len(idle) > 0 {
		list = append(list, "directives that are not simulated: "+strings.Join(idle, ", "))
	}
	return list
}

// interesting tells whether a directive that is not simulated could matter to
// Socket.IO's requests.
func interesting(name string) bool {
	for _, prefix := range []string{"limit_", "auth_", "allow", "deny", "proxy_cache", "proxy_redirect", "proxy_bind", "proxy_request_buffering", "rewrite", "if", "try_files", "error_page", "client_", "keepalive_t", "lingering", "send_timeout", "mirror", "satisfy", "internal", "slow_start", "resolver"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
