package proxy

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	bodyTimeout = time.Minute // client_body_timeout, here for the whole body

	// mostBody is held of a body where client_max_body_size sets no limit or a
	// higher one; nginx has a disk for them.
	mostBody = 64 << 20

	// lingering is how long the rest of a refused body is waited for
	// (lingering_timeout).
	lingering = 5 * time.Second
)

// tooLarge reports whether the body is announced to be larger than
// client_max_body_size allows (ngx_http_core_find_config_phase); limit 0 allows
// any. A body without a length is measured by readBody.
func (x *request) tooLarge(limit int64) bool {
	size := x.r.ContentLength
	if size <= mostBody && (limit == 0 || size <= limit) {
		return false
	}
	x.log("client intended to send too large body: "+strconv.FormatInt(size, 10)+" bytes", http.StatusRequestEntityTooLarge)
	return true
}

// refuseBody answers 413; the connection is closed then.
func (x *request) refuseBody() bool {
	_, rest := x.p.bodyLimits(x.began)
	if end := time.Now().Add(lingering); rest.IsZero() || end.Before(rest) {
		rest = end
	}
	http.NewResponseController(x.w).SetReadDeadline(rest)
	return x.sendPage(http.StatusRequestEntityTooLarge)
}

// readBody takes the whole body before a peer is chosen, as nginx does with
// proxy_request_buffering on. The result is the status to answer with, 0 to
// continue.
func (x *request) readBody(limit int64) int {
	size := x.r.ContentLength
	if size == 0 {
		return 0
	}
	if limit == 0 || limit > mostBody {
		limit = mostBody
	}
	control := http.NewResponseController(x.w)
	end, after := x.p.bodyLimits(x.began)
	control.SetReadDeadline(end)
	defer control.SetReadDeadline(after)
	var err error
	switch {
	case size > 0:
		x.body, err = readSized(x.r.Body, int(size))
	case size < 0:
		x.body, err = io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, limit))
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		// nginx tells the size of the chunk that is one too many.
		x.log("client intended to send too large chunked body: more than "+strconv.FormatInt(limit, 10)+" bytes", http.StatusRequestEntityTooLarge)
		return http.StatusRequestEntityTooLarge
	}
	switch {
	case isTimeout(err):
		return http.StatusRequestTimeout
	case err != nil:
		return http.StatusBadRequest
	}
	return 0
}

// believed is how long a body is taken to be before it is here: what a client
// announces costs it nothing.
const believed = 16 << 10

// readSized reads a body of a known size.
func readSized(r io.Reader, size int) ([]byte, error) {
	body := make([]byte, min(size, believed))
	n, err := io.ReadFull(r, body)
	for err == nil && n < size {
		body = append(body, make([]byte, min(size-n, n))...)
		var more int
		more, err = io.ReadFull(r, body[n:])
		n += more
	}
	return body, err
}

// bodyLimits are until when the body of a request that came at an instant must
// be here, and until when the rest of it, if it was refused.
func (p *Proxy) bodyLimits(came time.Time) (body, rest time.Time) {
	body = time.Now().Add(bodyTimeout)
	if p.c.Bounds.RequestTimeout > 0 {
		rest = came.Add(p.c.Bounds.RequestTimeout)
		if rest.Before(body) {
			body = rest
		}
	}
	return body, rest
}
