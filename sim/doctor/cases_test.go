package doctor_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stickylab/sim/doctor"
)

// fileCase is a file as people have it, in testdata/cases: where Socket.IO is taken to
// be and what is found, of nodes with an adapter. Where something breaks, there is a
// fix for it.
type fileCase struct {
	file    string
	path    string // of the clients; "" means that nothing is examined
	asked   string // --path
	version string
	finds   []string // without "restart", which costs by default
	line    int      // of the first finding's cause
	says    []string // parts of the report, without its line breaks
	never   []string
	unreal  bool // no nginx of that text can be started, or clients need what is not started here
}

var cases = []fileCase{
	{file: "angle-placeholder", path: "/socket.io/", says: []string{"line 3: <your-domain> is no host name"}},
	{file: "api-socket-io", path: "/api/socket.io/"},
	{file: "basic-auth", path: "/socket.io/", finds: []string{"credentials?"}, line: 3, says: []string{"not tried: auth_basic (line 3)"}},
	{file: "cdn-in-front", path: "/socket.io/", finds: []string{"office", "scale"}, line: 2},
	{file: "compose-two-services", path: "/socket.io/", says: []string{"backend:4000 is taken for one address and one process"}},
	{file: "connection-close", path: "/socket.io/", finds: []string{"upgrade"}, line: 7},
	{file: "cors-twice", path: "/socket.io/", finds: []string{"cors?"}, line: 8},
	{file: "django-channels", path: "/ws/", says: []string{"a WebSocket that is not Socket.IO", "line 11: location / takes /socket.io/; --path /socket.io/ examines it"}},
	{file: "double-slash", path: "/chat/socket.io/", finds: []string{"reach"}, line: 5, says: []string{"is asked for //socket.io/", "+ location /chat/ {"}, never: []string{"lacks"}},
	{file: "hash-user-agent", path: "/socket.io/", finds: []string{"key", "behind?"}, line: 2, says: []string{"All clients with the same browser"}, never: []string{"the same for all clients"}},
	{file: "headers-in-server", path: "/socket.io/", finds: []string{"upgrade"}, line: 7},
	{file: "host-twice", path: "/socket.io/", says: []string{"line 8: nginx sends Host twice"}},
	{file: "identity-with-path", asked: "/console/socket.io/", path: "/console/socket.io/"},
	{file: "ip-hash-three", path: "/socket.io/", finds: []string{"office", "scale", "behind?"}, line: 2},
	{file: "laravel-echo", path: "/socket.io/"},
	{file: "limit-req", path: "/socket.io/", finds: []string{"limit?"}, line: 5, says: []string{"Nothing breaks in what was tried; not tried: limit_req (line 5)"}},
	{file: "mattermost", says: []string{"Nothing was examined", "line 9: location ~ /api/v[0-9]+/(users/)?websocket$ is taken for a WebSocket that is not Socket.IO"}},
	{file: "next-custom-server", path: "/socket.io/"},
	{file: "no-proxy-pass", path: "/socket.io/", finds: []string{"reach"}, line: 6},
	{file: "nodebb", path: "/socket.io/", finds: []string{"office", "scale", "behind?"}, line: 2},
	{file: "path-under-v2", path: "/v2/realtime/socket.io/"},
	{file: "prefix-kept", path: "/live/socket.io/", says: []string{"line 4: location /live/ passes Upgrade on: clients are taken to ask for /live/socket.io/", "--path PATH"}},
	{file: "rails-cable", path: "/cable/", says: []string{"a WebSocket that is not Socket.IO"}},
	{file: "regex-socket", path: "/socket.io/"},
	{file: "renames-ws", path: "/ws/", never: []string{"- location /ws"}},
	{file: "rest-api-and-chat", path: "/socket.io/", finds: []string{"behind?"}, line: 16, says: []string{"line 14: server api.example.org (line 11): nothing shows Socket.IO there", "upstream api: no examined request reaches it"}},
	{file: "round-robin-locations", path: "/chat/socket.io/", finds: []string{"sticky", "behind?"}, line: 1},
	{file: "short-timeout", path: "/socket.io/", finds: []string{"idle"}, line: 8},
	{file: "signalr", path: "/hubs/desk/"},
	{file: "spa-without-socket-location", path: "/socket.io/", finds: []string{"reach?"}, line: 4, says: []string{"+ proxy_set_header Upgrade $http_upgrade;"}, never: []string{"- location"}},
	{file: "spa-without-socket-location", asked: "/socket.io/", path: "/socket.io/", finds: []string{"reach"}, line: 4},
	{file: "ssl-on", path: "/socket.io/", says: []string{`First: line 3: nginx 1.30 does not start with "ssl"`}},
	{file: "ssl-on", version: "1.22", path: "/socket.io/", never: []string{"First"}},
	{file: "static-js", path: "/socket.io/", says: []string{"line 9: location ~* \\.(js|css|png)$ takes /socket.io/socket.io.js"}},
	{file: "static-wins", path: "/socket.io/", says: []string{"line 9: location ~ \\.js$ takes /socket.io/socket.io.js"}},
	{file: "sticky-by-session-cookie", path: "/socket.io/", finds: []string{"sticky?", "behind?"}, line: 2},
	{file: "swallowed-size", path: "/socket.io/", says: []string{`First: line 4: "client_max_body_size" is taken as an argument of "server_name"`}},
	{file: "upgrade-without-dollar", path: "/socket.io/", finds: []string{"reach"}, line: 6, never: []string{"404"}},
	{file: "upstream-service", path: "/socket.io/", says: []string{"app:3000 is taken for one address"}},
	{file: "upstream-typo", path: "/socket.io/", says: []string{`First: line 11: no upstream is called "chatnodes", but one is called "chat_nodes" (line 3)`, "upstream chat_nodes: no examined request reaches it"}},
	{file: "localhost-twice", path: "/socket.io/", says: []string{"localhost has two addresses in most hosts files", "--host localhost=127.0.0.1"}, never: []string{"one address"}},
	{file: "server-name-ip", path: "/socket.io/"},
	{file: "try-files-named", path: "/socket.io/"},
	{file: "rewrite-cut", path: "/im/socket.io/"},
	{file: "map-capture", path: "/socket.io/"},
	{file: "health-check-module", path: "/socket.io/", finds: []string{"office", "scale", "behind?"}, line: 2, says: []string{"check_http_send"}},
	{file: "outer-variable", path: "/socket.io/", unreal: true},
	{file: "geo-map-pool", path: "/socket.io/"},
	{file: "inside-of-server", path: "/socket.io/"},
	{file: "upstream-unused", path: "/socket.io/", says: []string{"line 1: upstream old: no examined request reaches it"}},
	{file: "stream-round-robin", path: "/socket.io/", finds: []string{"sticky", "behind?"}, line: 5, says: []string{
		"connections are distributed round-robin, and a client that polls has several", "line 15: the server that listens on port 3306: that is the port of MySQL", "+ hash $remote_addr consistent;"}},
	{file: "stream-hash", path: "/socket.io/", finds: []string{"behind?"}, line: 8, says: []string{"stream reads no header", "line 8: stream passes whole connections on"}, never: []string{"502"}},
	{file: "stream-least-conn", path: "/socket.io/", finds: []string{"sticky", "behind?"}, line: 1, says: []string{"each connection goes to another one"}},
	{file: "stream-one-node", path: "/socket.io/", says: []string{"there is one node"}},
	{file: "stream-short-timeout", path: "/socket.io/", finds: []string{"idle", "behind?"}, line: 10, says: []string{"make proxy_timeout longer"}, unreal: true}, // the official client asks again when a connection that it has used before ends
	{file: "stream-proxy-line", path: "/socket.io/", finds: []string{"reach", "behind?"}, line: 9, says: []string{"PROXY line, which Node.js takes for a broken request"}},
	{file: "stream-balancer", path: "/socket.io/", finds: []string{"key"}, line: 8, says: []string{"+ set_real_ip_from 192.0.2.10;"}, unreal: true},
	{file: "stream-and-http", path: "/socket.io/", says: []string{"line 2: stream { } is left out: Socket.IO is looked for in http"}},
	{file: "set-in-each-location", path: "/socket.io/", says: []string{"talk:4000 is taken for one address"}},
	{file: "template-for", path: "/socket.io/", finds: []string{"sticky?"}, line: 1, says: []string{"line 3: a loop of a template repeats it: two servers are taken"}, unreal: true},
	{file: "template-range", path: "/socket.io/", finds: []string{"office", "scale"}, line: 3, says: []string{"line 6: a loop of a template repeats it"}, unreal: true},
	{file: "template-ports", path: "/socket.io/", finds: []string{"sticky?"}, line: 1, says: []string{"line 3: a loop of a template repeats it"}, unreal: true},
	{file: "ws-and-plain-root", path: "/ws/", says: []string{"line 6: location /ws/", "--path /ws/"}},
}

