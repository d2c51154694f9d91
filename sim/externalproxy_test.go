package sim

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"stickylab/sim/expect"
)

const externalText = `title: Behind a proxy from outside
seed: 7
duration: 2s
settle: 3s
nodes: 1
proxy: {policy: ip_hash}
clients:
  all: {count: 3, ip: 203.0.113.0/24, connect: 0s..100ms, say: every 100ms}
expect:
  - {at: end, that: "nodes['im-1'].clients == 3"}
  - {at: end, that: "delivery.total.ratio == 1"}
`

// relay passes connections on to one address, without the PROXY line that each
// begins with.
type relay struct {
	net.Listener
	to      string
	running sync.WaitGroup

	mu    sync.Mutex
	lines []string
}

func startRelay(to string) (*relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{Listener: l, to: to}
	r.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r.running.Go(func() { r.pass(c) })
		}
	})
	return r, nil
}

func (r *relay) pass(c net.Conn) {
	defer c.Close()
	from := bufio.NewReader(c)
	line, err := from.ReadString('\n')
	if err != nil {
		return
	}
	r.mu.Lock()
	r.lines = append(r.lines, line)
	r.mu.Unlock()
	up, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	r.running.Go(func() {
		io.Copy(c, up)
		c.Close()
	})
	io.Copy(up, from)
	up.Close()
}

func (r *relay) end() {
	r.Close()
	r.running.Wait()
}

// A run behind a proxy from outside is judged as any other, and its clients
// have their own addresses.
func TestBehindAProxyFromOutside(t *testing.T) {
	t.Parallel()
	p := parse(t, "external.yaml", externalText, nil)
	var r *relay
	stops := 0
	result, _ := run(t, p, Options{Real: true, Proxy: func(real func(string) string) (string, func(), error) {
		if real("203.0.113.1:1") != "" {
			t.Error("an address that is no node's stands for something")
		}
		var err error
		if r, err = startRelay(real(p.Nodes[0].Listen.String())); err != nil {
			return "", nil, err
		}
		return r.Addr().String(), func() { stops++; r.end() }, nil
	}})
	if result == nil {
		return
	}
	if result.Verdict != expect.Pass || stops != 1 {
		t.Errorf("%s: %+v; stopped %d times", result.Verdict, result.Expectations, stops)
	}
	for _, c := range p.Clients {
		if !strings.Contains(strings.Join(r.lines, ""), "PROXY TCP4 "+c.IP.String()+" 127.0.0.1 ") {
			t.Errorf("nobody came from %s: %q", c.IP, r.lines)
		}
	}
}

func TestAProxyFromOutsideThatFails(t *testing.T) {
	t.Parallel()
	broken, stops := errors.New("broken"), 0
	_, err := Run(t.Context(), parse(t, "external.yaml", externalText, nil), Options{Real: true, Proxy: func(func(string) string) (string, func(), error) {
		return "", nil, broken
	}})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	text := externalText + "steps:\n  - {at: 300ms, policy: least_conn}\n"
	_, err = Run(t.Context(), parse(t, "external.yaml", text, nil), Options{Real: true, Proxy: func(real func(string) string) (string, func(), error) {
		r, err := startRelay(real("127.0.0.1:1"))
		if err != nil {
			return "", nil, err
		}
		return r.Addr().String(), func() { stops++; r.end() }, nil
	}})
	if err == nil || !strings.Contains(err.Error(), "external one") || stops != 1 {
		t.Errorf("got %v; stopped %d times", err, stops)
	}
}
