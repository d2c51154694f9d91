package nginx

import (
	"slices"
	"strings"
	"time"

	"stickylab/cluster/spell"
)

// level is what a block hands down to the blocks inside it.
type level struct {
	headers     []Header
	httpVersion string
	buffering   bool
	connect     time.Duration
	send        time.Duration
	read        time.Duration
	next        NextUpstream
	realIP      RealIP
	maxBody     int64
}

// defaults are nginx's defaults (ngx_http_proxy_merge_loc_conf).
func defaults() level {
	return level{
		buffering: true,
		connect:   time.Minute, send: time.Minute, read: time.Minute,
		next:    NextUpstream{Kinds: []string{"error", "timeout"}},
		realIP:  RealIP{Header: "X-Real-IP"},
		maxBody: 1 << 20,
	}
}

// level reads the inherited directives of a block on top of the outer level.
// proxy_set_header and set_real_ip_from of the outer level are dropped by the
// first one of this level.
func (r *reader) level(block []*directive, l level) level {
	seen := once{}
	own := once{}
	for _, d := range block {
		if d.bad {
			continue
		}
		switch d.text {
		case "proxy_set_header":
			if !own[d.text] {
				l.headers, own[d.text] = nil, true
			}
			r.uses(d.args[1])
			l.headers = append(l.headers, Header{d.at, d.args[0].text, d.args[1].text})
		case "proxy_http_version":
			if r.isDuplicate(d, seen) {
				break
			}
			if d.args[0].text == "2" && !r.old() {
				r.fail(d.args[0].at, "use 1.1", "HTTP/2 to an upstream is not simulated")
				break
			}
			l.httpVersion = r.oneOf(d, "1.0", "1.1")
		case "proxy_buffering":
			if !r.isDuplicate(d, seen) {
				l.buffering = isOn(d)
			}
		case "proxy_connect_timeout":
			l.connect = r.duration(d, seen, l.connect)
		case "proxy_send_timeout":
			l.send = r.duration(d, seen, l.send)
		case "proxy_read_timeout":
			l.read = r.duration(d, seen, l.read)
		case "proxy_next_upstream":
			if !r.isDuplicate(d, seen) {
				l.next.Kinds = r.kinds(d)
			}
		case "proxy_next_upstream_tries":
			if !r.isDuplicate(d, seen) {
				n, ok := number(d.args[0].text)
				if !ok {
					r.fail(d.args[0].at, "it takes a number from 0 on", "%q directive invalid number", d.text)
				}
				l.next.Tries = n
			}
		case "proxy_next_upstream_timeout":
			l.next.Timeout = r.duration(d, seen, l.next.Timeout)
		case "set_real_ip_from":
			if !own[d.text] {
				l.realIP.From, own[d.text] = nil, true
			}
			l.realIP.From = append(l.realIP.From, r.trusted(d)...)
		case "real_ip_header":
			if !r.isDuplicate(d, seen) {
				l.realIP.Header = d.args[0].text
			}
		case "client_max_body_size":
			if !r.isDuplicate(d, seen) {
				n, ok := offset(d.args[0].text)
				if !ok {
					r.fail(d.args[0].at, "a size such as 10m, or 0 for no limit", "%q directive invalid value", d.text)
				}
				l.maxBody = n
			}
		case "real_ip_recursive":
			if !r.isDuplicate(d, seen) {
				l.realIP.Recursive = isOn(d)
			}
		}
	}
	return l
}

func isOn(d *directive) bool { return strings.EqualFold(d.args[0].text, "on") }

// oneOf reads a directive that takes one of a few words.
func (r *reader) oneOf(d *directive, words ...string) string {
	if !slices.Contains(words, d.args[0].text) {
		r.fail(d.args[0].at, "it is "+listed(words), "invalid value %q", d.args[0].text)
		return ""
	}
	return d.args[0].text
}

var nextUpstreamKinds = []string{
	"error", "timeout", "invalid_header", "non_idempotent", "http_500", "http_502", "http_503", "http_504", "http_403", "http_404", "http_429",
	"updating", "off",
}

// kinds reads proxy_next_upstream; "off" stands alone whatever else is listed.
func (r *reader) kinds(d *directive) []string {
	var kinds []string
	for _, arg := range d.args {
		if !slices.Contains(nextUpstreamKinds, arg.text) {
			hint := spell.DidYouMean(arg.text, nextUpstreamKinds)
			if hint == "" {
				hint = "it is " + listed(nextUpstreamKinds)
			}
			r.fail(arg.at, hint, "invalid value %q", arg.text)
		} else if !slices.Contains(kinds, arg.text) {
			kinds = append(kinds, arg.text)
		}
	}
	if slices.Contains(kinds, "off") {
		return []string{"off"}
	}
	return kinds
}
