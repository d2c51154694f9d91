package memnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/trace"
)

const server = "10.0.0.1:80"

var serverIP, clientIP = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("203.0.113.7")

// inMemory runs f in a bubble with a network on which "server" has the address
// of server, and each direction takes 10 ms.
func inMemory(t *testing.T, f func(t *testing.T, n *Network, lane func(string) *trace.Lane)) {
	t.Helper()
	linked(t, func(_, _ *Host) Link { return Link{Delay: 10 * time.Millisecond} }, f)
}

// linked is inMemory with the state of the links.
func linked(t *testing.T, link func(from, to *Host) Link, f func(t *testing.T, n *Network, lane func(string) *trace.Lane)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{
			Wait: synctest.Wait,
			Link: link,
			Rand: func(name string) *rand.Rand { return rand.New(rand.NewPCG(1, uint64(len(name)))) },
		})
		n.AddHost("server", Node, serverIP)
		n.AddHost("client", Client, clientIP)
		var wg sync.WaitGroup
		wg.Go(n.Run)
		rec := trace.NewRecorder(func([]trace.Event) {})
		f(t, n, func(host string) *trace.Lane { return rec.Lane(trace.LaneID{Host: host}) })
		n.Stop()
		wg.Wait()
	})
}

func dialAccept(t *testing.T, n *Network, lane *trace.Lane) (near, far net.Conn) {
	t.Helper()
	l, err := n.Listen("server", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err = n.Dial(context.Background(), "client", lane, server)
	if err != nil {
		t.Fatal(err)
	}
	far, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return near, far
}

func TestAConnectionCarriesBytesInOrderAfterTheLatency(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		start := time.Now()
		near, far := dialAccept(t, n, lane("client/ws"))
		if d := time.Since(start); d < 20*time.Millisecond || d > 20*time.Millisecond+2*spread {
			t.Errorf("a dial took %v, want a round trip of 20ms", d)
		}
		if got := near.(*Conn).TraceDial().String(); got != "client/ws#1" {
			t.Errorf("name %q", got)
		}
		if got := far.RemoteAddr().String(); !strings.HasPrefix(got, "203.0.113.7:") || got != near.LocalAddr().String() {
			t.Errorf("far sees %s, near is %s", got, near.LocalAddr())
		}
		sent := time.Now()
		for i := range 100 {
			fmt.Fprintf(near, "%d,", i)
		}
		near.Close()
		got, err := io.ReadAll(far)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		for i := range 100 {
			fmt.Fprintf(&want, "%d,", i)
		}
		if string(got) != want.String() {
			t.Errorf("got %q", got)
		}
		if d := time.Since(sent); d < 10*time.Millisecond || d > 11*time.Millisecond {
			t.Errorf("took %v, want 10ms", d)
		}
		far.Close()
	})
}

func TestWhatGoesWrongOnAConnection(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(near, far net.Conn) error
		want error
	}{
		{"read after own close", func(near, far net.Conn) error {
			near.Close()
			_, err := near.Read(make([]byte, 1))
			return err
		}, net.ErrClosed},
		{"read after the other's close", func(near, far net.Conn) error {
			far.Close()
			_, err := near.Read(make([]byte, 1))
			return err
		}, io.EOF},
		{"write to a closed end, then read", func(near, far net.Conn) error {
			far.Close()
			near.Write([]byte("x"))
			time.Sleep(time.Second)
			_, err := near.Write([]byte("y"))
			return err
		}, syscall.ECONNRESET},
		{"read deadline", func(near, far net.Conn) error {
			near.SetReadDeadline(time.Now().Add(time.Minute))
			_, err := near.Read(make([]byte, 1))
			return err
		}, os.ErrDeadlineExceeded},
		{"a deadline set while reading", func(near, far net.Conn) error {
			time.AfterFunc(time.Second, func() { near.SetReadDeadline(time.Unix(1, 0)) })
			_, err := near.Read(make([]byte, 1))
			return err
		}, os.ErrDeadlineExceeded},
		{"write after CloseWrite", func(near, far net.Conn) error {
			near.(*Conn).CloseWrite()
			_, err := near.Write([]byte("x"))
			return err
		}, syscall.EPIPE},
		{"the other end vanished", func(near, far net.Conn) error {
			far.(*Conn).Vanish()
			near.Write([]byte("x"))
			near.SetReadDeadline(time.Now().Add(time.Hour))
			_, err := near.Read(make([]byte, 1))
			return err
		}, os.ErrDeadlineExceeded},
		{"answer after the other's CloseWrite", func(near, far net.Conn) error {
			far.(*Conn).CloseWrite()
			io.ReadAll(near)
			_, err := near.Write([]byte("x"))
			return err
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
				near, far := dialAccept(t, n, lane("client/ws"))
				if err := c.f(near, far); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				near.Close()
				far.Close()
			})
		})
	}
}

