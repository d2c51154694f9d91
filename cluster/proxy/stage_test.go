package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/nginx"
)

// stage is a proxy between test clients and scripted nodes.
type stage struct {
	t     testing.TB
	w     *wires
	p     *Proxy
	nodes []*node
	conns []net.Conn
}

// act runs a test in a bubble with a proxy that follows the nginx text. The
// bubble fails if a goroutine outlives Close.
func act(t *testing.T, version nginx.Version, text string, f func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, w: newWires()}
		p, err := New(Config{Env: s.w.env(t), Host: "proxy", Nginx: s.parse(text, version), Version: version})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		s.p = p
		f(s)
		for _, c := range s.conns {
			c.Close()
		}
		synctest.Wait()
		p.Close()
		for _, n := range s.nodes {
			n.stop()
			n.drop()
		}
		s.w.Stop()
	})
}

func (s *stage) parse(text string, version nginx.Version) *nginx.Config {
	s.t.Helper()
	c, problems := nginx.Parse(text, version)
	if len(problems) > 0 {
		s.t.Fatalf("configuration: %v", problems)
	}
	return c
}

// node is a scripted upstream server. It keeps the raw heads of the requests
// that it got.
type node struct {
	s      *stage
	addr   string
	answer func(c net.Conn, r *bufio.Reader, head string)

	mu    sync.Mutex
	l     net.Listener
	heads []string
	conns []net.Conn
}

// node starts a node. answer is called for each request, after its head and
// body were read; nil answers 200 with the node's address.
func (s *stage) node(addr string, answer func(c net.Conn, r *bufio.Reader, head string)) *node {
	s.t.Helper()
	n := &node{s: s, addr: addr, answer: answer}
	if answer == nil {
		n.answer = func(c net.Conn, _ *bufio.Reader, _ string) { reply(c, 200, addr) }
	}
	s.nodes = append(s.nodes, n)
	n.start()
	return n
}

func reply(c net.Conn, status int, body string) {
	fmt.Fprintf(c, "HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

func (n *node) start() {
	l, err := n.s.w.listen(n.addr)
	if err != nil {
		n.s.t.Fatal(err)
	}
	n.mu.Lock()
	n.l = l
	n.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.mu.Lock()
			n.conns = append(n.conns, c)
			n.mu.Unlock()
			go n.serve(c)
		}
	}()
}

func (n *node) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		var head strings.Builder
		length := 0
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			head.WriteString(line)
			fmt.Sscanf(line, "Content-Length: %d", &length)
			if line == "\r\n" {
				break
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		head.Write(body)
		n.mu.Lock()
		n.heads = append(n.heads, head.String())
		n.mu.Unlock()
		n.answer(c, r, head.String())
		if strings.Contains(head.String(), "HTTP/1.0") {
			return
		}
	}
}

// stop makes the node refuse connections; the open ones stay.
func (n *node) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.l.Close()
}

// drop closes the node's connections.
func (n *node) drop() {
	n.mu.Lock()
	list := n.conns
	n.conns = nil
	n.mu.Unlock()
	for _, c := range list {
		c.Close()
	}
}

func (n *node) got() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.heads
}

// take is got, for the requests since the last call.
func (n *node) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.heads
	n.heads = nil
	return list
}

// client is a connection to the proxy.
type client struct {
	net.Conn
	s *stage
	r *bufio.Reader
}

func (s *stage) from(ip string) *client {
	s.t.Helper()
	c, err := s.w.dial(context.Background(), ip, "0.0.0.0:80")
	if err != nil {
		s.t.Fatal(err)
	}
	s.conns = append(s.conns, c)
	return &client{c, s, bufio.NewReader(c)}
}

// ask sends a request and returns the answer's status and body.
func (c *client) ask(request string) (int, string) {
	c.s.t.Helper()
	a, body := c.exchange(request)
	if a == nil {
		return 0, ""
	}
	return a.StatusCode, body
}

// exchange is ask with the whole answer; nil: the connection ended.
func (c *client) exchange(request string) (*http.Response, string) {
	c.s.t.Helper()
	synctest.Wait() // what the last answer left to do is done
	if _, err := io.WriteString(c, request); err != nil {
		return nil, ""
	}
	method, _, _ := strings.Cut(request, " ")
	a, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		return nil, ""
	}
	if a.StatusCode == http.StatusSwitchingProtocols {
		return a, ""
	}
	body, err := io.ReadAll(a.Body)
	if err != nil {
		return a, "error: " + err.Error()
	}
	return a, string(body)
}

// get asks from an address on a new connection.
func (s *stage) get(ip string) (int, string) {
	s.t.Helper()
	return s.from(ip).ask(getRequest)
}

const (
	getRequest  = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: im.example.com\r\n\r\n"
	postRequest = "POST /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\nHost: im.example.com\r\nContent-Length: 2\r\n\r\n40"
	wsRequest   = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: im.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

// echo answers an upgrade and returns what it gets.
func echo(c net.Conn, r *bufio.Reader, head string) {
	if !strings.Contains(head, "Upgrade: websocket") {
		reply(c, 400, `{"code":3,"message":"Bad request"}`)
		return
	}
	io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
	io.Copy(c, r)
	c.Close()
}

// config is an upstream of n nodes at 10.0.0.1:3000 and on, behind one server.
func configText(n int, method, location string) string {
	var b strings.Builder
	b.WriteString("upstream im {\n" + method + "\n")
	for i := range n {
		fmt.Fprintf(&b, "server 10.0.0.%d:3000;\n", i+1)
	}
	fmt.Fprintf(&b, "}\nserver {\nlisten 80;\nserver_name im.example.com;\nlocation / {\nproxy_pass http://im;\n%s\n}\n}\n", location)
	return b.String()
}

const upgradeLines = "proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection \"upgrade\";"

// echoed sends a text through a tunnel and expects it back.
func (c *client) echoed(text string) {
	c.s.t.Helper()
	io.WriteString(c, text)
	c.SetReadDeadline(time.Now().Add(time.Second))
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c.r, b); err != nil || string(b) != text {
		c.s.t.Fatalf("sent %q through the tunnel, got %q, %v", text, b, err)
	}
	c.SetReadDeadline(time.Time{})
}
