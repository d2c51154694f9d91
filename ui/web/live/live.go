// Package live serves the page that shows runs in a browser, with the engine in this process: each tab has a run,
// behind a WebSocket.
package live

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/coder/websocket"

	"stickylab/ui/web/app"
	"stickylab/ui/web/board"
	"stickylab/ui/web/wire"
)

// Options of a Handler.
type Options struct {
	// Token is what the page's link has, and a tab must show before it gets an engine.
	Token string

	// Hosts are the Host headers that are answered, "127.0.0.1:8090" among them. Any other one is that of a page
	// which gave this machine a name.
	Hosts []string

	// Read returns the text of a scenario and what its problems call the file; nil means the built-in ones.
	Read func(name string) (file string, text []byte, err error)

	// Tabs is how many may have an engine at once; 0 means 8.
	Tabs int
}

// types are the media types by extension.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml",
}

// headers are on every answer, next to the policy that the page has in itself.
var headers = map[string]string{
	"Content-Security-Policy":      "frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// A Handler serves the page and its engines.
type Handler struct {
	Options
	files map[string][]byte
	free  chan struct{} // has room for each tab with an engine
}

// New returns what serves the page at "/" and engines at "/engine". It fails when a built-in scenario is not valid.
func New(o Options) (*Handler, error) {
	files, err := app.Files(app.Live)
	if err != nil {
		return nil, err
	}
	if o.Tabs == 0 {
		o.Tabs = 8
	}
	return &Handler{Options: o, files: files, free: make(chan struct{}, o.Tabs)}, nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	body, known := h.files[name]
	switch {
	case !h.ours(r.Host):
		http.Error(w, "this host is not served here", http.StatusForbidden)
	case name == "engine":
		h.engine(w, r)
	case !known:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	default:
		w.Header().Set("Content-Type", types[path.Ext(name)])
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	}
}

// Wait waits until every tab has left, for good: from then on none gets an engine.
func (h *Handler) Wait() {
	for range cap(h.free) {
		h.free <- struct{}{}
	}
}

func (h *Handler) ours(host string) bool {
	for _, known := range h.Hosts {
		if strings.EqualFold(host, known) {
			return true
		}
	}
	return false
}

// mostRequest bounds a request: a scenario file, as JSON.
const mostRequest = 4 << 20

// slice is how long the engine works on a request before it answers with what it has.
const slice = 60 * time.Millisecond

// engine gives a tab a run until it leaves. Pages of other origins get none: the WebSocket's Origin must be this
// host.
func (h *Handler) engine(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("token")), []byte(h.Token)) != 1 {
		http.Error(w, "the token is missing or wrong: open the link that stickylab printed", http.StatusForbidden)
		return
	}
	select {
	case h.free <- struct{}{}:
		defer func() { <-h.free }()
	default:
		http.Error(w, "too many tabs are open", http.StatusServiceUnavailable)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(mostRequest)
	b := &board.Board{Slice: slice, Read: h.Read}
	defer b.Close()
	answer(r.Context(), conn, b)
}

// answer answers requests until the tab leaves or ctx ends.
func answer(ctx context.Context, conn *websocket.Conn, b *board.Board) {
	for {
		kind, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var q wire.Request
		if kind != websocket.MessageText || json.Unmarshal(text, &q) != nil {
			conn.Close(websocket.StatusUnsupportedData, "not a request")
			return
		}
		out, err := json.Marshal(b.Handle(q))
		if err != nil {
			conn.Close(websocket.StatusInternalError, "the answer cannot be written as JSON")
			return
		}
		if err := write(ctx, conn, out); err != nil {
			return
		}
	}
}

// write gives up on a tab that does not read.
func write(ctx context.Context, conn *websocket.Conn, text []byte) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("the tab does not read"))
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, text)
}
