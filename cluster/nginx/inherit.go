package nginx

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// level is what the blocks inside a block inherit.
type level struct {
	proxy   ProxyPass // without where it leads to
	realIP  RealIP
	maxBody int64
	head    HeadRules
	kept    Kept
	rules   Rules

	redirectOff     bool              // proxy_redirect off
	redirectDefault *syntax.Directive // of this level
}

// defaults are nginx's defaults (ngx_http_proxy_merge_loc_conf).
func defaults(v Version) level {
	return level{
		proxy: ProxyPass{
			Buffering: true, BufferSize: 4 << 10, ConnectTimeout: time.Minute, SendTimeout: time.Minute, ReadTimeout: time.Minute,
			NextUpstream: NextUpstream{Kinds: []string{"error", "timeout"}},
		},
		realIP:  RealIP{Header: "X-Real-IP", brackets: v.atLeast("1.27.3")},
		maxBody: 1 << 20,
		head:    HeadRules{Buffer: 1 << 10, Large: 8 << 10, Number: 4, Timeout: time.Minute},
		rules:   Rules{Limits: Limits{ReqStatus: 503, ConnStatus: 503}},
		kept:    Kept{Requests: 1000, Timeout: 75 * time.Second, Time: time.Hour},
	}
}

// level reads the inherited directives of a block on top of the outer level.
// proxy_set_header and set_real_ip_from of the outer level are dropped by the
// first one of this level.
func (r *reader) level(block []*syntax.Directive, l level) level {
	own := map[string]bool{}
	l.redirectDefault = nil
	for _, d := range block {
		if d.Broken {
			continue
		}
		switch d.Name {
		case "proxy_set_header":
			if !own[d.Name] {
				l.proxy.Headers, own[d.Name] = nil, true
			}
			r.uses(d.Args[1])
			l.proxy.Headers = append(l.proxy.Headers, Header{d.Pos, d.Args[0].Text, d.Args[1].Text})
		case "proxy_http_version":
			if d.Args[0].Text == "2" && r.version.hasHTTP2Upstream() {
				r.Note(Substituted, "proxy_http_version 2", d.Args[0].Pos, "", "HTTP/2 to an upstream is simulated as HTTP/1.1")
				l.proxy.HTTPVersion = "1.1"
				break
			}
			l.proxy.HTTPVersion = r.oneOf(d, "1.0", "1.1")
		case "proxy_buffering":
			l.proxy.Buffering = isOn(d)
		case "proxy_buffer_size":
			l.proxy.BufferSize = r.bufferSize(d, d.Args[0], 1)
		case "proxy_redirect":
			r.proxyRedirect(d, &l, own)
		case "proxy_hide_header":
			l.proxy.HideHeaders = headerNames(d, l.proxy.HideHeaders, own)
		case "proxy_pass_header":
			l.proxy.PassHeaders = headerNames(d, l.proxy.PassHeaders, own)
		case "proxy_ignore_headers":
			l.proxy.IgnoreHeaders = headerNames(d, nil, own)
		case "proxy_connect_timeout":
			l.proxy.ConnectTimeout = r.duration(d)
		case "proxy_send_timeout":
			l.proxy.SendTimeout = r.duration(d)
		case "proxy_read_timeout":
			l.proxy.ReadTimeout = r.duration(d)
		case "proxy_next_upstream":
			l.proxy.NextUpstream.Kinds = r.kinds(d)
		case "proxy_next_upstream_tries":
			n, ok := number(d.Args[0].Text)
			if !ok {
				r.Fail(BadValue, d.Args[0].Pos, fromZero, "%q directive invalid number", d.Name)
			}
			l.proxy.NextUpstream.Tries = n
		case "proxy_next_upstream_timeout":
			l.proxy.NextUpstream.Timeout = r.duration(d)
		case "set_real_ip_from":
			if !own[d.Name] {
				l.realIP.From, l.realIP.Hosts, own[d.Name] = nil, nil, true
			}
			r.trust(&l.realIP, d)
		case "real_ip_header":
			l.realIP.Header = d.Args[0].Text
		case "client_max_body_size":
			n, ok := offset(d.Args[0].Text)
			if !ok {
				r.Fail(BadValue, d.Args[0].Pos, "a size such as 10m, or 0 for no limit", "%q directive invalid value", d.Name)
			}
			l.maxBody = n
		case "client_header_buffer_size":
			l.head.Buffer = r.bufferSize(d, d.Args[0], 1)
		case "large_client_header_buffers":
			n, ok := number(d.Args[0].Text)
			if !ok || n < 1 {
				r.Fail(BadValue, d.Args[0].Pos, "how many buffers, and the size of each, such as 4 8k", "%q directive invalid value", d.Name)
			}
			l.head.Number, l.head.Large = n, r.bufferSize(d, d.Args[1], poolSize)
			if l.head.Number > maxHead/l.head.Large {
				r.Fail(NotSimulated, d.Args[0].Pos, "use fewer or smaller ones", "buffers of more than 1m in all are not simulated")
			}
		case "keepalive_requests", "keepalive_timeout", "keepalive_time":
			r.kept(d, &l.kept)
		case "client_header_timeout":
			l.head.Timeout = r.duration(d)
		case "underscores_in_headers":
			l.head.Underscores = isOn(d)
		case "ignore_invalid_headers":
			l.head.KeepInvalid = !isOn(d)
		case "real_ip_recursive":
			l.realIP.Recursive = isOn(d)
		default:
			r.rule(d, &l.rules, own)
		}
	}
	return l
}

