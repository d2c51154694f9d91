package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
	"stickylab/sim/seed"
)

const server = "10.0.0.1:80"

// inMemory runs f in a bubble with a network on which "server" has the address
// of server, and each direction takes 10 ms.
func inMemory(t *testing.T, f func(t *testing.T, m *Memory, lane func(string) *trace.Lane)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(memnet.Options{
			Wait: synctest.Wait,
			Rand: func(name string) *rand.Rand { return seed.Rand(1, name) },
		}, func(_, _ *memnet.Host) time.Duration { return 10 * time.Millisecond })
		m.AddHost("server", memnet.Node, netip.MustParseAddr("10.0.0.1"))
		m.AddHost("client", memnet.Client, netip.MustParseAddr("203.0.113.7"))
		var wg sync.WaitGroup
		wg.Go(m.Run)
		rec := trace.NewRecorder(func([]trace.Event) {})
		f(t, m, func(host string) *trace.Lane { return rec.Lane(trace.LaneID{Host: host}) })
		m.Stop()
		wg.Wait()
	})
}

func dialAccept(t *testing.T, m *Memory, lane *trace.Lane) (near, far net.Conn) {
	t.Helper()
	l, err := m.Listen("server", server)
	must(t, err)
	defer l.Close()
	near, err = m.Dial(context.Background(), "client", lane, server)
	must(t, err)
	far, err = l.Accept()
	must(t, err)
	return near, far
}

// must stops the test on an error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// atOnce applies f as a step of a run does.
func atOnce(m *Memory, f func() error) error {
	done := make(chan error, 1)
	m.Before(time.Now(), func() { done <- f() })
	return <-done
}

// readAfter reads n bytes and returns them with the time it took.
func readAfter(t *testing.T, c net.Conn, n int) (string, time.Duration) {
	t.Helper()
	start, b := time.Now(), make([]byte, n)
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatal(err)
	}
	return string(b), time.Since(start).Round(time.Millisecond)
}

func TestASlowHostIsSlowInBothDirectionsAndOnOpenConnections(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, m, lane("client/ws"))
		must(t, atOnce(m, func() error { return m.Slow("server", 100*time.Millisecond) }))
		for _, c := range [][2]net.Conn{{near, far}, {far, near}} {
			fmt.Fprint(c[0], "x")
			if _, took := readAfter(t, c[1], 1); took != 110*time.Millisecond {
				t.Errorf("took %v, want 110ms", took)
			}
		}
		start := time.Now()
		again, _ := dialAccept(t, m, lane("client/poll"))
		if took := time.Since(start).Round(time.Millisecond); took != 220*time.Millisecond {
			t.Errorf("a dial took %v, want 220ms", took)
		}
		fmt.Fprint(near, "a") // in flight when the host is fast again
		must(t, atOnce(m, func() error { return m.Resume("server") }))
		fmt.Fprint(near, "b")
		if got, took := readAfter(t, far, 2); got != "ab" || took != 110*time.Millisecond {
			t.Errorf("%q after %v", got, took)
		}
		fmt.Fprint(near, "c")
		if _, took := readAfter(t, far, 1); took != 10*time.Millisecond {
			t.Errorf("took %v, want 10ms", took)
		}
		for _, c := range []net.Conn{near, far, again} {
			c.Close()
		}
	})
}

func TestARefusingHost(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, m, lane("client/ws"))
		l, err := m.Listen("server", server)
		must(t, err, atOnce(m, func() error { return m.Refuse("server") }))
		defer l.Close()
		if _, err := m.Dial(context.Background(), "client", lane("client/poll"), server); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial: %v", err)
		}
		fmt.Fprint(near, "x")
		if got, _ := readAfter(t, far, 1); got != "x" {
			t.Error("an open connection does not work")
		}
		near.Close()
		far.Close()
	})
}

func TestWhatAPartitionLosesArrivesAfterIt(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		m.AddHost("bystander", "client", netip.MustParseAddr("203.0.113.8"))
		near, far := dialAccept(t, m, lane("client/ws"))
		fmt.Fprint(near, "1")
		must(t, atOnce(m, func() error { return m.Partition([]string{"server"}, []string{"client"}) }))
		fmt.Fprint(near, "2")
		near.Close()
		l, err := m.Listen("server", server)
		must(t, err)
		defer l.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		if _, err := m.Dial(ctx, "client", lane("client/poll"), server); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial: %v", err)
		}
		aside, err := m.Dial(context.Background(), "bystander", lane("bystander/poll"), server)
		must(t, err)
		aside.Close()
		if c, err := l.Accept(); err != nil || c.Close() != nil {
			t.Fatal(err)
		}
		// A dial in the dark gets through with the SYN at 3 s.
		start, opened := time.Now(), make(chan error, 1)
		go func() {
			c, err := m.Dial(context.Background(), "client", lane("client/post"), server)
			if err == nil {
				c.Close()
			}
			opened <- err
		}()
		time.Sleep(2 * time.Second)
		must(t, atOnce(m, func() error { return m.Heal([]string{"client"}, []string{"server"}) }))
		if got, err := io.ReadAll(far); string(got) != "12" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		must(t, <-opened)
		if took := time.Since(start).Round(10 * time.Millisecond); took != 3020*time.Millisecond {
			t.Errorf("the dial took %v", took)
		}
		far.Close()
		if c, err := l.Accept(); err != nil || c.Close() != nil {
			t.Fatal(err)
		}
	})
}

func TestADialIntoThePartitionTimesOut(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		l, err := m.Listen("server", server)
		must(t, err, m.Partition([]string{"client"}, []string{"server"}))
		defer l.Close()
		start := time.Now()
		_, err = m.Dial(context.Background(), "client", lane("client/ws"), server)
		if took := time.Since(start).Round(time.Second); !errors.Is(err, syscall.ETIMEDOUT) || took != 127*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestFaultsOfUnknownHosts(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		for _, err := range []error{m.Slow("x", 1), m.Refuse("x"), m.Resume("x"), m.Partition([]string{"x"}, []string{"server"}), m.Heal([]string{"server"}, []string{"x"})} {
			if err == nil || !strings.Contains(err.Error(), `unknown host "x"`) {
				t.Errorf("error %v", err)
			}
		}
	})
}
