//go:build peers

package twins

import (
	"fmt"
	"strings"
)

var methods = []string{"", "", "", "ip_hash", "hash $remote_addr", "hash $arg_a", "hash $uri$http_x_one", "hash $remote_addr consistent", "hash $request_uri consistent", "hash $cookie_io consistent", "least_conn"}

func (d *drawing) upstream() {
	name := fmt.Sprintf("u%d", len(d.upstreams))
	if d.chance(10) {
		name = d.pick("U", "up.test", "a-b") + name
	}
	d.upstreams = append(d.upstreams, name)
	method := d.pick(methods...)
	order := d.Perm(nodes)[:1+d.IntN(4)]
	d.within("upstream "+name, func() {
		late := method != "" && d.chance(20)
		if method != "" && !late {
			d.line("%s;", method)
		}
		if d.chance(5) {
			d.line("zone z%s 64k;", name)
		}
		backups := len(order) > 1 && (method == "" || method == "least_conn" || late) && d.chance(40)
		for i, n := range order {
			if d.chance(5) {
				n = order[0] // twice
			}
			line := "server " + d.node(n)
			if d.chance(30) {
				line += fmt.Sprintf(" weight=%d", 1+d.IntN(5))
			}
			if d.chance(40) {
				line += fmt.Sprintf(" max_fails=%d", d.IntN(4))
			}
			if d.chance(10) {
				line += " fail_timeout=1h"
			}
			if d.chance(8) {
				line += " down"
			}
			if backups && i > 0 && d.chance(50) {
				line += " backup"
			}
			d.line("%s;", line)
		}
		if late {
			d.line("%s;", method)
		}
		if d.kept && d.chance(60) {
			d.line("keepalive %d;", 1+d.IntN(3))
		}
	})
}

func (d *drawing) mapping() {
	variable := fmt.Sprintf("$m%d", d.maps)
	source := d.pick("$uri", "$http_upgrade", "$arg_a", "$host", "$request_method", "$http_x_one", "$args", "$uri$arg_b", "$cookie_io", "$remote_addr", "$request_uri")
	if d.maps > 0 && d.chance(30) {
		source = "$m0"
	}
	d.within("map "+source+" "+variable, func() {
		if d.chance(20) {
			d.line("hostnames;")
		}
		for range d.IntN(5) {
			key := d.key()
			if !d.block[strings.ToLower(key)] {
				d.line("%s %s;", key, d.value())
			}
			d.block[strings.ToLower(key)] = true
		}
		if d.chance(60) {
			d.line("default %s;", d.value())
		}
	})
	d.maps++
}

// key is what a map looks for.
func (d *drawing) key() string {
	if d.chance(50) {
		return `"~` + d.pick("", "*") + d.regex() + `"`
	}
	return d.pick("/app", "/app/x", "websocket", "1", "a", "''", "GET", "POST", "a.test", "*.test", "a.*", ".test", "x1", `\default`, "127.0.0.1", "A", "d-", "none")
}

func (d *drawing) geo() {
	source := d.pick("", "", "$arg_ip ", "$http_x_one ")
	d.within(fmt.Sprintf("geo %s$g%d", source, d.geos), func() {
		for range d.IntN(5) {
			d.line("%s %s;", d.pick("127.0.0.1", "127.0.0.0/8", "127.0.0.2/31", "198.51.100.0/24", "203.0.113.7", "2001:db8::/32", "0.0.0.0/0", "::/0", "127.0.0.3"), d.plain())
		}
		if d.chance(70) {
			d.line("default %s;", d.plain())
		}
	})
	d.geos++
}

func (d *drawing) split() {
	d.within(fmt.Sprintf("split_clients %s $c%d", d.pick("$remote_addr", "$arg_a", "$uri", "x$http_x_one", "$request_uri$remote_addr"), d.splits), func() {
		d.line("%s %s;", d.pick("10%", "33.33%", "50%", "0.5%"), d.pick("left", d.anUpstream(), "$uri", "''"))
		if d.chance(50) {
			d.line("25%% %s;", d.pick("middle", d.anUpstream()))
		}
		if d.chance(80) {
			d.line("* %s;", d.pick("right", d.anUpstream()))
		}
	})
	d.splits++
}
