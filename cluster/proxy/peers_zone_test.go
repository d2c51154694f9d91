//go:build peers

package proxy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestPeersZoneAtReload promises that the state of an upstream's peers is fresh
// after a reload, with a zone as without.
func TestPeersZoneAtReload(t *testing.T) {
	for _, zone := range []string{"", "zone im 64k;"} {
		dead, alive := startNode(t), startNode(t)
		dead.stop() // refuses
		addr := freeAddr(t)
		directive, log := errorLog(t)
		text := directive + fmt.Sprintf("upstream im { %s server %s fail_timeout=60s; server %s; }\nserver { listen %s; location / { proxy_pass http://im; } }\n",
			zone, dead.addr, alive.addr, addr)
		process := realNginx(t, addr, text)
		ask := func() {
			for range 5 {
				c := connect(t, addr)
				fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
				if a := c.read("GET"); a.status != 200 {
					t.Errorf("%d %s", a.status, a.body)
				}
				c.Close()
			}
		}
		ask()
		if n := refusals(log()); n != 1 {
			t.Fatalf("%q: the dead node was tried %d times", zone, n)
		}
		if err := process.Reload(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); refusals(log()) < 2; {
			if time.Now().After(deadline) {
				t.Fatalf("%q: the reload did not bring the dead node back into play", zone)
			}
			ask()
			time.Sleep(20 * time.Millisecond)
		}
		ask()
		if n := refusals(log()); n != 2 {
			t.Errorf("%q: the dead node was tried %d times", zone, n)
		}
	}
}

// refusals counts the connections that nginx was refused.
func refusals(log string) int {
	return strings.Count(log, "connect() failed (111: Connection refused)")
}
