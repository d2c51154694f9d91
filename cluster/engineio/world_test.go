package engineio

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// world is a server on a network in memory, inside a bubble. It logs what the
// observer and the callbacks of the sessions are told.
type world struct {
	*testing.T
	srv  *Server
	net  *memory
	http *http.Server
	next atomic.Int32

	mu       sync.Mutex
	log      []string
	sessions []*Session
	running  atomic.Int32 // goroutines that Config.Go has started and that have not ended
}

// inWorld runs f in a bubble. When f returns everything must end by itself.
func inWorld(t *testing.T, cfg Config, f func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, net: newMemory()}
		cfg.Observer = w
		cfg.NewID = func(*http.Request) string {
			return fmt.Sprintf("session-%d", w.next.Add(1))
		}
		cfg.Go = func(f func()) {
			w.running.Add(1)
			go func() {
				defer w.running.Add(-1)
				f()
			}()
		}
		cfg.OnSession = w.open
		w.srv = NewServer(cfg)
		w.http = &http.Server{Handler: w.srv, ErrorLog: log.New(w.Output(), "http: ", 0)}
		go w.http.Serve(w.net)
		f(w)
		w.srv.Close()
		w.http.Close()
		time.Sleep(time.Minute)
		if n := w.running.Load(); n != 0 {
			t.Errorf("%d goroutines run on after Close", n)
		}
		if n := w.srv.Len(); n != 0 && !w.srv.killed.Load() {
			t.Errorf("Len() = %d after Close", n)
		}
		w.net.net.Stop()
	})
}

// open makes a session echo what it gets; the text "close" closes it.
func (w *world) open(s *Session) {
	w.mu.Lock()
	w.sessions = append(w.sessions, s)
	w.mu.Unlock()
	s.OnMessage(func(data []byte, binary bool) {
		if string(data) == "close" {
			s.Close()
			return
		}
		s.Send(Message{Data: data, Binary: binary})
	})
	s.OnClose(func(reason string) { w.note("onclose %s %s", s.ID(), reason) })
}

func (w *world) session() *Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sessions[len(w.sessions)-1]
}

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

func (w *world) Opened(s *Session)                { w.note("opened %s %s", s.ID(), s.Transport()) }
func (w *world) Upgraded(s *Session)              { w.note("upgraded %s", s.ID()) }
func (w *world) Closed(s *Session, reason string) { w.note("closed %s %s", s.ID(), reason) }
func (w *world) Wrote(s *Session, m Message)      { w.note("wrote %s %v", s.ID(), m.Tag) }
func (w *world) Refused(_ *http.Request, sid string, status, code int, text string) {
	w.note("refused %q %d %d %s", sid, status, code, text)
}

// expectLog compares and clears the log.
func (w *world) expectLog(want ...string) {
	w.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.log, want) {
		w.Errorf("log:\n  %s\nwant:\n  %s", strings.Join(w.log, "\n  "), strings.Join(want, "\n  "))
	}
	w.log = nil
}

// answer is an HTTP answer.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %q", a.status, a.body) }

// call is a request in progress, on its own connection.
type call struct {
	conn net.Conn
	w    *world
	done chan answer
}

func (w *world) start(method, target, body string, header ...string) *call {
	conn, err := w.net.dial(context.Background(), "", "")
	if err != nil {
		w.Fatal(err)
	}
	c := &call{conn: conn, w: w, done: make(chan answer, 1)}
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\n", method, target)
	for _, h := range header {
		head += h + "\r\n"
	}
	if body != "" && !strings.Contains(head, "Content-Length") {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	fmt.Fprintf(conn, "%s\r\n%s", head, body)
	go func() {
		defer close(c.done)
		resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
		if err != nil {
			return // closed without an answer
		}
		data, _ := io.ReadAll(resp.Body)
		conn.Close()
		c.done <- answer{resp.StatusCode, resp.Header, string(data)}
	}()
	return c
}

// answer waits for the answer; its status is 0 when there is none.
func (c *call) answer() answer { return <-c.done }

// pending fails the test if there is an answer already.
func (c *call) pending() {
	c.w.Helper()
	synctest.Wait()
	select {
	case a := <-c.done:
		c.w.Errorf("answered %v, expected it to wait", a)
	default:
	}
}

func (w *world) do(method, target, body string, header ...string) answer {
	return w.start(method, target, body, header...).answer()
}

const base = "/socket.io/?EIO=4&transport=polling"

func (w *world) handshake() (sid string) {
	w.Helper()
	a := w.do("GET", base, "")
	var open OpenPacket
	if a.status != 200 || !strings.HasPrefix(a.body, "0") || json.Unmarshal([]byte(a.body[1:]), &open) != nil {
		w.Fatalf("handshake answered %v", a)
	}
	return open.SID
}

func (w *world) get(sid string) *call         { return w.start("GET", base+"&sid="+sid, "") }
func (w *world) post(sid, body string) *call  { return w.start("POST", base+"&sid="+sid, body) }
func (w *world) expect(c *call, want string)  { w.Helper(); w.expectAnswer(c.answer(), 200, want) }
func (w *world) refused(c *call, want string) { w.Helper(); w.expectAnswer(c.answer(), 400, want) }

func (w *world) expectAnswer(a answer, status int, body string) {
	w.Helper()
	if a.status != status || a.body != body {
		w.Errorf("answered %v, want %d %q", a, status, body)
	}
}

const (
	unknownSID = `{"code":1,"message":"Session ID unknown"}`
	badReq     = `{"code":3,"message":"Bad request"}`
	wsBase     = "/socket.io/?EIO=4&transport=websocket"
)

// socket is the client's end of a WebSocket.
type socket struct {
	*websocket.Conn
	w   *world
	raw net.Conn
}

func (w *world) dial(target string) *socket {
	w.Helper()
	s := &socket{w: w}
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (c net.Conn, err error) {
			s.raw, err = w.net.dial(ctx, network, addr)
			return s.raw, err
		},
	}
	conn, _, err := websocket.Dial(context.Background(), "ws://x"+target, &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		w.Fatal(err)
	}
	conn.SetReadLimit(-1)
	s.Conn = conn
	w.Cleanup(func() { conn.CloseNow() })
	return s
}

// dialSession opens a session and skips its open packet.
func (w *world) dialSession() *socket {
	w.Helper()
	s := w.dial(wsBase)
	if got := s.read(); !strings.HasPrefix(got, "0{") {
		w.Fatalf("first frame %q", got)
	}
	return s
}

func (s *socket) send(text string) {
	s.w.Helper()
	if err := s.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		s.w.Error(err)
	}
}

// read returns the next frame; a binary one is marked by "bin:", the end of
// the connection is "close" and the status, or "lost".
func (s *socket) read() string {
	kind, data, err := s.Read(context.Background())
	var closed websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return fmt.Sprintf("close %d", closed.Code)
	case err != nil:
		return "lost"
	case kind == websocket.MessageBinary:
		return "bin:" + string(data)
	}
	return string(data)
}

func (s *socket) expect(want ...string) {
	s.w.Helper()
	for _, text := range want {
		if got := s.read(); got != text {
			s.w.Errorf("read %q, want %q", got, text)
			if got == "lost" || strings.HasPrefix(got, "close") {
				return
			}
		}
	}
}
