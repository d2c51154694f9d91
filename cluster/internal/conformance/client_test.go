//go:build peers

package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/cluster/engineio"
)

// timeout is how long anything may take that must happen.
const timeout = time.Minute

// A visitor is the client side of a test on one of the two paths.
type visitor struct {
	*testing.T
	base string // "http://127.0.0.1:3000"
	path string // "/engine.io/"
	ctx  context.Context

	sessions *sync.Map // of the server, by sid
}

// An answer is what an HTTP request got.
type answer struct {
	status int
	body   string
}

func (v *visitor) do(method, query, body string) answer {
	v.Helper()
	r, err := http.NewRequestWithContext(v.ctx, method, v.base+v.path+"?"+query, strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		v.Error(err)
		return answer{}
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(data)}
}

const polling = "EIO=4&transport=polling"

func (v *visitor) get(sid string) answer { v.Helper(); return v.do("GET", polling+"&sid="+sid, "") }
func (v *visitor) post(sid, body string) answer {
	v.Helper()
	return v.do("POST", polling+"&sid="+sid, body)
}

// begin starts a GET and returns when the session has it.
func (v *visitor) begin(sid string) <-chan answer {
	done := make(chan answer, 1)
	go func() { done <- v.get(sid) }()
	v.await(sid, (*engineio.Session).Writable)
	return done
}

// await waits until the server's session is as wanted: Writable while a GET
// waits for its answer.
func (v *visitor) await(sid string, is func(*engineio.Session) bool) {
	v.Helper()
	s, ok := v.sessions.Load(sid)
	if !ok {
		v.Fatalf("no session %s", sid)
	}
	for !is(s.(*engineio.Session)) {
		if v.ctx.Err() != nil {
			v.Fatal("the request did not reach the session")
		}
		time.Sleep(time.Millisecond)
	}
}

// giveUp begins a GET and hangs up before the answer.
func (v *visitor) giveUp(sid string) {
	v.Helper()
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", v.base+v.path+"?"+polling+"&sid="+sid, nil)
	if err != nil {
		v.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			resp.Body.Close()
		}
		ended <- err
	}()
	v.await(sid, (*engineio.Session).Writable)
	cancel()
	if <-ended == nil {
		v.Error("answered")
	}
}

// is fails the test unless the answer is that; an empty body is any.
func (v *visitor) is(a answer, status int, body string) {
	v.Helper()
	if a.status != status || body != "" && a.body != body {
		v.Errorf("answered %d %q, want %d %q", a.status, a.body, status, body)
	}
}

// opened checks an open packet and returns its sid.
func (v *visitor) opened(packet string, upgrades ...string) string {
	v.Helper()
	text, ok := strings.CutPrefix(packet, "0")
	var open map[string]json.RawMessage
	if !ok || json.Unmarshal([]byte(text), &open) != nil || len(open) != 5 {
		v.Fatalf("opened with %q", packet)
	}
	for key, want := range map[string]string{"pingInterval": "300", "pingTimeout": "200", "maxPayload": "1000000"} {
		if got := string(open[key]); got != want {
			v.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	var sid string
	var up []string
	if json.Unmarshal(open["sid"], &sid) != nil || sid == "" {
		v.Errorf("sid is %s", open["sid"])
	}
	if json.Unmarshal(open["upgrades"], &up) != nil || up == nil || !slices.Equal(up, upgrades) {
		v.Errorf("upgrades are %s, want %q", open["upgrades"], upgrades)
	}
	return sid
}

// handshake opens a session on polling.
func (v *visitor) handshake() string {
	v.Helper()
	a := v.do("GET", polling, "")
	v.is(a, 200, "")
	return v.opened(a.body, "websocket")
}

// A wire is a WebSocket of a visitor.
type wire struct {
	*visitor
	conn *websocket.Conn
}

// dial opens a WebSocket; it is closed at the end of the test.
func (v *visitor) dial(query string) *wire {
	v.Helper()
	conn, resp, err := websocket.Dial(v.ctx, v.base+v.path+"?"+query, nil)
	if err != nil {
		v.Fatalf("%v (%v)", err, resp)
	}
	v.Cleanup(func() { conn.CloseNow() })
	return &wire{v, conn}
}

// open opens a session on WebSocket.
func (v *visitor) open() *wire {
	v.Helper()
	w := v.dial("EIO=4&transport=websocket")
	v.opened(w.next())
	return w
}

func (w *wire) send(frames ...string) {
	w.Helper()
	for _, frame := range frames {
		kind := websocket.MessageText
		if data, ok := strings.CutPrefix(frame, "bin:"); ok {
			kind, frame = websocket.MessageBinary, data
		}
		if err := w.conn.Write(w.ctx, kind, []byte(frame)); err != nil {
			w.Fatal(err)
		}
	}
}

// read returns the next frame, a binary one with "bin:" before it.
func (w *wire) read() (string, error) {
	kind, data, err := w.conn.Read(w.ctx)
	if err == nil && kind == websocket.MessageBinary {
		return "bin:" + string(data), nil
	}
	return string(data), err
}

func (w *wire) next() string {
	w.Helper()
	frame, err := w.read()
	if err != nil {
		w.Fatal(err)
	}
	return frame
}

// hears fails the test unless exactly these frames come next.
func (w *wire) hears(frames ...string) {
	w.Helper()
	for _, want := range frames {
		if got := w.next(); got != want {
			w.Fatalf("heard %q, want %q", got, want)
		}
	}
}

// starts is hears for the beginning of a frame.
func (w *wire) starts(prefix string) string {
	w.Helper()
	frame := w.next()
	if !strings.HasPrefix(frame, prefix) {
		w.Fatalf("heard %q, want %q...", frame, prefix)
	}
	return frame[len(prefix):]
}

// closes waits for the end of the connection, pings or not.
func (w *wire) closes() {
	w.Helper()
	for {
		if _, err := w.read(); err != nil {
			if w.ctx.Err() != nil {
				w.Error("it stays open")
			}
			return
		}
	}
}

// refused fails the test unless the WebSocket handshake fails.
func (v *visitor) refused(query string) {
	v.Helper()
	conn, _, err := websocket.Dial(v.ctx, v.base+v.path+"?"+query, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	if _, _, err := conn.Read(v.ctx); err == nil {
		v.Errorf("%s was accepted", query)
	}
}
