package sim

import (
	"fmt"
	"testing"
)

// guarded is a scenario whose location has these lines.
func guarded(lines, more, expect string) string {
	return fmt.Sprintf(`title: Guarded
seed: 4
duration: 20s
hosts: {edge: 192.0.2.40}
proxy:
  nginx: |
    upstream im { hash $remote_addr consistent; server 10.0.0.1:3000; server 10.0.0.2:3000; server 10.0.0.3:3000; }
    server {
      listen 80;
      listen unix:/run/web.sock;
      location / { %s proxy_pass http://im; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; }
      location = /auth { internal; if ($remote_addr ~ "^10\.1\.") { return 204; } return 401; }
    }
%s
clients:
  in:  {count: 8, ip: 10.1.0.0/16, connect: 0s..2s}
  out: {count: 8, ip: 10.2.0.0/16, connect: 0s..2s}
expect:
  - {at: end, that: %q}
`, lines, more, expect)
}

// TestWhoMayCome promises that what refuses a request in nginx refuses it here: deny, auth_request and
// limit_except.
func TestWhoMayCome(t *testing.T) {
	const half = "groups['in'].connected == 8 and groups['out'].connected == 0"
	for name, text := range map[string]string{
		"deny":                   guarded("allow 10.1.0.0/16; deny all;", "", half+" and errors['access forbidden by rule'] > 5"),
		"auth_request":           guarded("auth_request /auth;", "", half+" and errors['Session ID unknown'] == 0"),
		"limit_except":           guarded("limit_except GET { deny 10.2.0.0/16; }", "", "groups['in'].connected == 8 and groups['out'].websocket < 8 and errors['access forbidden by rule'] > 0"),
		"a named proxy in front": guarded("set_real_ip_from edge; real_ip_header X-Forwarded-For; deny 10.2.0.0/16;", "front: {ip: 192.0.2.40}", half),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes(t, text)
		})
	}
}
