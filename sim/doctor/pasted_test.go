package doctor_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"stickylab/sim/doctor"
)

const headers = `proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`

// What people paste: parts of a file, the output of nginx -T, directives that are
// not simulated.
var pasted = []struct {
	name  string
	text  string
	o     doctor.Options
	sites []string // "server -> upstream path"
	finds []string
	only  []string // experiments after the first
	notes []string // parts of them, with "line: "
}{
	{
		name:  "only a location",
		text:  "location /socket.io/ {\n\tproxy_pass http://localhost:3000;\n\t" + headers + "\n}\n",
		sites: []string{"the locations of the text -> localhost:3000 /socket.io/"},
	},
	{
		name:  "a location without the headers",
		text:  "location /socket.io/ {\n\tproxy_pass http://localhost:3000;\n}\n",
		sites: []string{"the locations of the text -> localhost:3000 /socket.io/"},
		finds: []string{"upgrade"},
	},
	{
		name: "locations, then their upstream",
		text: "location / { root /srv; }\nlocation /socket.io/ { proxy_pass http://im; " + headers + " }\n" +
			"upstream im {\n  hash $remote_addr consistent;\n  server a:1;\n  server b:1;\n}\n",
		o:     doctor.Options{From: doctor.Direct},
		sites: []string{"the locations of the text -> im /socket.io/"},
	},
	{
		name:  "a whole file",
		text:  "user nginx;\r\nevents { }\r\nhttp {\r\n  include mime.types;\r\n  server {\r\n    listen 80;\r\n    location / {\r\n      proxy_pass http://127.0.0.1:3000;\r\n    }\r\n  }\r\n}\r\n",
		sites: []string{"server (line 5) -> 127.0.0.1:3000 /socket.io/"},
		finds: []string{"upgrade"},
	},
	{
		name: "what nginx -T prints",
		text: "# configuration file /etc/nginx/nginx.conf:\nevents { }\nhttp {\n  proxy_read_timeout 15s;\n  include /etc/nginx/conf.d/*.conf;\n}\n\n" +
			"# configuration file /etc/nginx/conf.d/im.conf:\nserver {\n  listen 80;\n  location / {\n    include proxy_params;\n    proxy_pass http://app:3000;\n    " + headers + "\n  }\n}\n",
		sites: []string{"server (line 9) -> app:3000 /socket.io/"},
		finds: []string{"idle"},
		notes: []string{"12: proxy_params is not read", "0: app:3000 is taken for one address"},
		only:  []string{"idle"},
	},
	{
		name: "redirect to https, a static site next to it",
		text: "server { listen 80; server_name a.org; return 301 https://$host$request_uri; }\n" +
			"server { listen 443 ssl http2; listen 443 quic reuseport; server_name a.org; ssl_certificate x; ssl_certificate_key y; brotli on;\n" +
			"location / { try_files $uri /index.html; }\nlocation /socket.io/ { proxy_pass http://127.0.0.1:3000; " + headers + " } }\n",
		sites: []string{"server a.org (line 2) -> 127.0.0.1:3000 /socket.io/"},
		notes: []string{"2: brotli belongs to a module that is not simulated"},
	},
	{
		name: "http and https behave alike, another host does not",
		text: "server { listen 80; server_name a.org; location / { proxy_pass http://127.0.0.1:3000; " + headers + " } }\n" +
			"server { listen 443 ssl; server_name a.org; location / { proxy_pass http://127.0.0.1:3000; " + headers + " } }\n" +
			"server { listen 80; server_name b.org; location / { proxy_pass http://127.0.0.1:3001; } }\n",
		sites: []string{"server a.org (line 1) -> 127.0.0.1:3000 /socket.io/"},
		notes: []string{"3: server b.org (line 3): nothing shows Socket.IO there"},
	},
	{
		name: "one of two servers",
		text: "server { listen 80; server_name a.org; location / { proxy_pass http://127.0.0.1:3000; } }\n" +
			"server { listen 80; server_name b.org; location / { proxy_pass http://127.0.0.1:3001; " + headers + " } }\n",
		o:     doctor.Options{Server: "b.org"},
		sites: []string{"server b.org (line 2) -> 127.0.0.1:3001 /socket.io/"},
	},
	{
		name:  "its own path, cut by the proxy",
		text:  "server { listen 80; location /app/ { proxy_pass http://127.0.0.1:3000/; " + headers + " } location /api { proxy_pass http://127.0.0.1:4000; } }\n",
		sites: []string{"server (line 1) -> 127.0.0.1:3000 /app/socket.io/"},
	},
	{
		name:  "a path that clients and nodes were reported",
		text:  "server { listen 80; location /live/ { proxy_pass http://127.0.0.1:3000; " + headers + " } }\n",
		o:     doctor.Options{Path: "/live/"},
		sites: []string{"server (line 1) -> 127.0.0.1:3000 /live/"},
	},
	{
		name: "sockets, a map that was left out, variables",
		text: "upstream im { ip_hash; server unix:/run/a.sock; server unix:/run/b.sock; keepalive 8; zone im 64k; }\n" +
			"server { listen unix:/run/nginx.sock; listen 80; server_name ~^im\\d+\\.org$; resolver 127.0.0.11;\nlocation ~ ^/socket\\.io/ { set $to im; proxy_pass http://$to; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; } }\n",
		o:     doctor.Options{From: doctor.Direct},
		sites: []string{"server ~^im\\d+\\.org$ (line 2) -> im /socket.io/"},
		finds: []string{"office", "scale"},
		notes: []string{"1: unix:/run/a.sock is simulated", "2: listen unix:/run/nginx.sock", "3: $connection_upgrade is defined nowhere"},
		only:  []string{"scale"},
	},
	{
		name:  "a proxy_pass elsewhere that only a request decides",
		text:  "server { listen 80; location /x/ { proxy_pass http://$host:1; } location / { proxy_pass http://127.0.0.1:3000; " + headers + " } }\n",
		sites: []string{"server (line 1) -> 127.0.0.1:3000 /socket.io/"},
		notes: []string{"1: where http://$host:1 leads is known only"},
	},
	{
		name:  "a proxy_pass that only a request decides",
		text:  "server { location / { proxy_pass http://$host.internal:3000; " + headers + " } }\n",
		sites: []string{"server (line 1) -> unknown-1:3000 /socket.io/"},
		notes: []string{"1: where http://$host.internal:3000 leads is known only when a request comes: one node is taken for it"},
	},
	{
		name:  "the key is what the proxy in front says, and no client comes without it",
		text:  "upstream im { hash $http_x_forwarded_for consistent; server a:1; server b:1; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Behind},
		sites: []string{"server (line 2) -> im /socket.io/"},
	},
	{
		name:  "the key is a header of the CDN, and no client comes without it",
		text:  "upstream im { hash $http_true_client_ip consistent; server a:1; server b:1; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Behind},
		sites: []string{"server (line 2) -> im /socket.io/"},
	},
	{
		name:  "the key is X-Real-IP by way of a map, and no client comes without it",
		text:  "map $http_x_real_ip $who { '' $remote_addr; default $http_x_real_ip; }\nupstream im { hash $who consistent; server a:1; server b:1; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Behind},
		sites: []string{"server (line 3) -> im /socket.io/"},
	},
	{
		name:  "the key is a header that there is no proxy for",
		text:  "upstream im { hash $http_x_real_ip consistent; server a:1; server b:1; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Direct},
		sites: []string{"server (line 2) -> im /socket.io/"},
		finds: []string{"sticky"},
	},
	{
		name:  "the key is the address, and all clients come through a proxy",
		text:  "upstream im { hash $remote_addr consistent; server a:1; server b:1; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Behind},
		sites: []string{"server (line 2) -> im /socket.io/"},
		finds: []string{"key"},
	},
	{
		name:  "the addresses of a CDN, in its own header",
		text:  "upstream im { hash $remote_addr consistent; server a:1; server b:1; }\nserver { set_real_ip_from 173.245.48.0/20; set_real_ip_from 2400:cb00::/32; real_ip_header CF-Connecting-IP;\nlocation / { proxy_pass http://im; " + headers + " } }\n",
		sites: []string{"server (line 2) -> im /socket.io/"},
		only:  []string{"behind"},
	},
	{
		name:  "headers of the outer level that one of the inner level hides",
		text:  "http {\n" + headers + "\nserver {\nlocation / {\n  proxy_set_header Host $host;\n  proxy_pass http://127.0.0.1:3000;\n} } }\n",
		sites: []string{"server (line 3) -> 127.0.0.1:3000 /socket.io/"},
		finds: []string{"upgrade"},
	},
	{
		name:  "a hundred servers",
		text:  "upstream im { hash $remote_addr consistent; " + many(100) + "}\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Direct},
		sites: []string{"server (line 2) -> im /socket.io/"},
		notes: []string{"1: of the 100 servers of im the first 12 are tried"},
	},
	{
		name:  "backup and down",
		text:  "upstream im { server a:1; server b:1 backup; server c:1 down; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		sites: []string{"server (line 2) -> im /socket.io/"},
		notes: []string{"1: only one of 3 servers is in use"},
	},
	{
		name:  "weights that put most clients on one node",
		text:  "upstream im { hash $remote_addr consistent; server 10.0.0.1:3000 weight=9; server 10.0.0.2:3000; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Direct},
		sites: []string{"server (line 2) -> im /socket.io/"},
	},
	{
		name:  "weights, and a key without the last number",
		text:  "upstream im { ip_hash; server 10.0.0.1:3000 weight=3; server 10.0.0.2:3000; }\nserver { location / { proxy_pass http://im; " + headers + " } }\n",
		o:     doctor.Options{From: doctor.Direct},
		sites: []string{"server (line 2) -> im /socket.io/"},
		finds: []string{"office", "scale"},
		only:  []string{"scale"},
	},
	{
		name:  "a URI that gives the path as it was",
		text:  "server { location /socket.io { proxy_pass http://127.0.0.1:3000/socket.io; " + headers + " } }\n",
		sites: []string{"server (line 1) -> 127.0.0.1:3000 /socket.io/"},
	},
	{
		name:  "the old spelling of the header's value",
		text:  "server { location / { proxy_pass https://127.0.0.1:3000; proxy_http_version 2; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection Upgrade; } }\n",
		sites: []string{"server (line 1) -> 127.0.0.1:3000 /socket.io/"},
		notes: []string{"1: HTTP/2 to the nodes is simulated as HTTP/1.1"},
	},
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "server 10.7.0.%d:3000; ", i+1)
	}
	return b.String()
}

