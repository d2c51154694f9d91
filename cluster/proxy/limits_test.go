package proxy

import (
	"testing"
	"time"

	"stickylab/cluster/nginx"
)

// limit_req lets a burst through at the rate, or at once, and refuses the rest; what it
// knows of an address leaks away.
func TestRequestsAreLimited(t *testing.T) {
	act(t, nginx.DefaultVersion, `limit_req_zone $remote_addr zone=a:1m rate=10r/s; upstream im { server 10.0.0.1:3000; }
		server { listen 80; location / { limit_req zone=a burst=3; proxy_pass http://im; } location /now { limit_req zone=a burst=3 nodelay; limit_req_status 429; proxy_pass http://im; } }`,
		func(s *stage) {
			s.node("10.0.0.1:3000", nil)
			ask := func(path string) (int, time.Duration) {
				began := time.Now()
				status, _ := s.from("203.0.113.1").ask("GET " + path + " HTTP/1.1\r\nHost: im\r\n\r\n")
				return status, time.Since(began)
			}
			for i, want := range []int{200, 200, 200, 200, 429, 429} {
				if status, took := ask("/now"); status != want || took > 50*time.Millisecond {
					t.Errorf("request %d: %d after %v, want %d at once", i, status, took, want)
				}
			}
			time.Sleep(100 * time.Millisecond)
			if status, took := ask("/"); status != 200 || took < 250*time.Millisecond || took > 350*time.Millisecond {
				t.Errorf("%d after %v, want 200 after 0.3 s", status, took)
			}
			time.Sleep(time.Minute)
			if status, took := ask("/"); status != 200 || took > 50*time.Millisecond {
				t.Errorf("%d after %v, want 200 at once", status, took)
			}
		})
}
