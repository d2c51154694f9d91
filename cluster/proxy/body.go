package proxy

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	bodyTimeout = time.Minute // client_body_timeout, for the next piece of it

	// mostBody is held of a body where client_max_body_size sets no limit or a
	// higher one; nginx has a disk for them.
	mostBody = 64 << 20
)

// tooLarge reports whether the body is announced to be larger than is held. A body
// without a length is measured by readBody.
func (x *request) tooLarge() bool {
	size := x.r.Length
	if size <= mostBody {
		return false
	}
	x.log("client intended to send too large body: "+strconv.FormatInt(size, 10)+" bytes", http.StatusRequestEntityTooLarge)
	return true
}

// readBody takes the whole body before a peer is chosen, as nginx does with
// proxy_request_buffering on. The result is the status to end the request with, 0 to
// continue, and whether the client gets an answer then.
func (x *request) readBody(limit int64) (status int, answered bool) {
	if x.dropped {
		return 0, false
	}
	x.expected()
	if limit == 0 || limit > mostBody {
		limit = mostBody
	}
	var err error
	if x.left > 0 {
		x.body, err = readSized(reader(x.readPiece), int(x.left))
	}
	for x.left < 0 && err == nil {
		var piece []byte
		if piece, err = x.nextChunk(); err == nil && int64(len(x.body)+len(piece)) > limit-x.chunks.Left {
			x.log("client intended to send too large chunked body: more than "+strconv.FormatInt(limit, 10)+" bytes", http.StatusRequestEntityTooLarge)
			x.left, x.conn.linger = 0, true
			return http.StatusRequestEntityTooLarge, true
		}
		x.body = append(x.body, piece...)
	}
	switch {
	case errors.Is(err, errChunks):
		return http.StatusBadRequest, true
	case isTimeout(err):
		return http.StatusRequestTimeout, false
	case err != nil:
		return http.StatusBadRequest, false
	}
	x.left = 0
	return 0, false
}

// expected tells a client to continue that waits for it (ngx_http_test_expect).
func (x *request) expected() {
	if x.r.Continue {
		io.WriteString(x.conn, "HTTP/1.1 100 Continue\r\n\r\n")
	}
}

// reader is a function that reads.
type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

// readPiece reads what comes next of the connection, in the time for it.
func (x *request) readPiece(b []byte) (int, error) {
	return x.conn.readBody(b, x.bodyLimit(bodyTimeout))
}

// errChunks is the error of a body that is not in chunks, though it should be. The rest of
// it is left where it is.
var errChunks = errors.New("invalid chunked body")

// nextChunk returns the next piece of a body in chunks, nil at its end. It is valid until
// the next call.
func (x *request) nextChunk() ([]byte, error) {
	for {
		piece, err := x.chunk()
		if len(piece) > 0 || x.left == 0 || err != nil {
			return piece, err
		}
		x.conn.SetReadDeadline(x.bodyLimit(bodyTimeout))
		if err := x.conn.fill(); err != nil {
			return nil, err
		}
	}
}

// chunk returns the next piece of a body in chunks that is here, nil when there is none.
func (x *request) chunk() ([]byte, error) {
	piece, size, whole, bad := x.chunks.Next(x.conn.buf)
	x.conn.take(size)
	if bad != nil {
		x.log(bad.Text, bad.Status)
		x.left = 0
		return nil, errChunks
	}
	if whole {
		x.left = 0
	}
	return piece, nil
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

// drop leaves the body to discard: where the request continues, it has none
// (ngx_http_core_find_config_phase).
func (x *request) drop() {
	x.skip()
	x.dropped, x.visit.Length = true, 0
}

// skip drops what is here of a body that the answer does not need. It reports false when
// that is not in chunks, though it should be (ngx_http_discard_request_body).
func (x *request) skip() bool {
	for x.left != 0 && len(x.conn.buf) > 0 {
		if x.left < 0 {
			if _, err := x.chunk(); err != nil {
				return false
			}
			continue
		}
		n := min(x.left, int64(len(x.conn.buf)))
		x.conn.take(int(n))
		x.left -= n
	}
	return true
}

// discard waits for what is left of the body and drops it, so that the next request can be
// read. It reports whether all came.
func (x *request) discard() bool {
	for end := time.Now().Add(mostLingering); x.left != 0; {
		x.conn.SetReadDeadline(earlier(x.bodyLimit(lingering), end))
		if x.conn.fill() != nil || !x.skip() {
			return false
		}
	}
	return true
}

// bodyLimit is until when the next piece of the body must be here.
func (x *request) bodyLimit(piece time.Duration) time.Time {
	end := time.Now().Add(piece)
	if most := x.p.c.Bounds.RequestTimeout; most > 0 {
		return earlier(end, x.began.Add(most))
	}
	return end
}
