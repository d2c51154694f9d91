package edit

import (
	"strings"

	"stickylab/cluster/nginx"
)

// Template returns the whole text that a scenario's short form means: one
// upstream "im" with the method and the servers (addresses, with parameters if
// they have any), and one server that proxies everything to it, WebSockets
// included. Without a serverName there is no server_name line.
func Template(method nginx.Method, servers []string, listen, serverName string) string {
	var b strings.Builder
	b.WriteString("upstream im {\n")
	if method.Name != "" && method.Name != "round_robin" {
		b.WriteString("    " + method.String() + ";\n")
	}
	for _, s := range servers {
		b.WriteString("    server " + s + ";\n")
	}
	b.WriteString("}\n\nserver {\n    listen " + listen + ";\n")
	if serverName != "" {
		b.WriteString("    server_name " + serverName + ";\n")
	}
	b.WriteString(`
    location / {
        proxy_pass http://im;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`)
	return b.String()
}
