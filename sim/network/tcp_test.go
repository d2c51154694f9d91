package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
)

// tcp is a TCP network with a proxy, a node and a client on it.
type tcp struct {
	*TCP
	t    *testing.T
	lane *trace.Lane
}

func newTCP(t *testing.T, o TCPOptions) *tcp {
	t.Helper()
	rec := trace.NewRecorder(func([]trace.Event) {})
	n := &tcp{NewTCP(o), t, rec.Lane(trace.LaneID{Host: "lane"})}
	n.AddHost("proxy", memnet.Proxy, netip.MustParseAddr("192.168.33.10"))
	n.AddHost("im-1", memnet.Node, netip.MustParseAddr("10.0.0.1"))
	n.AddHost("ada", memnet.Client, netip.MustParseAddr("203.0.113.7"))
	var running sync.WaitGroup
	running.Go(n.Run)
	t.Cleanup(func() {
		n.Stop()
		running.Wait()
	})
	return n
}

// listen listens somewhere and returns what is accepted.
func (n *tcp) listen(host, addr string) (net.Listener, <-chan net.Conn) {
	n.t.Helper()
	n.Want(netip.MustParseAddrPort(addr), "127.0.0.1:0", true)
	l, err := n.Listen(host, addr)
	if err != nil {
		n.t.Fatal(err)
	}
	conns := make(chan net.Conn, 10)
	go func() {
		defer close(conns)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns <- c
		}
	}()
	n.t.Cleanup(func() {
		l.Close()
		for c := range conns {
			c.Close()
		}
	})
	return l, conns
}

// timeout is how long anything may take that must happen.
const timeout = time.Minute

func (n *tcp) dial(host, addr string) net.Conn {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), timeout)
	defer cancel()
	c, err := n.Dial(ctx, host, n.lane, addr)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { c.Close() })
	return c
}

// raw connects as a stranger does.
func (n *tcp) raw(addr string) net.Conn {
	n.t.Helper()
	c, err := net.Dial("tcp", n.Real(addr))
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { c.Close() })
	return c
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, c net.Conn, want string) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(timeout))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v, want %q", got, err, want)
	}
	c.SetReadDeadline(time.Time{})
}

// silent fails the test if something can be read.
func silent(t *testing.T, c net.Conn, d time.Duration) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(d))
	if n, err := c.Read(make([]byte, 10)); n > 0 || !errors.Is(err, syscall.ETIMEDOUT) && !isTimeout(err) {
		t.Fatalf("read %d bytes, %v, want nothing", n, err)
	}
	c.SetReadDeadline(time.Time{})
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

const (
	proxyAt = "192.168.33.10:80"
	nodeAt  = "10.0.0.1:3000"
)

func TestClientsOfAProxyHaveTheirOwnAddresses(t *testing.T) {
	n := newTCP(t, TCPOptions{})
	_, accepted := n.listen("proxy", proxyAt)
	for _, c := range []struct{ say, from string }{
		{"GET / HTTP/1.1\r\n", "127.0.0.1"},
		{"PROXY TCP4 198.51.100.9 192.0.2.1 1234 80\r\nGET / HTTP/1.1\r\n", "198.51.100.9"},
		{"PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n", "127.0.0.1"},
		{"POST / HTTP/1.1\r\n", "127.0.0.1"},
	} {
		conn := n.raw(proxyAt)
		write(t, conn, c.say)
		got := <-accepted
		if a := got.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().String(); a != c.from {
			t.Errorf("%q comes from %s", c.say, a)
		}
		read(t, got, c.say[strings.LastIndexByte(c.say[:len(c.say)-2], '\n')+1:])
	}
	// A virtual client's own address is known, and what it writes is whole.
	c := n.dial("ada", proxyAt)
	write(t, c, "GET /")
	got := <-accepted
	read(t, got, "GET /")
	if a := got.RemoteAddr().(*net.TCPAddr).IP.String(); a != "203.0.113.7" {
		t.Errorf("ada comes from %s", a)
	}
	if c.LocalAddr().(*net.TCPAddr).IP.String() != "203.0.113.7" || c.RemoteAddr().String() != proxyAt {
		t.Errorf("she sees %v to %v", c.LocalAddr(), c.RemoteAddr())
	}
}

