package proxy

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/proxy/wire"
)

// expand evaluates a value that may hold nginx's variables.
func (x *request) expand(value string) string {
	if strings.IndexByte(value, '$') < 0 {
		return value
	}
	return x.visit.Expand(value)
}

// Variable returns the value of a variable of the request and its connection; "" if there is
// none. Those that the text defines or changes are the visit's.
func (x *request) Variable(name string) string {
	r := x.r
	switch name {
	case "request_method":
		if x.inquiry {
			return x.method
		}
		return r.Method
	case "host":
		return x.hostName()
	case "http_host":
		return r.Headers.Get("Host")
	case "proxy_host", "proxy_port":
		if x.plan == nil {
			return ""
		}
		if name == "proxy_host" {
			return x.plan.proxyHost()
		}
		if strings.HasPrefix(x.plan.Upstream, "unix:") {
			return ""
		}
		if _, port, err := net.SplitHostPort(x.plan.Upstream); err == nil {
			return port
		}
		if x.plan.TLS {
			return "443"
		}
		return "80"
	case "remote_addr":
		return balance.RemoteAddr(x.client)
	case "binary_remote_addr":
		return string(x.client.AsSlice())
	case "remote_port":
		return portText(int(x.port))
	case "realip_remote_addr":
		return balance.RemoteAddr(x.conn.remote.Addr())
	case "realip_remote_port":
		return portText(int(x.conn.remote.Port()))
	case "proxy_protocol_addr":
		return x.conn.proxyHeader.from.Source
	case "proxy_protocol_port":
		return portText(x.conn.proxyHeader.from.SourcePort)
	case "proxy_protocol_server_addr":
		return x.conn.proxyHeader.from.Destination
	case "proxy_protocol_server_port":
		return portText(x.conn.proxyHeader.from.DestinationPort)
	case "proxy_add_x_forwarded_for":
		addr := balance.RemoteAddr(x.client)
		if r.Headers.Has("X-Forwarded-For") {
			return x.headerVariable("x_forwarded_for") + ", " + addr
		}
		return addr
	case "scheme":
		if x.tls() {
			return "https"
		}
		return "http"
	case "https":
		if x.tls() {
			return "on"
		}
		return ""
	case "request_id":
		id := md5.Sum([]byte(x.lane.Name() + "/" + strconv.Itoa(x.conn.requests)))
		return hex.EncodeToString(id[:])
	case "connection_requests":
		return strconv.Itoa(x.conn.requests)
	case "connection":
		return strconv.FormatUint(x.conn.number, 10)
	case "connection_time":
		return seconds(time.Since(x.conn.came))
	case "pipe":
		if x.pipelined {
			return "p"
		}
		return "."
	case "status": // as far as it is known
		return fmt.Sprintf("%03d", cmp.Or(x.status, x.replying))
	case "bytes_sent", "body_bytes_sent", "limit_rate": // nothing is sent before the answer
		return "0"
	case "hostname":
		return x.p.c.Host
	case "remote_user":
		user, _ := x.credentials()
		return user
	case "request_body":
		return string(x.body)
	case "request_time":
		return seconds(time.Since(x.began))
	case "msec":
		return fmt.Sprintf("%.3f", float64(time.Now().UnixMilli())/1000)
	case "time_iso8601":
		return time.Now().UTC().Format("2006-01-02T15:04:05+00:00")
	case "time_local":
		return time.Now().UTC().Format("02/Jan/2006:15:04:05 +0000")
	case "date_gmt":
		return time.Now().UTC().Format("Monday, 02-Jan-2006 15:04:05 GMT")
	case "date_local":
		return time.Now().UTC().Format("Monday, 02-Jan-2006 15:04:05 UTC")
	case "server_addr":
		return balance.RemoteAddr(x.conn.local.Addr())
	case "server_port":
		return strconv.Itoa(int(x.conn.local.Port()))
	case "server_protocol":
		return x.protocol()
	case "server_name":
		if s := x.visit.Server; s != nil && len(s.Names) > 0 {
			return strings.TrimPrefix(s.Names[0], ".")
		}
		return ""
	case "request_uri":
		return r.Target
	case "request":
		return cmp.Or(r.Line, strings.TrimRight(r.Method+" "+r.Target+" "+r.Proto, " "))
	case "content_type":
		return r.Headers.Get("Content-Type")
	case "content_length":
		switch {
		case r.Length < 0 && x.left < 0:
			return "" // chunked: known once it is read
		case r.Length < 0:
			return strconv.Itoa(len(x.body))
		}
		return r.Headers.Get("Content-Length")
	case "nginx_version":
		return x.p.c.Version.Release()
	}
	switch {
	case strings.HasPrefix(name, "http_"):
		return x.headerVariable(name[len("http_"):])
	case strings.HasPrefix(name, "cookie_"):
		return cookie(r.Headers, name[len("cookie_"):])
	case strings.HasPrefix(name, "upstream_cookie_"):
		return x.answerCookie(name[len("upstream_cookie_"):])
	case name == "upstream_status" && x.inquiry && x.answer != nil:
		return strconv.Itoa(x.answer.Status)
	case strings.HasPrefix(name, "upstream_http_") && x.answer != nil:
		return x.answer.Headers.Joined(strings.ReplaceAll(name[len("upstream_http_"):], "_", "-"))
	}
	return ""
}

