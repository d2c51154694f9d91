package export

import (
	"strings"
	"testing"
)

// Both applications come out with their ports, and nodes with their options.
func TestTwoApplications(t *testing.T) {
	p := planOf(t, "two.yaml", []byte(`
title: Two applications
duration: 20s
socketio: {path: /live, ping_interval: 10s, max_http_buffer_size: 2MB}
proxy:
  nginx: |
    upstream chat { server 10.1.0.1:3000; }
    upstream shop { server 10.1.0.3:4000; }
    server { listen 80; server_name chat.test; location / { proxy_pass http://chat; } }
    server { listen 81; server_name shop.test; location / { proxy_pass http://shop; } }
clients:
  talkers: {ip: 203.0.113.0/24}
  buyers: {ip: 192.0.2.0/24, url: "http://shop.test:81/"}
`))
	conf, _, err := Nginx(Options{Plan: p, Name: "two"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"listen 127.0.0.1:8080", "listen 127.0.0.1:8081", "server 127.0.0.1:3000", "server 127.0.0.1:4000",
		"--listen 127.0.0.1:4000 --ping-interval 10s --path /live/ --max-http-buffer-size 2000000",
	} {
		if !strings.Contains(conf, want) {
			t.Errorf("nginx.conf lacks %q:\n%s", want, conf)
		}
	}
	file, _, err := Compose(Options{Plan: p, Name: "two", Listen: "127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`ports: ["127.0.0.1:8080:80", "127.0.0.1:8081:81"]`, `"--ping-interval", "10s"`, "server im-4000:4000"} {
		if !strings.Contains(file, want) {
			t.Errorf("the compose file lacks %q:\n%s", want, file)
		}
	}
}