func TestAMalformedProxyLineClosesTheConnection(t *testing.T) {
	n := newTCP(t, TCPOptions{HeaderTimeout: 100 * time.Millisecond})
	_, accepted := n.listen("proxy", proxyAt)
	for _, say := range []string{"PROXY TCP4 nobody\r\n", "PROXY TCP4 1.2.3.4", "PRO", ""} {
		c := n.raw(proxyAt)
		write(t, c, say)
		c.SetReadDeadline(time.Now().Add(timeout))
		if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
			t.Errorf("after %q: %v", say, err)
		}
	}
	c := n.raw(proxyAt) // one that is silent does not keep others out
	defer c.Close()
	write(t, n.raw(proxyAt), "GET")
	read(t, <-accepted, "GET")
}

// A connection within the simulation has one name and the simulation's addresses
// at both ends; one from outside has those of its socket.
func TestConnectionsWithinTheSimulationHaveNames(t *testing.T) {
	n := newTCP(t, TCPOptions{AnyPort: true})
	_, accepted := n.listen("im-1", nodeAt)
	for i := range 50 {
		c, raw := n.dial("ada", nodeAt), n.raw(nodeAt)
		for range 2 {
			got := <-accepted
			name, from := got.(*tcpConn).TraceDial().String(), got.RemoteAddr().String()
			switch {
			case strings.HasPrefix(from, "203.0.113.7:"):
				if want := fmt.Sprintf("lane#%d", i+1); name != want || from != c.LocalAddr().String() || got.LocalAddr().String() != nodeAt {
					t.Errorf("%s from %s at %s, want %s from %s", name, from, got.LocalAddr(), want, c.LocalAddr())
				}
			case from != raw.LocalAddr().String() || name != from:
				t.Errorf("%s from %s, want %s", name, from, raw.LocalAddr())
			}
		}
	}
}

// The machine gives a port to several connections when they lead to different
// ports, so a client from outside may have that of a connection within.
func TestAPortIsSharedWithAConnectionWithin(t *testing.T) {
	n := newTCP(t, TCPOptions{})
	n.listen("im-1", "10.0.0.1:3000")
	c, err := n.Dial(context.Background(), "proxy", n.lane, "10.0.0.1:3000")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	inner := c.(*tcpConn).Conn
	if n.dialer(dialKey(inner.LocalAddr(), inner.RemoteAddr()), "") != c {
		t.Error("the node does not know the proxy's connection")
	}
	elsewhere := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
	if n.dialer(dialKey(inner.LocalAddr(), elsewhere), "") != nil {
		t.Error("a connection to another port is taken for it")
	}
}

func TestTheClockRunsEntriesInOrder(t *testing.T) {
	c := newClock(func() {})
	var order []int
	now := time.Now()
	c.At(now, func() { order = append(order, 2) })
	c.At(now.Add(-time.Second), func() { order = append(order, 1) })
	c.Before(now, func() { order = append(order, 3); c.stop() })
	c.Run()
	if !slices.Equal(order, []int{1, 2, 3}) {
		t.Errorf("order %v", order)
	}
}

