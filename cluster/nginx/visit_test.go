package nginx

import (
	"net/netip"
	"testing"
)

// Where requests go, and what the upstream is asked for, as nginx decides it; the same
// blocks are compared with a real one in package proxy.
func TestReach(t *testing.T) {
	const top = `upstream im { server 10.0.0.1:3000; } map $uri $mapped { default none; ~^/app/(?<tail>.*)$ "m-$tail"; } `
	const first = "?EIO=4&transport=polling"
	for _, c := range []struct{ inside, path, target string }{
		{`location / { rewrite ^/app/(.*)$ /$1 break; proxy_pass http://im; }`, "/app/x", "/x" + first},
		{`location /app/ { rewrite ^/app/(.*)$ /$1 break; proxy_pass http://im/sub; }`, "/app/x", "/x" + first},
		{`location /app/ { rewrite ^/app/(.*)$ /other/$1 last; } location /other/ { proxy_pass http://im/o/; }`, "/app/x", "/o/x" + first},
		{`rewrite ^/app(/.*)$ $1?added=1; location / { proxy_pass http://im; }`, "/app/x", "/x?added=1&EIO=4&transport=polling"},
		{`rewrite ^/app(/.*)$ $1?; location / { proxy_pass http://im; }`, "/app/x", "/x"},
		{`location /app/ { rewrite ^ /app/again last; proxy_pass http://im; }`, "/app/x", ""}, // a cycle
		{`location ~ ^/(app/.*)$ { proxy_pass http://im/n/$1$is_args$args; }`, "/app/x", "/n/app/x" + first},
		{`location ~ ^/(?!app)(.*)$ { return 404; } location / { proxy_pass http://im; }`, "/app/x", "/app/x" + first},
		{`location / { rewrite ^/app/(.*)$ /$mapped/$1 break; proxy_pass http://im; }`, "/app/x", "/m-x/x" + first},
		{`location / { try_files $uri $uri/ @app; } location @app { proxy_pass http://im; }`, "/app/x", "/app/x" + first},
		{`location / { try_files $uri /index.html; } location = /index.html { proxy_pass http://im; }`, "/app/x", "/index.html"},
		{`location / { try_files $uri =404; proxy_pass http://im; }`, "/app/x", ""},
		{`error_page 404 = @app; location / { } location @app { proxy_pass http://im; }`, "/app/x", "/app/x" + first},
		{`location / { internal; proxy_pass http://im; }`, "/app/x", ""},
		{`location / { set $a $arg_transport; if ($a = polling) { rewrite ^ /p break; } proxy_pass http://im; }`, "/app/x", "/p" + first},
		{`location / { if ($arg_EIO ~ "^[0-3]$") { return 400; } proxy_pass http://im; }`, "/app/x", "/app/x" + first},
		{`if ($request_method = GET) { return 403; } location / { proxy_pass http://im; }`, "/app/x", ""},
		{`location / { set $pool im; proxy_pass http://$pool; }`, "/app/x", "/app/x" + first},
		{`location /app/ { proxy_pass $scheme://im/sub/$mapped; }`, "/app/x", "/sub/m-x"},
		{`location / { proxy_pass http://im; location /app/ { proxy_pass http://im/n/; } }`, "/app", ""}, // redirected to /app/
	} {
		config := mustParse(t, top+"server { "+c.inside+" }")
		r := config.Reach(netip.MustParseAddrPort("192.168.33.10:80"), "im.example.com", c.path)
		if r.Target != c.target {
			t.Errorf("%s\n%s: asked for %q, want %q", c.inside, c.path, r.Target, c.target)
		}
	}
}

// The leaky bucket of limit_req knows rates of less than one request a second.
func TestLimits(t *testing.T) {
	config := mustParse(t, `limit_req_zone $binary_remote_addr zone=a:1m rate=30r/m; limit_conn_zone $server_name zone=b:1m; limit_req_status 429;
		server { limit_req zone=a burst=5 delay=2; location / { limit_conn b 3; } location /own { limit_req zone=a nodelay; allow 10.0.0.0/8; deny all; } }`)
	s := config.Servers[0]
	for _, c := range []struct {
		location       *Location
		rate, burst    int
		delay, most    int
		status, denied int
	}{
		{s.Locations[0], 500, 5000, 2000, 3, 429, 0},
		{s.Locations[1], 500, 0, 1<<31*1000 - 1000, 0, 429, 403},
	} {
		l := c.location.Limits
		one, most := l.Requests[0], 0
		if len(l.Connections) > 0 {
			most = l.Connections[0].Most
		}
		denied := c.location.Access.Permits(netip.MustParseAddr("192.0.2.1"), false)
		if one.Zone.Rate != c.rate || one.Burst != c.burst || one.Delay != c.delay || most != c.most || l.ReqStatus != c.status || denied != c.denied {
			t.Errorf("%s: %+v, %d connections, denied %d", c.location.Path, one, most, denied)
		}
	}
}
