package swarm

import (
	"fmt"
	"strconv"
	"strings"

	"stickylab/sim/scenario"
)

// methods are the balancing methods besides those that completion offers.
var methods = []string{"least_conn", "hash $arg_room", "hash $http_user_agent consistent", "hash $arg_sid", "random two"}

func (d *drawing) policy() *tree {
	if d.tame {
		return d.text("ip_hash", "hash $remote_addr", "hash $remote_addr consistent")
	}
	return d.text(append(methods, scenario.Methods...)...)
}

// conf draws the nginx text of the proxy.
func (d *drawing) conf() *tree {
	var b strings.Builder
	servers := d.addresses
	if len(servers) == 0 {
		servers = []string{"127.0.0.1:3001", "127.0.0.1:3002", "chat-a:3003"}[:1+d.IntN(3)]
		d.nodes = []string{"im-3001", "im-3002", "chat-a"}[:len(servers)]
		d.addresses = servers
	}
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	maybe := func(percent int, from ...string) {
		if d.chance(percent) {
			line("  %s;", pick(d, from...))
		}
	}
	upstream := func(name string) {
		line("upstream %s {", name)
		method := d.policy().text
		if method != "round_robin" {
			line("  %s;", method)
		}
		if v := d.top.at("nginx_version"); v == nil || v.text == "1.30" {
			maybe(25, "sticky cookie srv expires=1h", "sticky cookie srv", "sticky cookie route domain=.example.com path=/", "sticky route $cookie_srv $arg_room",
				"sticky learn create=$upstream_cookie_srv lookup=$cookie_srv zone=sessions"+name+":1m timeout=10m")
		}
		for _, s := range servers {
			for _, one := range []string{"weight=" + strconv.Itoa(1+d.IntN(5)), "max_fails=" + strconv.Itoa(d.IntN(4)), "fail_timeout=" + pick(d, "1s", "10s", "0"), "max_conns=" + strconv.Itoa(1+d.IntN(9)), "backup", "down", "route=tea"} {
				if d.chance(8) {
					s += " " + one
				}
			}
			line("  server %s;", s)
		}
		maybe(20, "keepalive 2", "keepalive 16")
		maybe(10, "zone z"+name+" 64k")
		line("}")
	}
	d.upstreams = []string{"im"}
	if upstream("im"); d.chance(15) {
		d.upstreams = append(d.upstreams, "shop")
		upstream("shop")
	}
	if d.chance(20) {
		line("map $http_upgrade $connection_upgrade {\n  default upgrade;\n  \"\" close;\n}")
	} else {
		line("map $http_upgrade $connection_upgrade {\n  default upgrade;\n  \"\" \"\";\n}")
	}
	protocol := ""
	if d.chance(10) {
		protocol = " proxy_protocol"
	}
	d.lines = protocol != ""
	for _, name := range d.upstreams {
		line("server {\n  listen %s%s;\n  server_name %s.example.com;", pick(d, "192.168.33.10:80", "192.168.33.10:80", "80", "[::]:80"), protocol, name)
		maybe(15, "set_real_ip_from 0.0.0.0/0", "set_real_ip_from 198.51.100.0/24")
		maybe(15, "real_ip_header X-Forwarded-For", "real_ip_header proxy_protocol")
		maybe(10, "client_max_body_size 10k", "client_max_body_size 0")
		line("  location %s {\n    proxy_pass http://%s;", pick(d, "/", "/", "/", "/socket.io/"), name)
		if d.chance(90) {
			line("    proxy_http_version 1.1;\n    proxy_set_header Upgrade $http_upgrade;\n    proxy_set_header Connection %s;", pick(d, `"upgrade"`, "$connection_upgrade"))
		}
		maybe(30, "proxy_read_timeout 1s", "proxy_read_timeout 5s", "proxy_read_timeout 25s", "proxy_read_timeout 1h")
		maybe(20, "proxy_connect_timeout 1s", "proxy_connect_timeout 200ms", "proxy_connect_timeout 5s")
		maybe(10, "proxy_send_timeout 1s", "proxy_send_timeout 20s")
		maybe(30, "proxy_next_upstream off", "proxy_next_upstream error timeout non_idempotent", "proxy_next_upstream error timeout http_502 http_504", "proxy_next_upstream http_500 http_429 error")
		maybe(15, "proxy_next_upstream_tries 2", "proxy_next_upstream_timeout 2s")
		maybe(15, "proxy_buffering off")
		line("  }\n}")
	}
	return &tree{shape: text, text: b.String()}
}

// frontConf draws the nginx text of a front, which leads to the proxy.
func (d *drawing) frontConf() *tree {
	ip := fmt.Sprintf("198.51.100.%d", d.networks)
	return &tree{shape: text, text: fmt.Sprintf(`upstream origin { server 192.168.33.10:80; %s }
server {
  listen %s:80;
  location / {
    proxy_pass http://origin;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
    proxy_read_timeout %s;
  }
}
`, pick(d, "", "", "keepalive 4;"), ip, pick(d, "2s", "20s", "60s", "1h"))}
}
