// Package doctor finds out by experiment what an nginx configuration breaks for
// Socket.IO clients, and how to fix it.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/population"
	"stickylab/sim/scenario"
)

// From is the route by which clients reach nginx.
type From string

// The values of From.
const (
	Both   From = "both"   // directly, and tried through a proxy in front in case there is one
	Direct From = "direct" // nothing is in front of nginx
	Behind From = "behind" // all clients come through a proxy in front
)

// Options say what is examined. The zero value works.
type Options struct {
	Source    string          // the name of the text: "nginx.conf"
	Version   nginx.Version   // of nginx
	Path      string          // of Socket.IO; default /socket.io/, or what the text implies
	Server    string          // only the server block of that name
	Upstream  string          // only sites that lead to that upstream
	From      From            // default Both
	Front     netip.Addr      // of the proxy in front; default 192.0.2.10, a placeholder
	Adapter   string          // of the nodes: "redis", "none", or "" when it is not known
	Processes int             // behind each address; 0 means that it is not known
	Hosts     []scenario.Host // the addresses of names; default two for localhost, one for each other
	Lessons   []string        // the existing lessons; nil means all that the doctor names
	Seed      uint64          // default 1

	Clients     *population.Clients // who the users are; nil means that it is not known
	ClientsFile string              // what it was read from

	only  []string // experiments that run after steady; nil means all that can show something
	known bool     // Front is set: something is in front
}

// mostExperiments bounds the experiments with the text as it is. Each fix runs the
// same ones again.
const mostExperiments = 12

// ErrUnusable is the error for a text that nginx accepts and that cannot be
// examined, and for options that do not fit it.
var ErrUnusable = errors.New("it cannot be examined")

// Examine diagnoses an nginx.conf. The problems are the faults that nginx itself
// would report. The error is ErrUnusable when there is nothing to examine,
// sim.ErrStopped when ctx ends, or a failure of the program.
func Examine(ctx context.Context, text string, o Options) (*Report, []syntax.Problem, error) {
	o.fill()
	return examine(ctx, newLibrary(o.Version, o.Hosts), text, o)
}

func examine(ctx context.Context, texts *library, text string, o Options) (*Report, []syntax.Problem, error) {
	source := texts.Scan(strings.TrimPrefix(text, "\ufeff"))
	p, problems := texts.prepare(source)
	if i := slices.IndexFunc(problems, func(x syntax.Problem) bool { return x.Code != nginx.NotSimulated }); p.overStream && len(problems) > 0 && i < 0 {
		return nil, nil, fmt.Errorf("%w: line %d: %s", ErrUnusable, problems[0].Pos.Line, problems[0].Sentence())
	}
	if len(problems) > 0 {
		return nil, problems, nil
	}
	found := p.sites(choice{o.Path, o.Server, o.Upstream})
	if len(found.sites) == 0 && len(found.left) == 0 {
		return nil, nil, o.nothing(p)
	}
	r := &Report{Source: o.Source, Version: o.Version, First: p.first, Notes: p.notes, Left: found.left, options: o}
	left := mostExperiments
	for _, s := range found.sites {
		x := newExamination(ctx, o, texts, s)
		if left <= 0 {
			r.Left = append(r.Left, Note{Line: s.server.Pos.Line, Text: s.title() + ": too many experiments with the others; name it with --server or --upstream"})
			continue
		}
		if err := r.users(x, s); err != nil {
			return nil, nil, err
		}
		x.most = left
		site, err := x.examine(source)
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
	o.Version = cmp.Or(o.Version, nginx.DefaultVersion)
	o.From = cmp.Or(o.From, Both)
	o.known = o.Front.IsValid()
	o.Front = cmp.Or(o.Front, placeholder)
	o.Seed = cmp.Or(o.Seed, 1)
}

// nothing returns the error that says why nothing is examined.
func (o Options) nothing(p *prepared) error {
	all := p.sites(choice{path: o.Path}).sites
	if len(all) == 0 {
		if p.unreadFiles() {
			return fmt.Errorf("%w: no server block proxies anything; give the file that does, or insert the text of the included files", ErrUnusable)
		}
		if p.overStream {
			return fmt.Errorf("%w: no server of the stream block passes connections to Socket.IO: those that are there have the ports of other protocols, or lead nowhere that can be simulated", ErrUnusable)
		}
		if d := p.otherHandler(); d != nil {
			return fmt.Errorf("%w: no server block has proxy_pass; %s in line %d is not simulated: clients may poll through it, but it passes no WebSocket on", ErrUnusable, d.Name, d.Pos.Line)
		}
		return fmt.Errorf("%w: no server block proxies anything: a location with proxy_pass is needed", ErrUnusable)
	}
	var names []string
	for _, s := range all {
		names = append(names, fmt.Sprintf("%s, upstream %s", s.title(), s.upstream.Name))
	}
	what := "server " + o.Server
	if o.Upstream != "" {
		what = "upstream " + o.Upstream
	}
	return fmt.Errorf("%w: no Socket.IO client reaches %s; the text has %s", ErrUnusable, what, strings.Join(names, "; "))
}

// otherHandler is the first directive by which another module gives requests to a
// server; nil means none.
func (p *prepared) otherHandler() (found *syntax.Directive) {
	syntax.Each(p.tree.Directives, func(d *syntax.Directive) {
		if found == nil && slices.Contains([]string{"uwsgi_pass", "fastcgi_pass", "scgi_pass"}, d.Name) {
			found = d
		}
	})
	return found
}

// notTried lists what the experiments leave out.
func notTried(o Options, p *prepared) []string {
	list := []string{
		"TLS and HTTP/2",
		"slow networks and load",
		"CORS and pages of other sites",
		"a node that freezes",
		"limits of connections, files and memory",
	}
	if o.From == Behind {
		list = append(list, "clients that bypass the proxy in front")
	}
	if o.From == Direct {
		list = append(list, "clients behind a proxy, a CDN or a load balancer")
	} else {
		list = append(list, "two proxies in a row in front")
	}
	var idle []string
	for _, n := range p.config.Notes {
		if n.Code == nginx.NoEffect && interesting(n.Subject) {
			idle = append(idle, fmt.Sprintf("%s (line %d)", n.Subject, n.Pos.Line))
		}
	}
	if len(idle) > 0 {
		list = append(list, "directives that are not simulated: "+strings.Join(idle, ", "))
	}
	return list
}

// interesting reports whether a directive that is not simulated could matter to
// Socket.IO's requests.
func interesting(name string) bool {
	return hasPrefix(name, "limit_", "auth_", "allow", "deny", "proxy_cache", "proxy_redirect", "proxy_bind", "proxy_request_buffering", "rewrite", "if", "try_files", "error_page", "client_", "keepalive_t", "lingering", "send_timeout", "mirror", "satisfy", "internal", "slow_start", "resolver")
}

func hasPrefix(name string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
