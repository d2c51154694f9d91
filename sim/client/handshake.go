package client

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/coder/websocket"
)

// shake opens a WebSocket for e. status is that of the HTTP answer, 0 when
// there was none, and body what it said.
func (c *Client) shake(ctx context.Context, e *engine, sid string) (conn *websocket.Conn, status int, body []byte) {
	header := http.Header{}
	if !has(c.cfg.Header, "User-Agent") {
		header.Set("User-Agent", userAgent)
	}
	for k, v := range c.cfg.Header {
		header[http.CanonicalHeaderKey(k)] = v
	}
	if cookies := c.jar.header(); cookies != "" {
		header.Set("Cookie", cookies)
	}
	conn, resp, err := websocket.Dial(ctx, "ws://"+c.target.addr+c.target.uri(WebSocket, "", sid), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &upgrader{e: e}},
		HTTPHeader: header,
		Host:       c.target.host,
	})
	if resp != nil {
		status = resp.StatusCode
		c.jar.keep(resp.Header)
	}
	if err != nil {
		if resp != nil && resp.Body != nil {
			body, _ = io.ReadAll(resp.Body)
		}
		return nil, status, body
	}
	conn.SetReadLimit(-1) // browsers have none
	return conn, status, nil
}

// upgrader makes one upgrade request over its own connection.
type upgrader struct{ e *engine }

func (u *upgrader) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &u.e.c.ws
	l, err := w.dial(r.Context(), u.e)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(r.Context(), func() { l.Close() })
	defer stop()
	resp, err := l.request(r)
	if err != nil {
		l.Close()
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		resp.Body = &refusal{resp.Body, l}
		return resp, nil
	}
	early, _ := l.br.Peek(l.br.Buffered())
	l.br = nil // the WebSocket has its own buffer
	resp.Body = l.upgrade(early)
	return resp, nil
}

// upgrade returns the connection as the WebSocket library is to see it, with what came
// next to the answer.
func (l *link) upgrade(early []byte) io.ReadWriteCloser {
	from, ok := l.Conn.(pusher)
	if !ok {
		return &stream{l, io.MultiReader(bytes.NewReader(early), l.Conn)}
	}
	box := newInbox(l.Conn, early, l.e.takeText)
	l.w.c.mu.Lock()
	l.Conn = box // to be closed, or to vanish
	l.w.c.mu.Unlock()
	from.Push(box.push)
	return &stream{l, box}
}

// request sends a request in one write and reads the head of its answer.
func (l *link) request(r *http.Request) (*http.Response, error) {
	var head bytes.Buffer
	if err := r.Write(&head); err != nil {
		return nil, err
	}
	if _, err := l.Conn.Write(head.Bytes()); err != nil {
		return nil, err
	}
	return http.ReadResponse(l.br, r)
}

// A refusal is the body of an answer that is no upgrade.
type refusal struct {
	io.ReadCloser
	l *link
}

func (r *refusal) Close() error {
	r.ReadCloser.Close()
	return r.l.Close()
}

// A stream is an upgraded connection.
type stream struct {
	*link
	in io.Reader // what came with the answer, then the connection
}

func (s *stream) Read(p []byte) (int, error) { return s.in.Read(p) }