func TestCases(t *testing.T) {
	files := map[string]bool{"no-map": true, "stream-by-name": true} // see TestAWholeFile, TestAStreamByName
	for _, c := range cases {
		files[c.file] = true
	}
	for _, c := range some(cases) {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			o := doctor.Options{Adapter: "redis", Path: c.asked}.Only(decisive(c.finds)...)
			if c.version != "" {
				o.Version = "1.22"
			}
			r := examine(t, read(t, filepath.Join("cases", c.file)), o)
			said := strings.Join(strings.Fields(text(t, r)), " ")
			path := ""
			if len(r.Sites) > 0 {
				path = r.Sites[0].Path
			}
			if path != c.path || len(r.Sites) > 1 {
				t.Errorf("path %q of %d sites, want %q", path, len(r.Sites), c.path)
			}
			got := []string{}
			for _, id := range special(found(r)) {
				got = append(got, strings.TrimPrefix(id, "+"))
			}
			if !slices.Equal(got, c.finds) && len(got)+len(c.finds) > 0 {
				t.Errorf("found %q, want %q\n%s", got, c.finds, said)
			}
			if len(c.finds) > 0 {
				if at := r.Sites[0].Findings[0].Cause.Line; at != c.line {
					t.Errorf("due to line %d, want %d", at, c.line)
				}
			}
			for _, s := range r.Sites {
				for _, f := range s.Findings {
					if f.Grade == doctor.Breaks && f.Fix == nil {
						t.Errorf("%s has no fix", f.ID)
					}
				}
			}
			for _, want := range c.says {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q:\n%s", want, said)
				}
			}
			for _, not := range c.never {
				if strings.Contains(said, not) {
					t.Errorf("it says %q:\n%s", not, said)
				}
			}
		})
	}
	all, err := os.ReadDir(filepath.Join("testdata", "cases"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if !files[strings.TrimSuffix(f.Name(), ".conf")] {
			t.Errorf("%s is not tried", f.Name())
		}
	}
}

// A stream that chooses by the name in the TLS greeting cannot be examined: it is said why.
func TestAStreamByName(t *testing.T) {
	_, problems, err := doctor.Examine(t.Context(), read(t, filepath.Join("cases", "stream-by-name")), doctor.Options{})
	if !errors.Is(err, doctor.ErrUnusable) || len(problems) > 0 || !strings.Contains(err.Error(), "line 10: where $pool of a stream leads to is not simulated") {
		t.Errorf("%v %v", problems, err)
	}
}

// A whole file that uses a variable which nothing defines is refused, as by nginx.
func TestAWholeFile(t *testing.T) {
	_, problems, err := doctor.Examine(t.Context(), read(t, filepath.Join("cases", "no-map")), doctor.Options{})
	if err != nil || len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), `9:41: unknown "connection_upgrade" variable`) {
		t.Errorf("%v %v", problems, err)
	}
}
