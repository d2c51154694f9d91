package inspect

import (
	"strings"
	"testing"
	"time"
)

// Groups that go different ways are each explained by their own: by the
// upstream that they reach, or by none.
func TestGroupsThatGoDifferentWays(t *testing.T) {
	plan := planOf(t, "ways", `
title: Two applications
duration: 20s
proxy:
  nginx: |
    upstream chat { ip_hash; server 10.1.0.1:3000; server 10.1.0.2:3000; }
    upstream shop { hash $remote_addr; server 10.1.0.3:4000; server 10.1.0.4:4000; }
    server { listen 80; server_name chat.test; location / { proxy_pass http://chat; } }
    server { listen 80; server_name shop.test; location / { proxy_pass http://shop; } }
clients:
  talkers: {ip: 203.0.113.0/24, transports: [polling], say: every 1s, size: 5kB}
  buyers: {ip: 192.0.2.0/24, transports: [polling], url: http://shop.test}
  insider: {ip: 198.51.100.1, transports: [polling], say: every 1s, url: "http://10.1.0.4:4000"}
steps:
  - {at: 5s, down: im-3}
`)
	s := seen(opened(t, plan, 10*time.Second), 10*time.Second)
	for _, tt := range []struct{ client, want string }{
		{"talkers-01", "ip_hash reads"},
		{"buyers-01", "hash $remote_addr of "},
		{"insider-01", "clients ask this node themselves"},
	} {
		if page := strings.Join(Client(s, tt.client, 120), "\n"); !strings.Contains(page, tt.want) {
			t.Errorf("the page of %s lacks %q:\n%s", tt.client, tt.want, page)
		}
	}
	p, err := ProxyOf(s)
	if err != nil {
		t.Fatal(err)
	}
	for node, want := range map[string]Standing{"im-1": Serving, "im-3": Down, "im-4": Serving} {
		if got := p.Standing(node); got != want {
			t.Errorf("%s: standing %v, want %v", node, got, want)
		}
	}
	if page := strings.Join(Node(s, "im-4", 120), "\n"); strings.Contains(page, "no server line") {
		t.Errorf("im-4 has a server line:\n%s", page)
	}
	said := map[string]string{}
	for _, m := range s.Ledger.Recent(50) {
		said[m.ID.From.String()] = strings.Join(Message(s, m.ID, 120), "\n")
	}
	if page := said["talkers-01"]; !strings.Contains(page, "proxy") || !strings.Contains(page, "5kB of text") {
		t.Errorf("a talker's message:\n%s", page)
	}
	if page := said["insider-01"]; page == "" || strings.Contains(page, "proxy") {
		t.Errorf("the insider's message:\n%s", page)
	}
}
