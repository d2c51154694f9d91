package proxy

import (
	"net/http"
	"slices"
	"strings"

	"stickylab/cluster/proxy/wire"
)

// hidden are the headers of an answer that nginx does not pass on unless
// proxy_pass_header says so (ngx_http_proxy_hide_headers).
var hidden = []string{
	"date", "server", "x-pad", "x-accel-expires", "x-accel-redirect", "x-accel-limit-rate", "x-accel-buffering", "x-accel-charset",
}

// ofConnection are those that belong to the connection to the upstream.
var ofConnection = map[string]bool{"content-length": true, "connection": true, "keep-alive": true, "transfer-encoding": true}

// followed are those that stay when X-Accel-Redirect leads elsewhere
// (ngx_http_upstream_headers_in).
var followed = map[string]bool{
	"content-type": true, "set-cookie": true, "content-disposition": true, "cache-control": true, "expires": true, "accept-ranges": true,
}

// copyHeaders passes the headers of the upstream's answer on; with only, those of that
// set (ngx_http_upstream_process_headers).
func (x *request) copyHeaders(a *wire.Answer, only map[string]bool) {
	for _, h := range a.Headers {
		name := strings.ToLower(h.Name)
		switch {
		case ofConnection[name], only != nil && !only[name], only == nil && x.plan.hides(name):
		case name == "content-type":
			x.w.contentType = h.Value
		case name == "location":
			x.passLocation(h)
		case name == "refresh":
			if i := strings.Index(strings.ToLower(h.Value), "url="); i >= 0 {
				h.Value, _ = x.visit.Redirect(x.plan.ProxyPass, h.Value, i+len("url="))
			}
			x.w.headers = append(x.w.headers, h)
		default:
			x.w.headers = append(x.w.headers, h)
		}
	}
	for _, name := range []string{"server", "date"} { // passed on from an upstream that has none
		if only == nil && !x.plan.hides(name) && !a.Headers.Has(name) {
			x.w.absent = append(x.w.absent, name)
		}
	}
}

// passLocation passes on where the upstream sends the client to; a path that a rule of
// proxy_redirect made becomes a URL.
func (x *request) passLocation(h wire.Header) {
	to, changed := x.visit.Redirect(x.plan.ProxyPass, h.Value, 0)
	if changed && strings.HasPrefix(to, "/") && !x.visit.URLs().Relative {
		x.w.location = x.absolute(to)
		return
	}
	x.w.headers = append(x.w.headers, wire.Header{Name: h.Name, Value: to})
}

// hides reports whether a header of an answer, in lower case, is not passed on.
func (pl *plan) hides(name string) bool {
	switch {
	case slices.Contains(pl.HideHeaders, name):
		return true
	case slices.Contains(pl.PassHeaders, name):
		return false
	}
	return slices.Contains(hidden, name)
}

// accelerated goes where X-Accel-Redirect of the upstream's answer leads, when it is
// there.
func (x *request) accelerated(a *wire.Answer) (to string, ok bool) {
	to = a.Headers.Get("X-Accel-Redirect")
	return to, to != "" && !slices.Contains(x.plan.IgnoreHeaders, "x-accel-redirect")
}

// goTo continues with another location, as the answer of the upstream has it.
func (x *request) goTo(a *wire.Answer, to string) bool {
	x.upstream.close()
	x.done(false, "")
	x.copyHeaders(a, followed)
	if !strings.HasPrefix(to, "@") && x.r.Method != http.MethodHead {
		x.r.Method = http.MethodGet
	}
	x.plan, x.uri = nil, ""
	return x.follow(x.visit.GoTo(to))
}
