package proxy

import (
	"net/http"
	"strconv"

	"stickylab/cluster/proxy/wire"
)

// reasons are the status texts of nginx's pages where they differ from the
// standard ones.
var reasons = map[int]string{
	302: "Found",
	405: "Not Allowed",
	408: "Request Time-out",
	413: "Request Entity Too Large",
	414: "Request-URI Too Large",
	503: "Service Temporarily Unavailable",
	504: "Gateway Time-out",
}

func reason(status int) string {
	if s, ok := reasons[status]; ok {
		return s
	}
	return http.StatusText(status)
}

// pageStatus is the status that the client sees with a page.
func pageStatus(status int) int {
	if status == wire.TooLarge {
		return http.StatusBadRequest
	}
	return status
}

// closing are the statuses of nginx's own pages after which it closes the
// connection (ngx_http_special_response_handler).
var closing = map[int]bool{400: true, 413: true, 414: true, 500: true, 501: true}

// hasPage reports whether nginx has its own page for the status.
func hasPage(status int) bool {
	return (status >= 301 && status <= 308 && status != 304 && status != 305 && status != 306) || status >= 400
}

// errorPage returns the small html page that nginx sends with its own status.
func errorPage(status int, server string) string {
	title := strconv.Itoa(pageStatus(status)) + " " + reason(pageStatus(status))
	heading, more := title, ""
	if status == wire.TooLarge {
		const why = "Request Header Or Cookie Too Large"
		title, more = "400 "+why, "<center>"+why+"</center>\r\n"
	}
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + heading + "</h1></center>\r\n" + more +
		"<hr><center>" + server + "</center>\r\n</body>\r\n</html>\r\n"
}
