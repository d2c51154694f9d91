package proxy

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
)

// reasons are the texts of nginx's status lines; those of other statuses are empty
// (ngx_http_status_lines).
var reasons = map[int]string{
	200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
	301: "Moved Permanently", 302: "Moved Temporarily", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
	400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Not Allowed", 406: "Not Acceptable",
	408: "Request Time-out", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Request Entity Too Large",
	414: "Request-URI Too Large", 415: "Unsupported Media Type", 416: "Requested Range Not Satisfiable", 421: "Misdirected Request", 429: "Too Many Requests",
	500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out",
	505: "HTTP Version Not Supported", 507: "Insufficient Storage",
}

// titles are those of the pages that are not the status line; an empty one means that
// there is no page (ngx_http_error_pages).
var titles = map[int]string{
	200: "", 201: "", 202: "", 204: "", 206: "", 304: "",
	302: "Found", 401: "Authorization Required", 498: "404 Not Found",
}

// ofBadRequest are the statuses of nginx's own that clients see as 400, and why.
var ofBadRequest = map[int]string{
	wire.TooLarge: "Request Header Or Cookie Too Large",
	495:           "The SSL certificate error",
	496:           "No required SSL certificate was sent",
	497:           "The plain HTTP request was sent to HTTPS port",
}

// reason is the text of a status line under a version.
func reason(status int, v nginx.Version) string {
	if status == http.StatusProxyAuthRequired && v.Knows407() {
		return "Proxy Authentication Required"
	}
	return reasons[status]
}

// statusLine is a status and its text.
func statusLine(status int, v nginx.Version) string {
	return fmt.Sprintf("%03d %s", status, reason(status, v))
}

// pageStatus is the status that the client sees with a page.
func pageStatus(status int) int {
	if ofBadRequest[status] != "" {
		return http.StatusBadRequest
	}
	return status
}

// closing are the statuses of nginx's own pages after which it closes the
// connection (ngx_http_special_response_handler).
var closing = map[int]bool{400: true, 413: true, 414: true, 495: true, 496: true, 497: true, 500: true, 501: true}

// errorPage returns the small html page that nginx sends with its own status, "" for
// none.
func errorPage(status int, v nginx.Version) string {
	shown := pageStatus(status)
	heading, known := titles[status]
	if !known {
		heading = reason(shown, v)
	}
	if heading == "" {
		return ""
	}
	if status != 498 { // a client that left: the page is that of 404
		heading = strconv.Itoa(shown) + " " + heading
	}
	title, more := heading, ""
	if why := ofBadRequest[status]; why != "" {
		title, more = "400 "+why, "<center>"+why+"</center>\r\n"
	}
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + heading + "</h1></center>\r\n" + more +
		"<hr><center>" + v.Server() + "</center>\r\n</body>\r\n</html>\r\n"
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
