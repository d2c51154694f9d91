package nginx_test

import (
	"fmt"
	"net/netip"

	"stickylab/cluster/nginx"
)

const exampleText = `
upstream im {
    ip_hash;
    server 10.0.0.1:3000;
    server 10.0.0.2:3000;
}
server {
    listen 80;
    server_name im.example.com;
    location /socket.io/ { proxy_pass http://im; }
    location / { return 404; }
}
`

// Which server block and location a request gets, and which upstream they lead to.
func ExampleConfig_Select() {
	config, problems := nginx.Parse(exampleText, nginx.Options{})
	for _, p := range problems {
		fmt.Println(p)
	}
	server, location := config.Select(netip.MustParseAddrPort("192.0.2.1:80"), "im.example.com", "/socket.io/")
	fmt.Println(server.Names[0], location.Path, location.Proxy.Upstream)
	for _, u := range config.Upstreams {
		fmt.Println(u.Name, u.Method, len(u.Servers), "servers")
	}
	// Output:
	// im.example.com /socket.io/ im
	// im ip_hash 2 servers
}

// All problems are found at once, each with its place and a suggestion.
func ExampleParse() {
	_, problems := nginx.Parse("upstream im {\n    ip_hsah;\n    server 10.0.0.1:3000\n}\n", nginx.Options{})
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// 2:5: unknown directive "ip_hsah" (did you mean "ip_hash"?)
	// 4:1: unexpected "}" ("server" in line 3 is not terminated by ";")
}
