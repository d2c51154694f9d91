//go:build peers

package proxy

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// limiting are insides of locations that limit requests or connections, by the zones of
// limitZones. $arg_k is another key for each burst.
var limiting = []string{
	`limit_req zone=slow;`,
	`limit_req zone=slow burst=3 nodelay;`,
	`limit_req zone=fast burst=3;`,
	`limit_req zone=fast burst=5 delay=2;`,
	`limit_req zone=slow burst=2 nodelay; limit_req_status 429;`,
	`limit_req zone=slow burst=2 nodelay; limit_req_dry_run on;`,
	`limit_req zone=slow burst=4 nodelay; limit_req zone=both burst=1 nodelay;`,
	`limit_req zone=none;`,
	`limit_req zone=minute burst=1 nodelay; error_page 503 =418 /busy;`,
	`limit_conn conns 2;`,
	`limit_conn conns 3; limit_conn_status 429;`,
	`limit_conn conns 1; limit_conn_dry_run on;`,
	`limit_conn conns 4; limit_conn paths 2;`,
	`limit_conn nobody 1;`,
	`limit_conn conns 3; limit_req zone=slow burst=1 nodelay;`,
}

const limitZones = `
limit_req_zone $arg_k zone=slow:1m rate=1r/s;
limit_req_zone $arg_k zone=fast:1m rate=10r/s;
limit_req_zone $arg_k$request_method zone=both:1m rate=2r/s;
limit_req_zone $arg_k zone=minute:1m rate=6r/m;
limit_req_zone $arg_none zone=none:1m rate=1r/s;
limit_conn_zone $arg_k zone=conns:1m;
limit_conn_zone "$arg_k $uri" zone=paths:1m;
limit_conn_zone $arg_none zone=nobody:1m;
`

// TestPeersLimits promises as many answers of each status as nginx gives to a burst of
// requests, on one connection and on several.
func TestPeersLimits(t *testing.T) {
	n := startNode(t)
	addr := freeAddr(t)
	locations := "location /busy { return 200 busy; }\n"
	for i, l := range limiting {
		locations += fmt.Sprintf("location /l%d { %s proxy_pass http://%s; }\n", i, l, n.addr)
	}
	text := limitZones + fmt.Sprintf("server { listen %s;\n%s}\n", addr, locations)
	realNginx(t, addr, text)
	own := startOwn(t, text)
	keys := 0
	for i, l := range limiting {
		for _, several := range []bool{false, true} {
			var want, got []int
			for range 5 { // again where the machine was too busy
				keys++
				want, got = n.burst(t, addr, i, keys, several), n.burst(t, own.addr, i, keys, several)
				if slices.Equal(want, got) {
					break
				}
			}
			if !slices.Equal(want, got) {
				t.Errorf("%s several connections %v: %v; nginx: %v", l, several, got, want)
			}
		}
	}
}

// burst sends requests at once and returns their statuses, sorted. The node answers when
// all that are let through have had the time to come.
func (n *realNode) burst(t *testing.T, addr string, location, key int, several bool) []int {
	const requests = 8
	request := fmt.Sprintf("GET /l%d?k=%d HTTP/1.1\r\nHost: a\r\n\r\n", location, key)
	if !several {
		n.set("")
		c := connect(t, addr)
		defer c.Close()
		io.WriteString(c, strings.Repeat(request, requests))
		var list []int
		for range requests {
			list = append(list, c.read("GET").status)
		}
		return list
	}
	n.set("hold")
	list := make([]int, requests)
	var clients []*realClient
	for range requests {
		clients = append(clients, connect(t, addr))
	}
	var reading sync.WaitGroup
	for i, c := range clients {
		io.WriteString(c, request)
		reading.Go(func() {
			list[i] = c.read("GET").status
			c.Close()
		})
	}
	time.Sleep(time.Second)
	n.release()
	n.set("")
	reading.Wait()
	slices.Sort(list)
	return list
}
