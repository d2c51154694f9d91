package proxy

import (
	"strconv"
	"strings"

	"stickylab/cluster/proxy/wire"
)

// statusLines are the texts of the statuses that nginx knows (ngx_http_status_lines); others
// are numbers alone.
var statusLines = map[int]string{
	200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
	301: "Moved Permanently", 302: "Moved Temporarily", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
	400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Not Allowed", 406: "Not Acceptable",
	408: "Request Time-out", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Request Entity Too Large",
	414: "Request-URI Too Large", 415: "Unsupported Media Type", 416: "Requested Range Not Satisfiable", 421: "Misdirected Request", 429: "Too Many Requests",
	500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out",
	505: "HTTP Version Not Supported", 507: "Insufficient Storage",
}

// titles are those of nginx's pages where they differ from the lines.
var titles = map[int]string{302: "Found", 401: "Authorization Required"}

// statusText is the status line of an answer that is nginx's own.
func statusText(status int) string { return strconv.Itoa(status) + " " + statusLines[status] }

// pageStatus is the status that the client sees with a page.
func pageStatus(status int) int {
	if status >= 494 && status <= 497 {
		return 400
	}
	return status
}

// closing are the statuses of nginx's own pages after which it closes the
// connection (ngx_http_special_response_handler).
var closing = map[int]bool{400: true, 413: true, 414: true, 495: true, 496: true, 497: true, 500: true, 501: true}

// pages are those of statuses that are nginx's own (ngx_http_error_pages): a title, and
// what stands below the status.
var pages = map[int][2]string{
	wire.TooLarge: {"400 Request Header Or Cookie Too Large", "Request Header Or Cookie Too Large"},
	495:           {"400 The SSL certificate error", "The SSL certificate error"},
	496:           {"400 No required SSL certificate was sent", "No required SSL certificate was sent"},
	497:           {"400 The plain HTTP request was sent to HTTPS port", "The plain HTTP request was sent to HTTPS port"},
	498:           {"404 Not Found", ""},
}

// errorPage returns the small html page that nginx sends with its own status; "" for a
// status that has none.
func errorPage(status int, server string) string {
	own, special := pages[status]
	shown := pageStatus(status)
	title, ok := titles[shown]
	if !ok {
		title = statusLines[shown]
	}
	if status < 301 || status == 304 || title == "" && !special {
		return ""
	}
	title = strconv.Itoa(shown) + " " + title
	heading, more := title, ""
	if special {
		title = own[0]
		if more = own[1]; more == "" {
			heading = title
		} else {
			more = "<center>" + more + "</center>\r\n"
		}
	}
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + heading + "</h1></center>\r\n" + more +
		"<hr><center>" + server + "</center>\r\n</body>\r\n</html>\r\n"
}

// padding is what nginx adds to pages for browsers that would show their own in place of
// small ones (msie_padding).
func (x *request) padding(status int) string {
	agent := x.r.Headers.Get("User-Agent")
	_, version, msie := strings.Cut(agent, "MSIE ")
	msie = msie && len(version) > 2
	chrome := strings.Contains(agent, "Chrome/") && !msie && !strings.Contains(agent, "Gecko/")
	if status < 400 || strings.Contains(agent, "Opera") || !msie && !chrome || errorPage(status, "") == "" {
		return ""
	}
	return strings.Repeat("<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n", 6)
}
