package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"stickylab/cluster/proxy/wire"
)

// kind is a set of the words of proxy_next_upstream.
type kind uint16

const (
	kindError kind = 1 << iota
	kindTimeout
	kindInvalidHeader
	kind500
	kind502
	kind503
	kind504
	kind403
	kind404
	kind429
	kindNonIdempotent
)

var kinds = map[string]kind{
	"error": kindError, "timeout": kindTimeout, "invalid_header": kindInvalidHeader,
	"http_500": kind500, "http_502": kind502, "http_503": kind503, "http_504": kind504,
	"http_403": kind403, "http_404": kind404, "http_429": kind429,
	"non_idempotent": kindNonIdempotent,
}

// kindOfStatus returns the word for an answer with this status, 0 for none.
func kindOfStatus(status int) kind { return kinds["http_"+strconv.Itoa(status)] }

func parseKinds(words []string) kind {
	var k kind
	for _, w := range words {
		k |= kinds[w]
	}
	return k
}

// What the proxy was doing when an error occurred, in nginx's words.
const (
	connecting  = "while connecting to upstream"
	sending     = "while sending request to upstream"
	readingHead = "while reading response header from upstream"
	readingBody = "while reading upstream"
	tunnelling  = "while proxying upgraded connection"
)

const (
	noLive    = "no live upstreams " + connecting
	timedOut  = "upstream timed out (110: Connection timed out) "
	premature = "upstream prematurely closed connection "
	disabled  = "upstream server temporarily disabled "
)

// A fault is the reason why an attempt failed.
type fault struct {
	kind   kind
	status int    // for the client if there is no further attempt
	text   string // for the error log
}

// faultOf puts an error of the connection to a peer as nginx does. call is
// nginx's name of the system call.
func faultOf(err error, call, doing string) fault {
	var refused *wire.AnswerError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return fault{kindTimeout, 504, timedOut + doing}
	case errors.As(err, &refused):
		return fault{kindInvalidHeader, 502, refused.Text + " " + doing}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fault{kindError, 502, premature + doing}
	}
	return fault{kindError, 502, fmt.Sprintf("%s failed (%s) %s", call, cause(err), doing)}
}

var systemErrors = map[syscall.Errno]string{
	syscall.ECONNREFUSED: "111: Connection refused",
	syscall.ECONNRESET:   "104: Connection reset by peer",
	syscall.EPIPE:        "32: Broken pipe",
	syscall.EHOSTUNREACH: "113: No route to host",
	syscall.ENETUNREACH:  "101: Network is unreachable",
	syscall.ETIMEDOUT:    "110: Connection timed out",
}

// cause is a system error in the form "111: Connection refused".
func cause(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	if text := systemErrors[errno]; text != "" {
		return text
	}
	return errno.Error()
}
