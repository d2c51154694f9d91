package engineio

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// hangUpTimeout bounds the writing of what is left when a session closes.
const hangUpTimeout = 5 * time.Second

// Sizes of the buffers that each connection keeps. The HTTP server's are 4 KiB
// each and go back with it. Frames longer than the first are read straight into
// their destination; only control frames, of 131 bytes at most, pass the second.
const (
	readBuffer  = 512
	writeBuffer = 160
)

// wantsUpgrade reports whether Node would take r for an upgrade request.
func wantsUpgrade(r *http.Request) bool {
	if r.Header.Get("Upgrade") == "" {
		return false
	}
	for _, value := range r.Header["Connection"] {
		for token := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "upgrade") {
				return true
			}
		}
	}
	return false
}

// serveUpgrade answers an upgrade request: a handshake over WebSocket, or a
// WebSocket that wants to take over a session.
func (s *Server) serveUpgrade(w http.ResponseWriter, r *http.Request, q query) outcome {
	if r.Method == http.MethodOptions && s.cfg.CORS.Origin != "" {
		return abort // engine.io takes it for a preflight that cannot be answered
	}
	c, bad := s.verify(r, q, true)
	if bad != nil {
		return s.refuseUpgrade(w, r, q, *bad)
	}
	if c == nil && s.closed.Load() {
		return s.refuseEmpty(w, r, q, http.StatusServiceUnavailable)
	}
	ws := s.accept(w, r, q)
	if ws == nil {
		return answered
	}
	if c == nil && q.transport == websocketName && q.eio != "4" {
		// engine.io looks at the version only now, and its answer is no frame.
		s.cfg.Observer.Refused(r, q.sid, protocolVersion.status, protocolVersion.code, protocolVersion.text)
		ws.abort(protocolVersion)
		return answered
	}
	// The handler returns, so that the HTTP server's buffers and its deep stack
	// can go; the connection is read by its own goroutine.
	switch {
	case q.transport != websocketName:
		s.cfg.Go(ws.hangUp)
	case c != nil:
		c.serveProbe(ws)
	default:
		c = s.newSession(r, websockets, ws)
		if c == nil {
			s.cfg.Go(ws.hangUp)
			break
		}
		s.cfg.OnSession(c)
		c.mu.Lock()
		c.flush()
		c.mu.Unlock()
		s.cfg.Go(func() { c.read(ws) })
	}
	return answered
}

// accept upgrades the connection; nil means that it has answered with an error.
func (s *Server) accept(w http.ResponseWriter, r *http.Request, q query) *wire {
	if bad := handshakeFault(r); bad != nil {
		s.refuseUpgrade(w, r, q, *bad)
		return nil
	}
	h := &hijacker{ResponseWriter: w, header: make(http.Header, 4)}
	s.originHeaders(h.header)
	modern := *r // Node upgrades HTTP/1.0 requests too, such as a proxy may send
	modern.Proto, modern.ProtoMajor, modern.ProtoMinor = "HTTP/1.1", 1, 1
	conn, err := websocket.Accept(h, &modern, &websocket.AcceptOptions{InsecureSkipVerify: true, Subprotocols: subprotocols(r)[:1]})
	if err != nil { // not a connection that can be taken over
		s.cfg.Observer.Refused(r, q.sid, h.status, -1, statusText(h.status))
		return nil
	}
	conn.SetReadLimit(-1) // frameCheck has it
	h.wire.ws, h.wire.srv, h.wire.check.limit = conn, s, uint64(s.cfg.MaxPayload)
	return h.wire
}

// handshakeFault checks the WebSocket handshake (RFC 6455, section 4.2.1) in
// the order and with the answers of the WebSocket library that engine.io uses.
func handshakeFault(r *http.Request) *refusal {
	if r.Method != http.MethodGet {
		return &refusal{http.StatusMethodNotAllowed, -1, "Invalid HTTP method"}
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), websocketName) {
		return &refusal{http.StatusBadRequest, -1, "Invalid Upgrade header"}
	}
	keys := r.Header["Sec-Websocket-Key"]
	if len(keys) != 1 || !validKey(keys[0]) {
		return &refusal{http.StatusBadRequest, -1, "Missing or invalid Sec-WebSocket-Key header"}
	}
	if r.Header.Get("Sec-WebSocket-Version") != "13" {
		return &refusal{http.StatusBadRequest, -1, "Missing or invalid Sec-WebSocket-Version header"}
	}
	if subprotocols(r) == nil {
		return &refusal{http.StatusBadRequest, -1, "Invalid Sec-WebSocket-Protocol header"}
	}
	return nil
}

// subprotocols returns the subprotocols that a client offers, of which engine.io
// takes the first; one that is empty for none; nil when the header is not valid.
func subprotocols(r *http.Request) []string {
	lines := r.Header["Sec-Websocket-Protocol"]
	if len(lines) == 0 {
		return []string{""}
	}
	var list []string
	for token := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		token = strings.Trim(token, " \t")
		if !isToken(token) || slices.Contains(list, token) {
			return nil
		}
		list = append(list, token)
	}
	return list
}

// isToken reports whether s is a token of HTTP (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

func validKey(key string) bool {
	raw, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(raw) == 16
}

// hijacker is the response writer that the WebSocket library sees. It hands
// the library a connection with small buffers, and writes the head of the
// answer itself: the HTTP server would answer an HTTP/1.0 request in kind.
type hijacker struct {
	http.ResponseWriter
	header http.Header
	wire   *wire
	status int
}

