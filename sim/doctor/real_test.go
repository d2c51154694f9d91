//go:build peers

package doctor

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// Real is a text made ready for a real nginx: every server listens on loopback, every
// node is at loopback, and what needs files or other modules is left out.
type Real struct {
	Text     string // of the http block
	Path     string // that clients ask for
	Host     string // that clients ask for; "" means the address of nginx
	NodePath string
	Plain    bool
	Quiet    time.Duration // after which a connection is cut
	Server   int           // number of the examined server block
	Stream   bool          // the text is that of the stream block
}

// left out of a text for a real nginx: they need certificates, files, other processes,
// or another build.
func (w *realText) leftOut(d *syntax.Directive) bool {
	if hasPrefix(d.Name, "ssl", "http2", "access_log", "error_log", "pid", "user", "worker_", "load_module", "include", "events", "mail", "stream", "proxy_ssl", "proxy_cache", "quic", "http3", "zone") {
		return true
	}
	return slices.ContainsFunc(w.config.Notes, func(n syntax.Problem) bool {
		return n.Subject == d.Name && (n.Code == nginx.OfModule || n.Code == nginx.NotSimulated)
	})
}

type realText struct {
	strings.Builder
	*prepared
	site   *site
	listen func(server int) string
	node   func(name string) string // address
	number int                      // of the next server block
}

// OnNginx makes a text ready for a real nginx, whose server blocks listen where listen
// says, and whose nodes are where node says. It fails when nothing in it is examined.
func OnNginx(text string, o Options, listen func(server int) string, node func(name string) string) (*Real, error) {
	o.fill()
	texts := newLibrary(o.Version, o.Hosts)
	p, problems := texts.prepare(texts.Scan(strings.TrimPrefix(text, "\ufeff")))
	if len(problems) > 0 {
		return nil, problems[0]
	}
	sites := p.sites(choice{o.Path, o.Server, o.Upstream}).sites
	if len(sites) == 0 {
		return nil, ErrUnusable
	}
	s := sites[0]
	w := &realText{prepared: p, site: s, listen: listen, node: node}
	if s.connects() {
		w.stream()
		return &Real{Quiet: s.server.Stream.Timeout, Text: w.String(), Path: s.path, NodePath: s.nodePath(), Server: s.number, Stream: true}, nil
	}
	list := p.tree.Directives
	for _, d := range list {
		if d.Name == "http" && d.IsBlock {
			list = d.Block
		}
	}
	if o.Version.Modern() && len(syntax.Find(list, "proxy_http_version")) == 0 {
		w.WriteString("proxy_http_version 1.1;\n") // which older ones do not have by default
	}
	if w.part(list) {
		w.list(list, "http")
	}
	var quiet time.Duration
	if s.location != nil && s.location.Proxy != nil {
		quiet = min(s.location.Proxy.ReadTimeout, s.location.Proxy.SendTimeout)
	}
	host := s.host
	if _, err := netip.ParseAddr(host); err == nil { // of the proxy, which is elsewhere here
		host = ""
	}
	return &Real{Quiet: quiet, Text: w.String(), Path: s.path, Host: host, NodePath: s.nodePath(), Plain: s.plain, Server: s.number}, nil
}

// stream writes the examined server of a stream block, with its upstream.
func (w *realText) stream() {
	syntax.Each(w.tree.Directives, func(d *syntax.Directive) {
		if d.Name == "upstream" && strings.EqualFold(d.Arg(0), w.site.upstream.Name) {
			w.directive(d, "stream")
		}
	})
	syntax.Each(w.tree.Directives, func(d *syntax.Directive) {
		if d.Name != "server" || d.Pos.Line != w.site.server.Pos.Line || !d.IsBlock {
			return
		}
		w.number = w.site.number
		if pass := last(d.Find("proxy_pass")); w.site.upstream.Implicit {
			w.WriteString("upstream implicit { server " + w.node(pass.Arg(0)) + "; }\n")
		}
		w.directive(d, "stream")
	})
}

// part writes the inside of a server or a location with the blocks around it, and
// reports whether the text is a whole one instead.
func (w *realText) part(list []*syntax.Directive) (whole bool) {
	if !w.bare {
		return true
	}
	var inner, within []*syntax.Directive
	for _, d := range list {
		switch {
		case slices.Contains([]string{"upstream", "map", "geo", "split_clients", "limit_req_zone", "limit_conn_zone"}, d.Name):
			w.list([]*syntax.Directive{d}, "http")
		case w.config.Part == nginx.InsideLocation && !d.IsBlock && d.Name != "listen" && d.Name != "server_name":
			within = append(within, d)
		default:
			inner = append(inner, d)
		}
	}
	fmt.Fprintf(w, "server {\nlisten %s;\n", w.listen(w.site.number))
	w.list(inner, "server")
	if len(within) > 0 {
		w.WriteString("location / {\n")
		w.list(within, "location")
		w.WriteString("}\n")
	}
	w.WriteString("}\n")
	return false
}

func (w *realText) list(list []*syntax.Directive, in string) {
	for _, d := range list {
		w.directive(d, in)
	}
}

func (w *realText) directive(d *syntax.Directive, in string) {
	var args []string
	for _, a := range d.Args {
		args = append(args, w.tree.Text()[a.Start:a.End])
	}
	switch {
	case w.leftOut(d), d.Name == "listen":
		return
	case d.Name == "server" && in == "upstream":
		args[0] = w.node(d.Arg(0))
	case d.Name == "set_real_ip_from" && !strings.ContainsAny(d.Arg(0), ".:/"):
		args[0] = "127.0.0.0/8" // of a name that no one knows here
	case d.Name == "proxy_pass":
		scheme, rest, ok := strings.Cut(d.Arg(0), "://")
		host, uri, _ := strings.Cut(rest, "/")
		if ok && !strings.Contains(host, "$") && !slices.ContainsFunc(w.config.Upstreams, func(u *nginx.Upstream) bool { return !u.Implicit && strings.EqualFold(u.Name, host) }) {
			host = w.node(host)
		}
		if ok && len(rest) > len(uri) && strings.Contains(rest, "/") {
			uri = "/" + uri
		}
		if ok && !strings.Contains(scheme, "$") {
			args[0] = strconv.Quote("http://" + host + uri)
		}
		if w.site.connects() && w.site.upstream.Implicit {
			args[0] = "implicit"
		}
	}
	fmt.Fprint(w, d.Name)
	for _, a := range args {
		w.WriteString(" " + a)
	}
	if !d.IsBlock {
		w.WriteString(";\n")
		return
	}
	w.WriteString(" {\n")
	inner := d.Name
	if d.Name == "server" {
		fmt.Fprintf(w, "listen %s;\n", w.listen(w.number))
		w.number++
	}
	if strings.HasSuffix(d.Name, "map") || d.Name == "geo" || d.Name == "split_clients" {
		for _, line := range d.Block {
			w.WriteString(w.tree.Text()[line.Start:line.End] + "\n")
		}
	} else {
		w.list(d.Block, inner)
	}
	w.WriteString("}\n")
}

// NodeKey is a node as server lines and proxy_pass name it, with its port.
func NodeKey(name string) string {
	if _, _, err := net.SplitHostPort(name); err == nil {
		return name
	}
	if a, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return net.JoinHostPort(a.String(), "80")
	}
	return name + ":80"
}
