package sim

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"stickylab/cluster"
)

// Thousands of people who come, join a room over WebSocket or polling and go leave
// nothing: neither goroutines, nor sessions, nor memory beyond the history that
// a served run keeps.
func TestThousandsLeaveNothing(t *testing.T) {
	// That nginx keeps no connections to the nodes for later.
	v := serve(t, servedText+"nginx_version: \"1.22\"\n", ServeOptions{NoClients: true, Bounds: cluster.DefaultLimits(), History: 1000})
	come := func(people int) {
		const atOnce = 8
		t.Run(fmt.Sprint(people), func(t *testing.T) { // what the test itself holds goes with it
			var all sync.WaitGroup
			for n := range atOnce {
				all.Go(func() {
					for i := range people / atOnce {
						ip := fmt.Sprintf("203.0.%d.%d", 113+n, 1+i%250)
						if i%2 == 0 {
							v.passOnWebSocket(t, ip)
						} else {
							v.passOnPolling(t, ip)
						}
					}
				})
			}
			all.Wait()
		})
		eventually(t, "all gone", func() bool {
			_, outside := v.now().RealClients(0)
			return nodeOf(v, "im-1").Sessions+nodeOf(v, "im-2").Sessions+outside == 0 &&
				v.net.Connections("proxy")+v.net.Connections("node") == 0
		})
	}
	const many = 4_000
	come(2_000) // which fill what a served run keeps of its past
	goroutines, memory := runtime.NumGoroutine(), inUse()
	come(many)
	eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= goroutines+3 })
	// A single kB for each of them would be four times as much.
	grown := inUse() - memory
	if grown > 1<<20 {
		t.Errorf("the memory has grown by %d kB", grown>>10)
	}
	t.Logf("%d goroutines and %d kB before, %+d kB after", goroutines, memory>>10, grown>>10)
}

// passOnWebSocket comes, joins a room and goes; every other time without a word.
func (v *Served) passOnWebSocket(t *testing.T, ip string) {
	c := here(t, v.Entry(), ip)
	defer c.Close()
	r := upgraded(t, c)
	writeText(c, `40{"name":"passer-by"}`)
	writeText(c, `420["join","lobby"]`)
	if strings.HasSuffix(ip, "1") {
		c.(*net.TCPConn).SetLinger(0) // a reset
		return
	}
	c.Write([]byte{0x88, 0x80, 0, 0, 0, 0})
	closing(r)
}

// passOnPolling is the same over polling.
func (v *Served) passOnPolling(t *testing.T, ip string) {
	p := v.openPolling(t, ip)
	defer p.conn.Close()
	for _, body := range []string{"40{\"name\":\"passer-by\"}\x1e420[\"join\",\"lobby\"]", "1"} {
		if got := p.post(body); got != "ok" {
			t.Errorf("POST is answered %q", got)
		}
	}
}
