package balance

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWatch promises the numbers of a peer at each moment: what runs on it, what
// failed, and until when that keeps it from being chosen.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := mustNew(t, "ip_hash", plain(2, func(i int, p *Peer) { p.MaxFails = 2 }))
		var got []Change
		u.Watch(func(c Change) { got = append(got, c) })
		told := func(want ...Change) {
			t.Helper()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("after %v (-want +got):\n%s", time.Since(time.Unix(0, 0)), d)
			}
			got = nil
		}
		time.Sleep(300 * time.Millisecond)
		request := Request{Addr: netip.MustParseAddr("192.0.2.1")}
		one := u.Start(request)
		p, _ := one.Next()
		at := int(p.Name[0] - 'a')
		told(Change{Peer: at, Conns: 1})
		other := u.Start(request)
		other.Next()
		told(Change{Peer: at, Conns: 2})
		one.Done(true)
		told(Change{Peer: at, Conns: 1, Failed: true, Fails: 1})
		other.Done(true)
		off := 10*time.Second + 700*time.Millisecond
		told(Change{Peer: at, Failed: true, Fails: 2, Off: off})

		time.Sleep(off - time.Nanosecond)
		if got := pick(u, request); got == p.Name {
			t.Error("chosen before the time that was told")
		}
		time.Sleep(time.Nanosecond)
		got = nil
		probe := u.Start(request)
		probe.Next()
		told(Change{Peer: at, Conns: 1, Failed: true, Fails: 2, Off: 11 * time.Second})
		time.Sleep(time.Second)
		probe.Done(false)
		told(Change{Peer: at, Failed: true})
		probe.Done(true) // it is over
		told()
	})
}

// TestWatchSingle promises that the failures of the only peer count for
// nothing.
func TestWatchSingle(t *testing.T) {
	u := mustNew(t, "round_robin", plain(1, nil))
	var got []Change
	u.Watch(func(c Change) { got = append(got, c) })
	fail(u, Request{})
	if d := cmp.Diff([]Change{{Conns: 1}, {}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
