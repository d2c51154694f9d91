//go:build peers

package twins

import (
	"fmt"
	"slices"
	"strings"
)

var serverNames = []string{"a.test", "b.test", "*.test", "a.*", ".test", `~^(?<sub>\w+)\.test$`, "_", `""`, "www.a.test", "A.Test", "*.a.test", "www.*", `~^(www)`, "c", "~^(.)\\.(?<rest>.*)$"}

func (d *drawing) server() {
	d.named, d.errs = nil, d.pages
	for _, name := range []string{"@a", "@b"} {
		if d.chance(30) {
			d.named = append(d.named, name)
		}
	}
	d.within("server", func() {
		var mine []string
		for range 1 + d.IntN(2) {
			listen, to := d.listen()
			if plain := strings.TrimPrefix(listen, "*:"); slices.Contains(mine, plain) {
				continue
			} else {
				mine = append(mine, plain)
			}
			d.listens = append(d.listens, to...)
			if d.chance(12) {
				listen += " default_server"
			}
			d.line("listen %s;", listen)
		}
		names := []string{d.pick(serverNames...)}
		for d.chance(40) {
			names = append(names, d.pick(serverNames...))
		}
		d.names = append(d.names, names...)
		d.line("server_name %s;", strings.Join(names, " "))
		d.some(3, d.header, d.header, d.answerLines, d.realIP, d.nextUpstream, d.errorPage, d.access, d.version, d.heads, d.bodySize, d.keepalive, d.auth, d.set, d.rewrite, d.intercept)
		if d.chance(25) {
			d.conditional(false)
		}
		if d.chance(3) {
			d.answer()
		}
		paths := d.locationPaths("")
		for _, path := range paths {
			d.location(path, 0)
		}
		for _, name := range d.named {
			d.location(name, 0)
		}
		if d.errs { // where error pages are: no file is
			d.within("location ^~ /err", func() {
				if d.chance(70) {
					d.pass(true)
				} else {
					d.line("return %s %s;", d.pick("200", "203", "404"), d.value())
				}
			})
		}
	})
}

// listen draws a listen, and where clients reach it.
func (d *drawing) listen() (listen string, to []string) {
	port := d.port(d.IntN(2))
	if d.reloads { // nginx cannot take a port over from a wildcard
		one := fmt.Sprintf("%s:%d", d.ip(10+d.IntN(2)), port)
		return one, []string{one}
	}
	one, two := fmt.Sprintf("%s:%d", d.ip(10), port), fmt.Sprintf("%s:%d", d.ip(11), port)
	switch d.IntN(6) {
	case 0, 1, 2:
		return one, []string{one}
	case 3:
		return two, []string{two}
	case 4:
		return fmt.Sprint(port), []string{one, two}
	}
	return fmt.Sprintf("*:%d", port), []string{one, two}
}

var prefixes = []string{"/", "/", "/app", "/app/", "/app/x", "/app/x/", "/api", "/api/", "/api/v1/", "/socket.io/", "/socket.io", "/a", "/a/b", "/b/", "/there", "/fall", "/f.txt"}

// locationPaths draws locations with their modifiers, inside one that has a prefix.
func (d *drawing) locationPaths(within string) (paths []string) {
	seen := map[string]bool{}
	for range 1 + d.IntN(4) {
		path := d.pick(prefixes...)
		if within != "" {
			path = within + d.pick("", "x", "/", "x/", "b", "v1/")
		}
		modifier := d.pick("", "", "", "", "= ", "^~ ", "~ ", "~* ")
		if within == "~" && !strings.HasPrefix(modifier, "~") { // only patterns are inside one
			continue
		}
		if strings.HasPrefix(modifier, "~") {
			path = `"` + d.regex() + `"`
		}
		key := strings.TrimPrefix(modifier, "^~ ") + path
		if seen[key] {
			continue
		}
		seen[key] = true
		paths = append(paths, modifier+path)
	}
	return paths
}

func (d *drawing) location(path string, depth int) {
	d.within("location "+path, func() {
		pattern := strings.HasPrefix(path, "~")
		named := strings.HasPrefix(path, "@")
		d.some(3, d.header, d.header, d.header, d.answerLines, d.nextUpstream, d.errorPage, d.access, d.version, d.bodySize, d.auth, d.set, d.rewrite, d.rewrite, d.intercept)
		if d.chance(4) {
			d.realIP()
		}
		if d.chance(20) {
			d.conditional(true)
		}
		if d.chance(4) {
			d.once("internal", ";")
		}
		if d.chance(2) {
			d.within("limit_except "+d.pick("GET", "POST", "GET POST", "HEAD"), d.access)
		}
		switch n := d.IntN(20); {
		case n < 14:
			d.pass(!pattern && !named)
		case n < 16:
			d.answer()
		case n < 18 && !named:
			d.tryFiles()
			if d.chance(40) {
				d.pass(!pattern)
			}
		case n < 19:
		default:
			d.rewrite()
			d.pass(!pattern && !named)
		}
		if depth < 2 && !named && !strings.HasPrefix(path, "=") && d.chance(12) {
			within := strings.TrimPrefix(path, "^~ ")
			if pattern {
				within = "~"
			}
			for _, inner := range d.locationPaths(within) {
				d.location(inner, depth+1)
			}
		}
	})
}

