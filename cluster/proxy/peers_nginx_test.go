//go:build peers

package proxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/realnginx"
	"stickylab/cluster/trace"
)

// These tests run the system's nginx next to the proxy, both before the same
// nodes and with the same text, on loopback only. They fail where nginx is
// missing.

// harness are the lines with which each request carries its own address, on one
// connection.
const harness = "keepalive_requests 1000000; set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For;\n"

// realNginx starts an nginx that follows the text, whose servers must listen on
// addr, and stops it at the end of the test.
func realNginx(t *testing.T, addr, text string) *realnginx.Process {
	t.Helper()
	p, err := realnginx.Run(t, addr, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// freeAddr is a loopback address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	addr, err := realnginx.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// readConfig reads the text that nginx follows.
func readConfig(t *testing.T, text string) *nginx.Config {
	t.Helper()
	c, problems := nginx.Parse(text, nginx.Version(realnginx.Version(t)))
	if len(problems) > 0 {
		t.Fatalf("we refuse what nginx takes: %v", problems)
	}
	return c
}

// ownProxy is the proxy, with the same text and version as nginx, on loopback.
type ownProxy struct {
	addr     string
	recorder *trace.Recorder

	mu     sync.Mutex
	events []trace.Event
	dials  []string
}

func startOwn(t *testing.T, text string) *ownProxy {
	t.Helper()
	o := &ownProxy{}
	o.recorder = trace.NewRecorder(func(step []trace.Event) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.events = append(o.events, step...)
	})
	world := host.Env{
		Listen: func(string, string) (net.Listener, error) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err == nil {
				o.addr = l.Addr().String()
			}
			return l, err
		},
		Dial: func(ctx context.Context, _ string, _ *trace.Lane, addr string) (net.Conn, error) {
			o.mu.Lock()
			o.dials = append(o.dials, addr)
			o.mu.Unlock()
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		},
		Rand:  func(string) *rand.Rand { return rand.New(rand.NewPCG(1, 2)) },
		Lane:  o.recorder.Lane,
		Go:    func(f func()) { go f() },
		Guard: func(f func()) { f() },

		AfterFunc: host.WallTimer,
	}
	p, err := New(Config{Env: world, Host: "proxy", Nginx: readConfig(t, text), Version: nginx.Version(realnginx.Version(t))})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return o
}

// since returns what the proxy dialed since the last call, and whether it found
// no live upstreams. No request may be in flight, but for those on hold.
func (o *ownProxy) since() (dials []string, none bool) {
	o.recorder.CloseStep()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.events {
		none = none || e.Kind == trace.ProxyError && e.Text.String() == noLive
	}
	dials, o.dials, o.events = o.dials, nil, nil
	return dials, none
}

// realNode is a node on loopback that answers with its own address, or
// misbehaves as its mode says.
type realNode struct {
	t    *testing.T
	addr string

	mu    sync.Mutex
	l     net.Listener
	mode  string // "": answers; "close", "hang", "hold" (until released), a status, "raw " and what to say before it closes
	conns map[net.Conn]bool
	heads []string
	held  chan struct{} // closed: those on hold are answered
	waits int
	keep  bool // keep the heads
	ended sync.WaitGroup
}

func startNode(t *testing.T) *realNode {
	t.Helper()
	n := &realNode{t: t, conns: map[net.Conn]bool{}, held: make(chan struct{})}
	n.start(freeAddr(t))
	t.Cleanup(func() {
		n.release()
		n.stop()
		n.ended.Wait()
	})
	return n
}

func (n *realNode) start(addr string) {
	n.t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		n.t.Fatal(err)
	}
	n.mu.Lock()
	n.l = l
	if n.addr == "" {
		n.addr = l.Addr().String()
	}
	n.mu.Unlock()
	n.ended.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.mu.Lock()
			n.conns[c] = true
			n.mu.Unlock()
			n.ended.Go(func() { n.serve(c) })
		}
	})
}

// stop refuses connections and closes those that are open.
func (n *realNode) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.l.Close()
	for c := range n.conns {
		c.Close()
	}
}

func (n *realNode) set(mode string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mode = mode
}

// release answers the requests that are on hold.
func (n *realNode) release() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.held)
	n.held, n.waits = make(chan struct{}), 0
}

// waiting is how many requests are on hold.
func (n *realNode) waiting() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.waits
}

// record keeps the heads from now on.
func (n *realNode) record() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keep = true
}

// taken returns the heads since the last call.
func (n *realNode) taken() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.heads
	n.heads = nil
	return list
}

func (n *realNode) serve(c net.Conn) {
	defer func() {
		c.Close()
		n.mu.Lock()
		delete(n.conns, c)
		n.mu.Unlock()
	}()
	r := bufio.NewReaderSize(c, 64<<10)
	answer := []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(n.addr), n.addr))
	var head []byte
	for {
		head = head[:0]
		length := 0
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			head = append(head, line...)
			if rest, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				fmt.Sscan(string(rest), &length)
			}
			if len(line) == 2 {
				break
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		n.mu.Lock()
		mode, held := n.mode, n.held
		if n.keep {
			n.heads = append(n.heads, string(head)+string(body))
		}
		if mode == "hold" || mode == "hang" {
			n.waits++
		}
		n.mu.Unlock()
		if text, ok := strings.CutPrefix(mode, "raw "); ok {
			io.WriteString(c, text)
			return
		}
		switch mode {
		case "":
			c.Write(answer)
		case "close":
			return
		case "hold":
			<-held
			c.Write(answer)
		case "hang":
			<-held
			return
		default:
			fmt.Fprintf(c, "HTTP/1.1 %s X\r\nContent-Length: %d\r\n\r\n%s", mode, len(n.addr), n.addr)
		}
		if bytes.Contains(head, []byte("HTTP/1.0\r\n")) {
			return
		}
	}
}

// gotten is what a client got.
type gotten struct {
	status int
	body   string
	header http.Header
}

// realClient is a connection to one of the two.
type realClient struct {
	net.Conn
	r *bufio.Reader
}

func connect(t *testing.T, addr string) *realClient {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &realClient{c, bufio.NewReaderSize(c, 1<<16)}
}

// read reads an answer; the status is 0 when the connection ended instead.
func (c *realClient) read(method string) gotten {
	c.SetReadDeadline(time.Now().Add(time.Minute))
	a, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		return gotten{body: err.Error()}
	}
	body, err := io.ReadAll(a.Body)
	if err != nil {
		return gotten{status: a.StatusCode, body: err.Error(), header: a.Header}
	}
	return gotten{a.StatusCode, string(body), a.Header}
}
