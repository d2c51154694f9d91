package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

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

// heard reads n bytes and returns them with the time it took.
func heard(t *testing.T, c net.Conn, n int) (string, time.Duration) {
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
			if _, took := heard(t, c[1], 1); took != 110*time.Millisecond {
				t.Errorf("took %v, want 110ms", took)
			}
		}
		start := time.Now()
		again, _ := dialAccept(t, m, lane("client/poll"))
		if took := time.Since(start).Round(time.Millisecond); took != 220*time.Millisecond {
			t.Errorf("a dial took %v, want 220ms", took)
		}
		fmt.Fprint(near, "a") // under way when the host is fast again
		must(t, atOnce(m, func() error { return m.Resume("server") }))
		fmt.Fprint(near, "b")
		if got, took := heard(t, far, 2); got != "ab" || took != 110*time.Millisecond {
			t.Errorf("%q after %v", got, took)
		}
		fmt.Fprint(near, "c")
		if _, took := heard(t, far, 1); took != 10*time.Millisecond {
			t.Errorf("took %v, want 10ms", took)
		}
		for _, c := range []net.Conn{near, far, again} {
			c.Close()
		}
	})
}

func TestAHungHostIsReachedAndAnswersLater(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, m, lane("client/ws"))
		fmt.Fprint(near, "1") // under way
		fmt.Fprint(far, "a")
		must(t, atOnce(m, func() error { return m.Hang("server") }))
		fmt.Fprint(near, "2")
		fmt.Fprint(far, "b")
		start := time.Now()
		other, _ := dialAccept(t, m, lane("client/poll"))
		if took := time.Since(start).Round(time.Millisecond); took != 20*time.Millisecond {
			t.Errorf("a dial to a hung host took %v, want 20ms", took)
		}
		time.Sleep(time.Minute)
		near.SetReadDeadline(time.Now().Add(time.Second))
		if n, err := near.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Errorf("read %d, %v from a hung host", n, err)
		}
		near.SetReadDeadline(time.Time{})
		must(t, atOnce(m, func() error { return m.Resume("server") }))
		if got, took := heard(t, far, 2); got != "12" || took > 11*time.Millisecond {
			t.Errorf("%q after %v", got, took)
		}
		if got, _ := heard(t, near, 2); got != "ab" {
			t.Errorf("%q", got)
		}
		for _, c := range []net.Conn{near, far, other} {
			c.Close()
		}
	})
}

func TestAHungHostThatIsKilledLosesWhatItHad(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, m, lane("client/ws"))
		must(t, atOnce(m, func() error { return m.Hang("server") }))
		fmt.Fprint(near, "1")
		fmt.Fprint(far, "a")
		must(t, atOnce(m, func() error {
			err := m.Crash("server")
			far.Close()
			return err
		}))
		if got, err := io.ReadAll(near); len(got) > 0 || err != nil {
			t.Errorf("read %q, %v, want the end at once", got, err)
		}
		near.Close()
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
		if got, _ := heard(t, far, 1); got != "x" {
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

func TestConnectionsThatEndedAreForgotten(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		for i, end := range []func(near, far net.Conn){
			func(near, far net.Conn) { near.Close(); far.Close() },
			func(near, far net.Conn) { far.Close(); near.(*Conn).Vanish(); near.Close() },
			func(near, far net.Conn) { near.(*Conn).Vanish(); near.(*Conn).Vanish(); far.Close(); far.Close() },
			func(near, far net.Conn) { near.(*Conn).reset(); far.Close(); near.(*Conn).Vanish() },
		} {
			near, far := dialAccept(t, m, lane(fmt.Sprintf("client/%d", i)))
			if len(m.every()) != 2 {
				t.Fatalf("%d ends, want 2", len(m.every()))
			}
			end(near, far)
			if n := len(m.every()); n != 0 {
				t.Errorf("%d: %d ends are left", i, n)
			}
		}
	})
}

func TestFaultsOfUnknownHosts(t *testing.T) {
	inMemory(t, func(t *testing.T, m *Memory, lane func(string) *trace.Lane) {
		for _, err := range []error{m.Slow("x", 1), m.Hang("x"), m.Refuse("x"), m.Resume("x"), m.Partition([]string{"x"}, []string{"server"}), m.Heal([]string{"server"}, []string{"x"})} {
			if err == nil || !strings.Contains(err.Error(), `unknown host "x"`) {
				t.Errorf("error %v", err)
			}
		}
	})
}