// pass draws a proxy_pass.
func (d *drawing) pass(withURI bool) {
	u := d.anUpstream()
	if d.chance(6) {
		u = d.node(d.IntN(nodes))
	}
	uris := []string{"/", "/in", "/in/", "/in?q=1", "/x/y/", "?only=1", "/%20/"}
	switch n := d.IntN(20); {
	case n < 9:
		d.line("proxy_pass http://%s;", u)
	case n < 15 && withURI:
		d.line("proxy_pass http://%s%s;", u, d.pick(uris...))
	case n < 15:
		d.line("proxy_pass http://%s;", u)
	case n < 18:
		d.line("proxy_pass http://%s%s;", u, d.pick("$uri", "$request_uri", "/in/$1$is_args$args", "/v$uri", "/v/$rest", "/s/$s1", "$uri$is_args$args", "/a?b=$arg_b", "$1"))
	case d.splits > 0 && d.chance(50):
		d.line("proxy_pass http://$c0;")
	default:
		d.line("set $s1 %s;", u)
		d.line("proxy_pass http://$s1%s;", d.pick("", "/", "$uri", "/in$request_uri"))
	}
}

func (d *drawing) answer() {
	switch d.IntN(4) {
	case 0:
		d.line("return %s;", d.pick("204", "403", "404", "500", "502", "410", "405", "400", "418", "503", "200", "301", "413", "414", "444"))
	case 1:
		d.line("return %s %s;", d.pick("301", "302", "307", "308", "303"), d.pick("/there", "https://e.test$request_uri", "$scheme://$host/$1", "/x$uri", "''", "$uri", "there", "https://e.test/a b"[:16]))
	case 2:
		d.line("return %s;", d.pick("https://e.test/", "http://$host$uri", "$scheme://x.test$request_uri"))
	default:
		d.line("return %s %s;", d.pick("200", "404", "503", "201", "400", "299"), d.value())
	}
}

func (d *drawing) tryFiles() {
	last := []string{"=404", "=403", "=500", "/there", "/app/x", "/fall?t=1", "/in$uri", "/fall$is_args$args", "=204", "$s1"}
	for _, name := range d.named {
		last = append(last, name, name, name)
	}
	d.once("try_files", "%s %s;", d.pick("$uri", "$uri $uri/", "/none", "$uri.html"), d.pick(last...))
}

func (d *drawing) errorPage() {
	if len(d.named) == 0 || d.chance(40) {
		d.errorPageURL()
		return
	}
	d.line("error_page %s %s%s;", d.pick("404", "404 403", "502", "500 502 503 504", "413", "401", "418"), d.pick("", "", "= ", "=200 ", "=404 ", "=301 "), d.pick(d.named...))
}

func (d *drawing) intercept() {
	d.once(d.pick("proxy_intercept_errors", "recursive_error_pages", "proxy_intercept_errors"), "%s;", d.pick("on", "on", "on", "off"))
}

func (d *drawing) auth() {
	d.once("auth_basic", "%s;", d.pick("who", `"a $uri"`, "off"))
	d.once("auth_basic_user_file", "users;")
	if d.chance(50) {
		d.once("satisfy", "%s;", d.pick("any", "all"))
	}
}

func (d *drawing) set() { d.line("set $%s %s;", d.pick("s1", "s2"), d.value()) }

func (d *drawing) rewrite() {
	to := d.pick("/app/$1", "/$1", "/in/$1", "/app/x", "/api/", "/fall?r=1", "/there?", "/b/$rest", "https://e.test/$1", "/a$uri", "/$1?x=$2", "$uri", "/$1?$args?", "/n/$host", "/a%20b", "$scheme://$host/$1", `"/a b$1"`, "/%25$1", "/s/$s1")
	d.line(`rewrite "%s" %s%s;`, d.regex(), to, d.pick("", "", " last", " break", " break", " redirect", " permanent"))
}

// conditional draws an if.
func (d *drawing) conditional(inLocation bool) {
	condition := d.variable()
	for len(condition) == 2 || strings.ContainsAny(condition, "{") || strings.Count(condition, "$") > 1 { // nginx wants the name of one
		condition = d.variable()
	}
	switch d.IntN(6) {
	case 0, 1:
		condition += d.pick(" = ", " != ") + d.pick("x", "''", "1", "POST", "GET", "websocket", "/app/x", "127.0.0.1", "$uri", "a.test")
	case 2, 3:
		condition += d.pick(" ~ ", " ~* ", " !~ ", " !~* ") + `"` + d.regex() + `"`
	case 4:
		condition = d.pick("-f", "!-f", "-d", "!-e", "-e", "!-x") + " " + d.pick("$request_filename", "/none$uri")
	}
	d.within("if ("+condition+")", func() {
		for range 1 + d.IntN(2) {
			switch n := d.IntN(8); {
			case n < 2:
				d.set()
			case n < 4:
				d.rewrite()
			case n < 6:
				d.answer()
			case n == 6 || !inLocation:
				d.line("break;")
			default:
				d.line("proxy_pass http://%s;", d.anUpstream())
				return
			}
		}
	})
}
