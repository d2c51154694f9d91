package sim

import (
	"fmt"
	"testing"

	"stickylab/sim/expect"
)

// Nodes answer below the path that they are given, and clients ask for it unless
// the url has another. Without one they answer below that of the url.
func TestThePathOfTheNodes(t *testing.T) {
	for _, c := range []struct {
		keys      string
		connected int
	}{
		{"socketio: {path: /live/}", 4},
		{"socketio: {path: /live}\nurl: http://chat.example.net/", 4},
		{"socketio: {path: /live/}\nurl: http://chat.example.net/live/", 4},
		{"socketio: {path: /live/}\nurl: http://chat.example.net/live/socket.io/", 4},
		{"socketio: {path: /live/}\nurl: http://chat.example.net/socket.io/", 0},
		{"url: http://chat.example.net/live/", 4},
	} {
		r, _ := run(t, parse(t, "path.yaml", fmt.Sprintf(`title: A server with another path
duration: 10s
%s
proxy:
  nginx: |
    server {
      listen 80;
      server_name chat.example.net;
      location / {
        proxy_pass http://10.0.0.1:3000;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
      }
    }
clients:
  all: {count: 4, ip: 203.0.113.0/24, connect: 0s..2s}
expect:
  - {at: end, that: "clients.connected == %d"}
`, c.keys, c.connected), nil), Options{})
		if r.Verdict != expect.Pass {
			t.Errorf("%s: %s", c.keys, r.Verdict)
		}
	}
}