func TestPorts(t *testing.T) {
	n := newTCP(t, TCPOptions{})
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := netip.MustParseAddrPort("10.0.0.1:3000")

	n.Want(at, taken.Addr().String(), false)
	l, err := n.Listen("im-1", at.String())
	if err != nil {
		t.Fatal(err)
	}
	p := n.Places()[0]
	if p.Host != "im-1" || p.Virtual != at.String() || p.Wanted != taken.Addr().String() || p.Real == p.Wanted || n.Real(at.String()) != p.Real {
		t.Errorf("%+v", p)
	}
	if _, err := n.Listen("im-1", at.String()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listening twice: %v", err)
	}
	l.Close()
	if _, err := n.Dial(t.Context(), "ada", n.lane, at.String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
	if l, err = n.Listen("im-1", at.String()); err != nil || l.Addr().String() != p.Real {
		t.Errorf("it comes back at %v, not %s: %v", l.Addr(), p.Real, err)
	}
	l.Close()

	must := netip.MustParseAddrPort("10.0.0.1:3001")
	n.Want(must, taken.Addr().String(), true)
	if _, err := n.Listen("im-1", must.String()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port that must be is replaced: %v", err)
	}
	if _, err := n.Dial(t.Context(), "ada", n.lane, "10.9.9.9:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("an address of nobody: %v", err)
	}
}

func TestAnyAddress(t *testing.T) {
	n := newTCP(t, TCPOptions{})
	n.Want(netip.MustParseAddrPort(proxyAt), "127.0.0.1:0", true)
	l, err := n.Listen("proxy", "0.0.0.0:80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go l.Accept()
	n.dial("ada", proxyAt)
}

func TestMoreConnectionsThanAllowed(t *testing.T) {
	n := newTCP(t, TCPOptions{MaxConnections: 3})
	_, accepted := n.listen("im-1", nodeAt)
	var inside []net.Conn
	for range 3 {
		n.raw(nodeAt)
		inside = append(inside, <-accepted)
	}
	one := n.raw(nodeAt)
	one.SetReadDeadline(time.Now().Add(timeout))
	if _, err := one.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the fourth is kept: %v", err)
	}
	if got := n.Connections(memnet.Node); got != 3 {
		t.Errorf("%d connections", got)
	}
	inside[0].Close()
	inside[0].Close()
	write(t, n.raw(nodeAt), "x")
	read(t, <-accepted, "x")
}

func TestFaultsOverTCP(t *testing.T) {
	n := newTCP(t, TCPOptions{})
	l, accepted := n.listen("im-1", nodeAt)
	inside := n.dial("proxy", nodeAt)
	near := <-accepted
	outside := n.raw(nodeAt)
	far := <-accepted

	t.Run("slow", func(t *testing.T) {
		n.Slow("im-1", 60*time.Millisecond)
		began := time.Now()
		for _, text := range []string{"one", "two", "three"} {
			write(t, inside, text)
		}
		read(t, near, "onetwothree")
		if d := time.Since(began); d < 60*time.Millisecond {
			t.Errorf("took %v", d)
		}
		n.Resume("im-1")
		write(t, near, "back")
		read(t, inside, "back")
	})
	t.Run("refused", func(t *testing.T) {
		n.Refuse("im-1")
		if _, err := n.Dial(t.Context(), "proxy", n.lane, nodeAt); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("from inside: %v", err)
		}
		if _, err := net.Dial("tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("from outside: %v", err)
		}
		write(t, outside, "still")
		read(t, far, "still")
		n.Resume("im-1")
		write(t, n.raw(nodeAt), "x")
		read(t, <-accepted, "x")
	})
	t.Run("parted", func(t *testing.T) {
		n.Partition([]string{"proxy"}, []string{"im-1"})
		write(t, inside, "later")
		write(t, outside, "now")
		read(t, far, "now")
		silent(t, near, 30*time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		if _, err := n.Dial(ctx, "proxy", n.lane, nodeAt); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dialed: %v", err)
		}
		n.Heal([]string{"proxy"}, []string{"im-1"})
		read(t, near, "later")
	})
	t.Run("closed while parted", func(t *testing.T) {
		c := n.dial("proxy", nodeAt)
		other := <-accepted
		must(t, n.Partition([]string{"proxy"}, []string{"im-1"}))
		write(t, c, "last words")
		c.Close()
		silent(t, other, 30*time.Millisecond)
		must(t, n.Heal([]string{"proxy"}, []string{"im-1"}))
		read(t, other, "last words")
		if _, err := other.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("then %v", err)
		}
	})
	t.Run("all is healed", func(t *testing.T) {
		must(t, n.Refuse("im-1"), n.Slow("proxy", time.Hour), n.HealAll())
		c := n.dial("proxy", nodeAt)
		write(t, c, "well")
		read(t, <-accepted, "well")
	})
	if err := n.Slow("nobody", time.Second); err == nil {
		t.Error("a host that there is not is slow")
	}
	if err := n.Partition([]string{"nobody"}, []string{"im-1"}); err == nil {
		t.Error("a host that there is not is parted")
	}
}

func TestLatencyOverTCP(t *testing.T) {
	n := newTCP(t, TCPOptions{Latency: func(from, to *memnet.Host) time.Duration {
		if from.Role == memnet.Client {
			return 50 * time.Millisecond
		}
		return 0
	}})
	_, accepted := n.listen("proxy", proxyAt)
	c := n.raw(proxyAt)
	write(t, c, "hello")
	far := <-accepted
	read(t, far, "hello")
	n.Refresh()
	began := time.Now()
	write(t, far, "there and back")
	read(t, c, "there and back")
	if d := time.Since(began); d < 100*time.Millisecond {
		t.Errorf("took %v", d)
	}
}

func TestVanishedOverTCP(t *testing.T) {
	n := newTCP(t, TCPOptions{})
	_, accepted := n.listen("im-1", nodeAt)
	c := n.dial("ada", nodeAt)
	far := <-accepted
	c.(interface{ Vanish() }).Vanish()
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	silent(t, far, 30*time.Millisecond)
}
