package nginx_test

import (
	"fmt"
	"net/netip"

	"stickylab/cluster/nginx"
)

const text = `
upstream im {
    ip_hash;
    server 127.0.0.1:3030;
    server 127.0.0.1:5080;
}
server {
    listen 80;
    server_name im.example.com;
    location /socket.io/ { proxy_pass http://im; }
}
`

func ExampleParse() {
	config, problems := nginx.Parse(text, nginx.DefaultVersion)
	fmt.Println(config.Upstream("im").Method, problems)

	_, problems = nginx.Parse("upstream im { iphash; server 127.0.0.1:3030; }", nginx.DefaultVersion)
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// ip_hash []
	// 1:15: unknown directive "iphash" (did you mean "ip_hash"?)
}

func ExampleConfig_Select() {
	config, _ := nginx.Parse(text, nginx.DefaultVersion)
	_, location := config.Select(netip.MustParseAddrPort("192.168.33.10:80"), "im.example.com", "/socket.io/")
	fmt.Println(location.Path, "->", location.Proxy.Upstream)
	// Output: /socket.io/ -> im
}