// headerNames adds the names of headers of a directive, in lower case. The first one of a level
// drops those of the outer level.
func headerNames(d *syntax.Directive, list []string, own map[string]bool) []string {
	if !own[d.Name] {
		list, own[d.Name] = nil, true
	}
	list = slices.Clip(list)
	for _, arg := range d.Args {
		list = append(list, strings.ToLower(arg.Text))
	}
	return list
}

// kept reads a directive about kept connections.
func (r *reader) kept(d *syntax.Directive, k *Kept) {
	switch d.Name {
	case "keepalive_requests":
		n, ok := number(d.Args[0].Text)
		if !ok {
			r.Fail(BadValue, d.Args[0].Pos, fromZero, "%q directive invalid number", d.Name)
		}
		k.Requests = n
	case "keepalive_time":
		k.Time = r.duration(d)
	case "keepalive_timeout":
		k.Timeout, k.Header = r.duration(d), 0
		if len(d.Args) == 2 {
			told, ok := ParseTime(d.Args[1].Text, true)
			if !ok {
				r.Fail(BadValue, d.Args[1].Pos, "a time in whole seconds", "%q directive invalid value", d.Name)
			}
			k.Header = told
		}
	}
}

const (
	poolSize = 512     // connection_pool_size, below which nginx takes no large buffers
	maxHead  = 1 << 20 // what one client can make the proxy hold of a head
)

// bufferSize reads a size of at least least bytes; after a failure it is that.
func (r *reader) bufferSize(d *syntax.Directive, at syntax.Word, least int64) int {
	n, ok := offset(at.Text)
	switch {
	case !ok || strings.HasSuffix(strings.ToLower(at.Text), "g"): // ngx_parse_size knows no such unit
		r.Fail(BadValue, at.Pos, "a size such as 8k", "%q directive invalid value", d.Name)
	case n < least && least == poolSize:
		r.Fail(BadValue, at.Pos, "at least 512", `the %q size must be equal to or greater than "connection_pool_size"`, d.Name)
	case n < least || n > maxHead:
		r.Fail(NotSimulated, at.Pos, "use up to 1m", "a buffer of %s is not simulated", at.Text)
	}
	return int(min(max(n, least), maxHead))
}

func isOn(d *syntax.Directive) bool { return strings.EqualFold(d.Args[0].Text, "on") }

// oneOf reads a directive that takes one of a few words.
func (r *reader) oneOf(d *syntax.Directive, words ...string) string {
	if !slices.Contains(words, d.Args[0].Text) {
		r.Fail(BadValue, d.Args[0].Pos, "it is "+listed(words), "invalid value %q", d.Args[0].Text)
		return ""
	}
	return d.Args[0].Text
}

var nextUpstreamKinds = []string{
	"error", "timeout", "invalid_header", "non_idempotent", "http_500", "http_502", "http_503", "http_504", "http_403", "http_404", "http_429",
	"updating", "off",
}

// kinds reads proxy_next_upstream; "off" stands alone whatever else is listed.
func (r *reader) kinds(d *syntax.Directive) []string {
	var kinds []string
	for _, arg := range d.Args {
		if !slices.Contains(nextUpstreamKinds, arg.Text) {
			hint := cmp.Or(spell.DidYouMean(arg.Text, nextUpstreamKinds), "it is "+listed(nextUpstreamKinds))
			r.Fail(BadValue, arg.Pos, hint, "invalid value %q", arg.Text)
		} else if !slices.Contains(kinds, arg.Text) {
			kinds = append(kinds, arg.Text)
		}
	}
	if slices.Contains(kinds, "off") {
		return []string{"off"}
	}
	return kinds
}