func TestWhatPeoplePaste(t *testing.T) {
	for _, p := range some(pasted) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.o.Adapter = "redis"
			r := examine(t, p.text, p.o.Only(p.only...)) // how a text is read shows in the first experiment
			var sites, notes []string
			for _, s := range r.Sites {
				sites = append(sites, fmt.Sprintf("%s -> %s %s", s.Server, s.Upstream, s.Path))
				for _, n := range s.Notes {
					notes = append(notes, fmt.Sprintf("%d: %s", n.Line, n.Text))
				}
				notes = append(notes, "0: "+s.Assumed)
				for _, f := range s.Findings {
					if f.Fix == nil {
						t.Errorf("%s has no fix", f.ID)
					}
				}
			}
			for _, n := range slices.Concat(r.Notes, r.Left) {
				notes = append(notes, fmt.Sprintf("%d: %s", n.Line, n.Text))
			}
			if !slices.Equal(sites, p.sites) {
				t.Errorf("sites %q, want %q", sites, p.sites)
			}
			if got := found(r); !slices.Equal(got, p.finds) && len(got)+len(p.finds) > 0 {
				t.Errorf("found %q, want %q\n%s", got, p.finds, text(t, r))
			}
			for _, want := range p.notes {
				if !slices.ContainsFunc(notes, func(n string) bool { return strings.HasPrefix(n, want) }) {
					t.Errorf("no note %q in %q", want, notes)
				}
			}
		})
	}
}

