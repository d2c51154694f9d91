package proxy

import (
	"cmp"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
)

// serve answers the request. It reports false when the connection must be dropped.
func (x *request) serve() bool {
	v := &x.visit
	raw, _, _ := strings.Cut(x.r.Target, "?")
	v.Length, v.Escaped, v.Plus = x.r.Length, strings.IndexByte(raw, '%') >= 0, strings.IndexByte(raw, '+') >= 0
	x.from(x.conn.remote)
	v.Begin(x.gen.config, x, x.conn.local, x.r.Host, x.r.Path, x.r.Args)
	if v.Server != nil {
		x.keep(&v.Server.Kept, false)
		x.from(realIP(x.conn, v.Server.RealIP, x.r.Headers))
	}
	return x.follow(v.Route())
}

// from takes an address and port for those of the client.
func (x *request) from(at netip.AddrPort) {
	if x.client == at.Addr() && x.port == at.Port() {
		return
	}
	x.client, x.port = at.Addr(), at.Port()
	x.peer = trace.N(balance.RemoteAddr(x.client))
}

// follow carries out how a phase has ended, and the phases that follow.
func (x *request) follow(end nginx.Ending) bool {
	v := &x.visit
	for {
		if l := v.Location; l != nil {
			x.keep(&l.Kept, v.Entered)
		}
		if end.Log != "" {
			x.log(end.Log, end.Status)
		}
		switch {
		case end.Return != nil:
			return x.respond(end.Return)
		case end.Redirect != "":
			return x.redirect(end.Status, end.Redirect)
		case end.Status != 0:
			if end.Status == http.StatusRequestEntityTooLarge {
				x.drop()
			}
			return x.sendPage(end.Status)
		case x.tooLarge():
			return x.sendPage(http.StatusRequestEntityTooLarge)
		}
		if x.inquiry {
			if len(v.Location.TryFiles) == 0 {
				return x.content(v.Location)
			}
			end = v.TryFiles()
			continue
		}
		if x.client == x.conn.remote.Addr() && x.port == x.conn.remote.Port() { // what the server has found stays
			x.from(realIP(x.conn, v.Location.RealIP, x.r.Headers))
		}
		if status := x.admit(v.Location); status != 0 {
			return x.sendPage(status)
		}
		if len(v.Location.TryFiles) == 0 {
			return x.content(v.Location)
		}
		end = v.TryFiles()
	}
}

// admit applies the limits of a location, and who may come. The result is the
// status of a refusal, 0 for none.
func (x *request) admit(l *nginx.Location) int {
	if status := x.limit(&l.Limits); status != 0 || l.Access == nil && l.Auth == "" {
		return status
	}
	_, password := x.credentials()
	status := l.Access.Permits(x.client, password)
	if l.Auth != "" && !l.Access.Grants(x.client, password) && (status == 0 || l.Access.Any) {
		return x.inquire(l)
	}
	switch status {
	case http.StatusForbidden:
		x.log("access forbidden by rule", status)
	case http.StatusUnauthorized:
		x.w.add("WWW-Authenticate", `Basic realm="`+x.expand(l.Access.Realm)+`"`) // an error page may ask again
	}
	return status
}

// content serves what the location has: there are no files.
func (x *request) content(l *nginx.Location) bool {
	if l.Proxy == nil {
		switch x.r.Method {
		case http.MethodGet, http.MethodHead, http.MethodPost:
		default:
			return x.sendPage(http.StatusMethodNotAllowed)
		}
		if x.erred { // the file that error_page names is taken to exist
			return x.page(cmp.Or(x.status, http.StatusOK))
		}
		return x.sendPage(http.StatusNotFound)
	}
	chosen := x.choosePlan(l.Proxy)
	if chosen == http.StatusInternalServerError {
		return x.sendPage(chosen)
	}
	status, answered := x.readBody(l.MaxBody)
	switch {
	case status != 0 && !answered:
		x.proxied(status)
		return false
	case status != 0:
		return x.sendPage(status)
	case chosen != 0:
		return x.sendPage(chosen)
	}
	return x.run()
}

// redirect answers with a redirect; a path becomes a URL.
func (x *request) redirect(status int, to string) bool {
	x.w.remove("Location")
	if strings.HasPrefix(to, "/") && !x.visit.URLs().Relative {
		x.w.location = x.absolute(to)
	} else {
		x.w.add("Location", to)
	}
	return x.sendPage(status)
}

// sendPage answers with nginx's page of the status, or goes where error_page leads. There
// is no answer to a client that took too long or left (ngx_http_finalize_request).
func (x *request) sendPage(status int) bool {
	if closing[status] {
		x.w.keep = false
	}
	if status == http.StatusRequestTimeout || status == 499 {
		x.proxied(status)
		return false
	}
	end, instead, ok := x.visit.ErrorPage(status)
	if !ok {
		x.status = 0
		return x.page(status)
	}
	x.plan, x.uri = nil, ""
	x.erred, x.status = true, instead
	x.r.Method = x.visit.Variable("request_method")
	return x.follow(end)
}

// page answers with nginx's page of the status.
func (x *request) page(status int) bool {
	if !x.skip() {
		x.w.keep = false
	}
	contentType, page := "text/html", errorPage(status, x.p.c.Version)+x.padding(status)
	if page == "" {
		contentType = ""
	}
	return x.send(pageStatus(status), contentType, page)
}

// intercepts reports whether error_page is for an answer of the upstream too.
func (x *request) intercepts(status int) bool {
	l := x.visit.Location
	return l.Intercept && status >= 300 && slices.ContainsFunc(l.ErrorPages, func(p nginx.ErrorPage) bool { return p.Status == status })
}

// statusLine is that of an answer of the upstream, which error_page may change.
func (x *request) statusLine(text string, code int) (string, int) {
	if x.status == 0 {
		return text, code
	}
	return statusLine(x.status, x.p.c.Version), x.status
}
