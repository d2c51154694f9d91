//go:build peers

package twins

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stage are the nodes of a play, which write down what they are asked.
type stage struct {
	nodes map[string]*node

	mu   sync.Mutex
	seen []string // the node's address, and the head and body of a request
}

// node is one of them.
type node struct {
	stage *stage
	addr  string

	mu    sync.Mutex
	mode  string // "ok"; "refuse"; "close", after the request; or an answer
	l     net.Listener
	ended chan struct{} // it accepts no more
	conns map[net.Conn]bool
}

// newStage starts nodes. It fails when an address is taken.
func newStage(addrs []string) (*stage, error) {
	s := &stage{nodes: map[string]*node{}}
	for _, addr := range addrs {
		n := &node{stage: s, addr: addr, mode: "ok", conns: map[net.Conn]bool{}}
		if err := n.listen(); err != nil {
			s.close()
			return nil, err
		}
		s.nodes[addr] = n
	}
	return s, nil
}

func (s *stage) close() {
	for _, n := range s.nodes {
		n.become("refuse")
	}
}

// taken returns what was asked since the last call.
func (s *stage) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.seen
	s.seen = nil
	return list
}

func (n *node) listen() error {
	l, err := net.Listen("tcp", n.addr)
	for deadline := time.Now().Add(timeout); err != nil; l, err = net.Listen("tcp", n.addr) {
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(time.Millisecond) // a process that is being started holds the closed socket for a moment
	}
	ended := make(chan struct{})
	n.l, n.ended = l, ended
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.mu.Lock()
			n.conns[c] = true
			n.mu.Unlock()
			go n.serve(c)
		}
	}()
	return nil
}

// become changes the mode. A node that refuses has closed its connections.
func (n *node) become(mode string) error {
	n.mu.Lock()
	was := n.mode
	n.mode = mode
	n.mu.Unlock()
	switch {
	case mode == was:
	case mode == "refuse":
		n.l.Close()
		<-n.ended // until then the address is taken
		n.mu.Lock()
		for c := range n.conns {
			c.Close()
		}
		n.mu.Unlock()
	case was == "refuse":
		return n.listen()
	}
	return nil
}

func (n *node) refuses() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.mode == "refuse"
}

func (n *node) serve(c net.Conn) {
	defer func() {
		c.Close()
		n.mu.Lock()
		delete(n.conns, c)
		n.mu.Unlock()
	}()
	r := bufio.NewReader(c)
	for {
		head, wanted, err := readRequest(r)
		if err != nil {
			return
		}
		n.stage.mu.Lock()
		n.stage.seen = append(n.stage.seen, n.addr+"\r\n"+head)
		n.stage.mu.Unlock()
		n.mu.Lock()
		mode := n.mode
		n.mu.Unlock()
		if mode == "close" {
			return
		}
		if mode == "ok" && wanted != "" {
			mode = wanted
		}
		last := strings.Contains(head, " HTTP/1.0\r\n") || strings.Contains(head, "\r\nConnection: close\r\n")
		_, host, _ := strings.Cut(head, "\r\nHost: ")
		host, _, _ = strings.Cut(host, "\r\n")
		io.WriteString(c, strings.Replace(n.answer(mode, strings.HasPrefix(head, "HEAD "), last), "$host", host, 1))
		if last || mode == "old" || mode == "switch" {
			return
		}
	}
}

// readRequest reads a request. wanted is the answer that its header X-Answer names.
func readRequest(r *bufio.Reader) (text, wanted string, err error) {
	var b strings.Builder
	length, chunked := 0, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", "", err
		}
		b.WriteString(line)
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); strings.ToLower(name) {
		case "content-length":
			length, _ = strconv.Atoi(value)
		case "transfer-encoding":
			chunked = true
		case "x-answer":
			wanted = value
		case "":
			if chunked {
				return b.String() + "(chunked)", wanted, nil
			}
			body := make([]byte, length)
			_, err := io.ReadFull(r, body)
			return b.String() + string(body), wanted, err
		}
	}
}

// answers are what a node sends besides a status: names for the header X-Answer. $host is
// the header that it got.
var answers = map[string]string{
	"there":   "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
	"away":    "HTTP/1.1 301 Moved Permanently\r\nLocation: https://elsewhere.test/x\r\nContent-Length: 2\r\n\r\ngo",
	"back":    "HTTP/1.1 302 Found\r\nLocation: http://$host/app/back?x=1\r\nContent-Length: 0\r\n\r\n",
	"refresh": "HTTP/1.1 200 OK\r\nRefresh: 0; url=http://$host/in/x\r\nContent-Length: 2\r\n\r\nhi",
	"cookies": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: io=1; Path=/\r\nSet-Cookie: b=2\r\nX-One: 1\r\nX-One: 2\r\nContent-Type: text/html\r\n\r\nhi",
	"chunked": "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	"own":     "HTTP/1.1 200 OK\r\nServer: node\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nX-Powered-By: us\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
	"none":    "HTTP/1.1 204 No Content\r\n\r\n",
	"same":    "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
	"switch":  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nin the tunnel",
	"old":     "HTTP/1.0 200 OK\r\n\r\nuntil the end",
	"odd":     "HTTP/1.1 299 Odd Thing\r\nContent-Length: 0\r\n\r\n",
}

// answer is what is sent. Bare means without a body, last that the connection ends after
// it, which is said: who keeps connections would find out too late.
func (n *node) answer(mode string, bare, last bool) string {
	text := answers[mode]
	if text == "" {
		if mode == "ok" {
			mode = "200"
		}
		text = fmt.Sprintf("HTTP/1.1 %s X\r\nContent-Length: %d\r\n\r\n%s", mode, len(n.addr), n.addr)
	}
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	if last && mode != "switch" {
		head = strings.Replace(head, "\r\nConnection: keep-alive", "", 1) + "\r\nConnection: close"
	}
	if bare {
		body = ""
	}
	return head + "\r\n\r\n" + body
}