func (h *hijacker) Header() http.Header { return h.header }

func (h *hijacker) WriteHeader(status int) {
	h.status = status
	if status != http.StatusSwitchingProtocols {
		h.ResponseWriter.WriteHeader(status)
	}
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	var head bytes.Buffer
	head.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	h.header.Write(&head)
	head.WriteString("\r\n")
	if _, err := conn.Write(head.Bytes()); err != nil {
		conn.Close() // reading it fails next
	}
	ahead, _ := rw.Reader.Peek(rw.Reader.Buffered())
	h.wire = &wire{Conn: conn, ahead: bytes.Clone(ahead)}
	small := bufio.NewReadWriter(bufio.NewReaderSize(h.wire, readBuffer), bufio.NewWriterSize(h.wire, writeBuffer))
	return h.wire, small, nil
}

// wire is a WebSocket and the connection under it.
type wire struct {
	net.Conn
	ws     *websocket.Conn
	srv    *Server
	ahead  []byte                     // what the HTTP server had read already
	broken atomic.Bool                // reading the connection failed
	check  frameCheck                 // of what is read
	fault  atomic.Pointer[frameError] // why it is read no more
}

// Read returns what the client has sent up to a frame that it must not send.
func (w *wire) Read(p []byte) (int, error) {
	if f := w.fault.Load(); f != nil {
		return 0, f
	}
	n, err := len(w.ahead), error(nil)
	if n > 0 {
		n = copy(p, w.ahead)
		w.ahead = w.ahead[n:]
	} else if n, err = w.Conn.Read(p); err != nil {
		w.broken.Store(true)
	}
	good, fault := w.check.add(p[:n])
	if fault == nil {
		return n, err
	}
	w.fault.Store(fault)
	if good > 0 {
		return good, nil
	}
	return 0, fault
}

var errNotUTF8 = errors.New("text message is not UTF-8")

// next reads one packet. malformed tells a bad packet from a lost connection.
func (w *wire) next() (p Packet, malformed bool, err error) {
	kind, r, err := w.ws.Reader(context.Background())
	if err != nil {
		return p, false, err
	}
	buf := buffers.Get().(*[]byte)
	defer putBuffer(buf)
	body := bytes.NewBuffer((*buf)[:0])
	_, err = body.ReadFrom(r)
	*buf = body.Bytes()[:0]
	if err != nil {
		return p, false, err
	}
	binary := kind == websocket.MessageBinary
	if !binary && !utf8.Valid(body.Bytes()) {
		return p, false, errNotUTF8
	}
	p, err = DecodePacket(bytes.Clone(body.Bytes()), binary)
	return p, err != nil, err
}

// hangUp sends the empty close frame and waits for the client's, 5 seconds at
// most; or it rejects the client, if that has broken the protocol.
func (w *wire) hangUp() {
	if f := w.fault.Load(); f != nil {
		w.reject(f.code)
		return
	}
	w.ws.Close(websocket.StatusNoStatusRcvd, "")
}

// abort writes the bytes of an HTTP answer where the client expects a frame, as
// engine.io does, and closes the connection.
func (w *wire) abort(bad refusal) {
	defer w.ws.CloseNow()
	fmt.Fprintf(w.Conn, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-type: text/html\r\nContent-Length: %d\r\n\r\n%s",
		bad.status, statusText(bad.status), len(bad.text), bad.text)
}

// rejectTimeout is how long a client has to close a connection that it was rejected
// on. ws, option closeTimeout.
const rejectTimeout = 30 * time.Second

// reject sends a close frame with the code alone, and takes what the client still
// sends until that closes the connection: were it closed with bytes unread, TCP
// would break it, and the client might never see the frame.
func (w *wire) reject(code websocket.StatusCode) {
	defer w.Conn.Close()
	w.Conn.Write([]byte{0x80 | opClose, 2, byte(code >> 8), byte(code)})
	timer := w.srv.cfg.AfterFunc(w.RemoteAddr().String(), rejectTimeout, func() { w.Conn.Close() })
	defer timer.Stop()
	var dropped [512]byte
	for {
		if _, err := w.Conn.Read(dropped[:]); err != nil {
			return
		}
	}
}

// expire ends a write that a slow reader holds up.
func (w *wire) expire() { w.Conn.SetWriteDeadline(time.Now().Add(hangUpTimeout)) }

// read delivers what comes on the session's WebSocket until that is lost.
func (c *Session) read(w *wire) {
	defer w.ws.CloseNow()
	for {
		p, malformed, err := w.next()
		switch {
		case err == nil:
			c.receive(p)
		case malformed:
			c.end(reasonParseError, hangUp)
		default:
			if !c.end(w.lossReason(err), dropped) {
				// As in ws, a close frame is the last: hangUp, which has sent one, closes.
			} else if f := w.fault.Load(); f != nil {
				w.reject(f.code)
			} else if errors.Is(err, errNotUTF8) { // neither the library nor frameCheck looks
				w.reject(websocket.StatusInvalidFramePayloadData)
			}
			return
		}
	}
}

// lossReason tells a close (frame or connection) from a breach of protocol,
// such as a message beyond MaxPayload, as engine.io does.
func (w *wire) lossReason(err error) string {
	if w.broken.Load() || websocket.CloseStatus(err) != -1 {
		return reasonTransportClose
	}
	return reasonTransportError
}