func TestWhatCannotBeExamined(t *testing.T) {
	for _, c := range []struct {
		text string
		o    doctor.Options
		want string
	}{
		{"", doctor.Options{}, "a location with proxy_pass is needed"},
		{"http { include conf.d/*.conf; }", doctor.Options{}, "insert the text of the included files"},
		{"stream { server { listen 53 udp; proxy_pass a:53; } }", doctor.Options{}, "no server of the stream block passes connections to Socket.IO"},
		{"server { location / { root /srv; } }", doctor.Options{}, "a location with proxy_pass is needed"},
		{"upstream a { server unix:/a; }\nserver { location / { uwsgi_pass a; } }", doctor.Options{}, "uwsgi_pass in line 2 is not simulated"},
		{"server { server_name a.org; location / { proxy_pass http://1.2.3.4; } }", doctor.Options{Server: "b.org"}, "no Socket.IO client reaches server b.org; the text has server a.org (line 1), upstream 1.2.3.4"},
		{"upstream im { server a; }\nserver { location / { proxy_pass http://im; } }", doctor.Options{Upstream: "ws"}, "no Socket.IO client reaches upstream ws"},
	} {
		_, problems, err := doctor.Examine(t.Context(), c.text, c.o)
		if len(problems) > 0 || !errors.Is(err, doctor.ErrUnusable) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v %v, want %q", c.text, problems, err, c.want)
		}
	}
}

func TestWhatNginxRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"server {\n  location / {\n    proxy_pass http://a\n  }\n}":                                   `4:3: unexpected "}"`,
		"upstream a { ip_hsh; server b; }\nserver { location / { proxy_pass http://a; } }":            `1:14: unknown directive "ip_hsh" (did you mean "ip_hash"?)`,
		"server { location / { proxy_pass http://a; proxy_set_header Upgrade $htp_upgrade; } }":       `1:69: unknown "htp_upgrade" variable (did you mean "$http_upgrade"?)`,
		"upstream a { sticky cookie x; server b; }\nserver { location / { proxy_pass http://a; } }\n": `1:14: unknown directive "sticky"`,
	} {
		_, problems, err := doctor.Examine(t.Context(), text, doctor.Options{Version: "1.22"})
		if err != nil || len(problems) == 0 || !strings.HasPrefix(problems[0].Error(), want) {
			t.Errorf("%q: %v %v, want %q", text, problems, err, want)
		}
	}
}
