package memnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// relink changes the state of the links on the scheduler's goroutine.
func relink(n *Network, state *atomic.Pointer[Link], l Link) {
	done := make(chan struct{})
	n.Before(time.Now(), func() {
		state.Store(&l)
		n.Relink()
		close(done)
	})
	<-done
}

func TestWhatIsSentOverACutLinkArrivesInOrderAfterIt(t *testing.T) {
	const delay = 10 * time.Millisecond
	var state atomic.Pointer[Link]
	state.Store(&Link{Delay: delay})
	linked(t, func(_, _ *Host) Link { return *state.Load() }, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		near, far := dialAccept(t, n, lane("client/ws"))
		fmt.Fprint(near, "in flight, ")
		relink(n, &state, Link{Delay: delay, Cut: true})
		fmt.Fprint(near, "held, ")
		fmt.Fprint(near, "and held")
		near.Close()
		far.SetReadDeadline(time.Now().Add(time.Hour))
		if k, err := far.Read(make([]byte, 1)); k > 0 || err == nil {
			t.Errorf("read %d, %v over a link that is cut", k, err)
		}
		far.SetReadDeadline(time.Time{})
		began := time.Now()
		relink(n, &state, Link{Delay: 2 * delay})
		got, err := io.ReadAll(far)
		if took := time.Since(began).Round(time.Millisecond); string(got) != "in flight, held, and held" || err != nil || took != 2*delay {
			t.Errorf("%q, %v after %v", got, err, took)
		}
		far.Close()
	})
}

func TestALinkThatIsCutOrRefused(t *testing.T) {
	for _, c := range []struct {
		link Link
		want error
		took time.Duration
	}{
		{Link{Cut: true}, syscall.ETIMEDOUT, 127 * time.Second},
		{Link{Delay: time.Second, Refused: true}, syscall.ECONNREFUSED, 2 * time.Second},
	} {
		linked(t, func(_, _ *Host) Link { return c.link }, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
			l, err := n.Listen("server", server)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			began := time.Now()
			_, err = n.Dial(context.Background(), "client", lane("client/ws"), server)
			if took := time.Since(began).Round(time.Second); !errors.Is(err, c.want) || took != c.took {
				t.Errorf("%+v: %v after %v", c.link, err, took)
			}
		})
	}
}

func TestConnectionsThatEndedAreForgotten(t *testing.T) {
	inMemory(t, func(t *testing.T, n *Network, lane func(string) *trace.Lane) {
		for i, end := range []func(near, far net.Conn){
			func(near, far net.Conn) { near.Close(); far.Close() },
			func(near, far net.Conn) { far.Close(); near.(*Conn).Vanish(); near.Close() },
			func(near, far net.Conn) { near.(*Conn).Vanish(); near.Close(); near.Close(); far.Close(); far.Close() },
			func(near, far net.Conn) { near.(*Conn).reset(); far.Close(); near.(*Conn).Vanish(); near.Close() },
		} {
			near, far := dialAccept(t, n, lane(fmt.Sprintf("client/%d", i)))
			if ends := len(n.ends()); ends != 2 {
				t.Fatalf("%d ends, want 2", ends)
			}
			end(near, far)
			if ends := len(n.ends()); ends != 0 {
				t.Errorf("%d: %d ends are left", i, ends)
			}
		}
	})
}

// Without the bubble's Wait, and without latency, what is written has arrived once
// all goroutines are idle.
func TestTheZeroOptions(t *testing.T) {
	n := New(Options{})
	n.AddHost("server", Node, serverIP)
	n.AddHost("client", Client, clientIP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.Run()
	}()
	near, far := dialAccept(t, n, trace.NewRecorder(func([]trace.Event) {}).Lane(trace.LaneID{Host: "client"}))
	fmt.Fprint(near, "at once")
	near.Close()
	if got, err := io.ReadAll(far); string(got) != "at once" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	far.Close()
	n.Stop()
	<-ended
}