// credentials are the user and whether there is one in a well-formed header of basic
// authentication (ngx_http_auth_basic_user).
func (x *request) credentials() (user string, ok bool) {
	user, _, ok = (&http.Request{Header: http.Header{"Authorization": {x.r.Headers.Get("Authorization")}}}).BasicAuth()
	return user, ok && user != ""
}

// headerVariable is $http_NAME: what the headers of that name say, which may be written
// with "-" where the name has "_". Before 1.23.0 that is the first of most of them
// (ngx_http_variable_unknown_header).
func (x *request) headerVariable(name string) string {
	all := name == "cookie" || name == "x_forwarded_for" || x.p.c.Version.JoinsHeaders()
	between := ", "
	if name == "cookie" {
		between = "; "
	}
	value, found := "", false
	for _, h := range x.r.Headers {
		switch {
		case !strings.EqualFold(strings.ReplaceAll(h.Name, "-", "_"), name):
		case !found:
			value, found = h.Value, true
		case all:
			value += between + h.Value
		}
	}
	return value
}

// seconds is a duration as nginx writes it.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%.3f", d.Truncate(time.Millisecond).Seconds())
}

// tls reports whether the connection came in where listen has ssl.
func (x *request) tls() bool { return x.visit.Server != nil && x.gen.config.TLS(x.conn.local) }

// hostName is $host: the Host header in lower case and without a port, else
// the server's name.
func (x *request) hostName() string {
	if x.r.Host != "" {
		return x.r.Host
	}
	return x.Variable("server_name")
}

// protocol is $server_protocol.
func (x *request) protocol() string { return cmp.Or(x.r.Proto, "HTTP/0.9") }

// cookie returns the value of the cookie of that name as it was sent.
func cookie(h wire.Headers, name string) string {
	for _, header := range h {
		if !strings.EqualFold(header.Name, "Cookie") {
			continue
		}
		for line := header.Value; line != ""; {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			if key, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && strings.EqualFold(key, name) {
				return value
			}
		}
	}
	return ""
}

// answerCookie returns the value of a cookie that the upstream sets.
func (x *request) answerCookie(name string) string {
	if x.answer == nil {
		return ""
	}
	for _, h := range x.answer.Headers {
		if !strings.EqualFold(h.Name, "Set-Cookie") {
			continue
		}
		pair, _, _ := strings.Cut(h.Value, ";")
		if key, value, ok := strings.Cut(pair, "="); ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return value
		}
	}
	return ""
}
