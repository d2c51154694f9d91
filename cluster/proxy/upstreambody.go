package proxy

import (
	"io"
	"math"
	"net/http"
	"time"

	"stickylab/cluster/proxy/wire"
)

// upstreamBody is the body of an answer, as it comes from the peer.
type upstreamBody struct {
	l       *upstreamConn
	left    int64 // -1 until the peer closes, or until the last chunk
	chunked bool
	chunks  wire.Chunks
	timeout time.Duration // for the next piece
	whole   bool          // all came, and the peer may be asked again
}

// errBadChunks is the error of a body that is not in chunks, though it should be.
var errBadChunks = &wire.AnswerError{Text: "upstream sent invalid chunked response"}

// bodyOf returns the body of an answer (ngx_http_proxy_input_filter_init).
func (x *request) bodyOf(a *wire.Answer) upstreamBody {
	b := upstreamBody{l: x.upstream, left: a.Length, chunked: a.Chunked, timeout: x.plan.ReadTimeout}
	b.chunks.Strict = x.p.c.Version.StrictHeads()
	if x.r.Method == http.MethodHead || a.Status == http.StatusNoContent || a.Status == http.StatusNotModified {
		b.left, b.chunked = 0, false
	}
	b.whole = b.left == 0
	return b
}

// Read reads the next piece of the body. It fails with io.EOF at its end, with
// io.ErrUnexpectedEOF when the peer closes before.
func (b *upstreamBody) Read(p []byte) (int, error) {
	switch {
	case b.whole:
		return 0, io.EOF
	case b.chunked:
		return b.readChunk(p)
	}
	if b.left >= 0 {
		p = p[:min(int64(len(p)), b.left)]
	}
	n, err := b.raw(p)
	if b.left >= 0 {
		b.left -= int64(n)
		b.whole = b.left == 0
		if err == io.EOF && !b.whole {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

// raw reads what came already, or waits for what comes.
func (b *upstreamBody) raw(p []byte) (int, error) {
	if len(b.l.buf) > 0 {
		n := copy(p, b.l.buf)
		b.l.buf = b.l.buf[n:]
		return n, nil
	}
	b.l.conn.SetReadDeadline(time.Now().Add(b.timeout))
	return b.l.conn.Read(p)
}

func (b *upstreamBody) readChunk(p []byte) (int, error) {
	for {
		piece, size, whole, bad := b.chunks.Next(b.l.buf)
		n := copy(p, piece)
		if rest := len(piece) - n; rest > 0 { // it is for the next call
			b.chunks.Left += int64(rest)
			size -= rest
		}
		b.l.buf = b.l.buf[size:]
		switch {
		case bad != nil:
			return 0, errBadChunks
		case whole:
			b.whole = true
			return 0, io.EOF
		case n > 0:
			return n, nil
		}
		b.l.conn.SetReadDeadline(time.Now().Add(b.timeout))
		if err := b.l.fill(math.MaxInt); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
	}
}