func TestDialsThatFail(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		l := lane("client/poll")
		if _, err := n.Dial(context.Background(), "client", l, server); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("nobody listens: %v", err)
		}
		listener, err := n.Listen("server", server)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Listen("server", server); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("two listeners: %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		defer cancel()
		if _, err := n.Dial(ctx, "client", l, server); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("too slow: %v", err)
		}
		near, err := n.Dial(context.Background(), "client", l, server)
		if err != nil {
			t.Fatal(err)
		}
		listener.Close() // with a connection that nobody accepted
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("in the backlog of a closed listener: %v", err)
		}
		if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept on a closed listener: %v", err)
		}
		near.Close()
	})
}

func TestAnyAddressIsNoneOfAnotherMachine(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		n.AddHost("proxy", Proxy, netip.MustParseAddr("192.168.33.10"))
		l, err := n.Listen("proxy", "0.0.0.0:3030")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if _, err := n.Dial(context.Background(), "client", lane("client/ws"), "10.0.0.1:3030"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("the address of a node that does not listen: %v", err)
		}
		for _, own := range []string{"192.168.33.10:3030", "127.0.0.1:3030"} {
			c, err := n.Dial(context.Background(), "client", lane("client/ws"), own)
			if err != nil {
				t.Fatalf("%s: %v", own, err)
			}
			c.Close()
		}
	})
}

func TestControlRunsBeforeTheDeliveriesOfItsInstant(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, n, lane("client/ws"))
		order := make(chan string, 5)
		sent := time.Now()
		near.Write([]byte("x"))
		arrives := time.Unix(0, near.(*Conn).last)
		n.At(arrives, func() { order <- "first" })
		n.At(arrives, func() { order <- "second" })
		n.Before(arrives, func() { order <- "step" })
		n.At(sent, func() { order <- "earlier" })
		far.Read(make([]byte, 1))
		order <- "delivery"
		for _, want := range []string{"earlier", "step", "first", "second", "delivery"} {
			if got := <-order; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		near.Close()
		far.Close()
	})
}

// Ten clients that dial and write in one instant are served in one order,
// however the scheduler of goroutines runs them.
func TestTheOrderOfDeliveriesIsTheSameInEveryRun(t *testing.T) {
	run := func() string {
		var log strings.Builder
		inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
			l, err := n.Listen("server", server)
			if err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			var wg sync.WaitGroup
			wg.Go(func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					wg.Go(func() {
						defer c.Close()
						buf := make([]byte, 8)
						for {
							n, err := c.Read(buf)
							if err != nil {
								return
							}
							mu.Lock()
							fmt.Fprintf(&log, "%d %s %s\n", time.Now().UnixNano(), c.RemoteAddr(), buf[:n])
							mu.Unlock()
						}
					})
				}
			})
			for i := range 10 {
				wg.Go(func() {
					c, err := n.Dial(context.Background(), "client", lane(fmt.Sprintf("client-%02d/ws", i)), server)
					if err != nil {
						t.Error(err)
						return
					}
					for range 5 {
						c.Write([]byte{'a' + byte(i)})
						time.Sleep(time.Millisecond)
					}
					c.Close()
				})
			}
			time.Sleep(time.Second)
			l.Close()
			wg.Wait()
		})
		return log.String()
	}
	first := run()
	if strings.Count(first, "\n") < 20 {
		t.Fatalf("too little happened:\n%s", first)
	}
	for range 10 {
		if again := run(); again != first {
			t.Fatalf("another run gave another order:\n%s\nnot\n%s", again, first)
		}
	}
}

func BenchmarkPacket(b *testing.B) {
	for _, conns := range []int{1, 1000} {
		b.Run(fmt.Sprintf("conns=%d", conns), func(b *testing.B) {
			var q queue
			for i := range conns {
				q.push(&packet{at: int64(i), conn: uint64(i)})
			}
			for i := 0; b.Loop(); i++ {
				p := q.popDue(1 << 62)
				p.at += int64(conns)
				q.push(p)
			}
		})
	}
}

func TestPushHandsOverWhatArrives(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, n, lane("client/ws"))
		near.Write([]byte("early "))
		time.Sleep(time.Second)
		got := make(chan string, 10)
		far.(*Conn).Push(func(b []byte, err error) (idle bool) {
			if err != nil {
				got <- err.Error()
				return false
			}
			got <- string(b)
			return false
		})
		near.Write([]byte("late"))
		near.Close()
		for _, want := range []string{"early ", "late", "EOF"} {
			if s := <-got; s != want {
				t.Errorf("got %q, want %q", s, want)
			}
		}
		far.Close()
	})
}

func TestAClosedEndIsPushedNothing(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, n, lane("client/ws"))
		far.(*Conn).Push(func(b []byte, err error) bool { t.Errorf("pushed %q, %v", b, err); return true })
		near.Write([]byte("on its way"))
		far.Close()
		time.Sleep(time.Second)
		near.Close()
	})
}
