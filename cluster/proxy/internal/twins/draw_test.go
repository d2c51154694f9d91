//go:build peers

package twins

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// A drawing is one play while it is drawn.
type drawing struct {
	*rand.Rand
	seed, number uint64 // of the play: they decide about its addresses, so that plays can run at one time

	b         strings.Builder
	depth     int
	upstreams []string
	maps      int
	geos      int
	splits    int
	named     []string        // locations of the server that is drawn, where their names are known before they are
	listens   []string        // addresses that clients connect to
	names     []string        // of servers
	kept      bool            // upstreams may keep connections
	pages     bool            // error pages of all servers have URIs
	errs      bool            // those of this one
	reloads   bool            // another configuration follows
	block     map[string]bool // directives that the block has, of which nginx wants one
}

// draw draws the play of that number of a series.
func draw(seed uint64, number int) *play {
	d := &drawing{Rand: rand.New(rand.NewPCG(seed, uint64(number))), seed: seed, number: uint64(number)}
	d.reloads = d.chance(20)
	p := &play{text: d.configuration()}
	first := *d // the requests after a reload may be for servers that were
	count := 10 + d.IntN(30)
	for range count {
		if d.reloads && d.chance(5) {
			next := &drawing{Rand: d.Rand, seed: d.seed, number: d.number, reloads: true}
			p.steps = append(p.steps, step{verb: reload, reload: next.configuration()})
			next.listens = append(next.listens, first.listens...)
			d = next
		}
		p.steps = append(p.steps, d.steps()...)
	}
	return p
}

func (d *drawing) chance(percent int) bool { return d.IntN(100) < percent }

// pick draws one of some.
func (d *drawing) pick(from ...string) string { return from[d.IntN(len(from))] }

// ip is an address of the play.
func (d *drawing) ip(n int) string {
	return fmt.Sprintf("127.%d.%d.%d", 65+(d.seed*37+d.number/250)%180, 1+d.number%250, n)
}

// node is the address of a node.
func (d *drawing) node(n int) string { return fmt.Sprintf("%s:220%02d", d.ip(1+n/2), n) }

// port is one that servers listen on, some of them on all addresses.
func (d *drawing) port(n int) int { return 23000 + int((d.seed*977+d.number)%3500)*2 + n }

// nodes is how many a play has.
const nodes = 6

// line writes a line of the configuration.
func (d *drawing) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.depth))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// within writes a block.
func (d *drawing) within(head string, inside func()) {
	d.line("%s {", head)
	outer := d.block
	d.block = map[string]bool{}
	d.depth++
	inside()
	d.depth--
	d.block = outer
	d.line("}")
}

// once writes a directive that a block may hold once; now and then it does so again.
func (d *drawing) once(name, format string, args ...any) {
	if !d.block[name] || d.IntN(2000) == 0 {
		d.block[name] = true
		d.line(name+" "+format, args...)
	}
}

// some calls one of the functions, up to most times.
func (d *drawing) some(most int, of ...func()) {
	for range d.IntN(most + 1) {
		of[d.IntN(len(of))]()
	}
}

// configuration draws what is in an http block.
func (d *drawing) configuration() string {
	d.kept, d.block = d.chance(15), map[string]bool{}
	for range 1 + d.IntN(3) {
		d.upstream()
	}
	for range d.IntN(3) {
		d.mapping()
	}
	for range d.IntN(2) {
		d.geo()
	}
	for range d.IntN(2) {
		d.split()
	}
	if d.chance(40) {
		d.some(2, d.header, d.realIP, d.nextUpstream, d.errorPageURL, d.access, d.version, d.heads, d.bodySize)
		d.pages = d.errs
	}
	for range 1 + d.IntN(4) {
		d.server()
	}
	return d.completed()
}

// completed adds what defines variables that are used.
func (d *drawing) completed() string {
	text := d.b.String()
	for _, name := range []string{"s1", "s2"} {
		if strings.Contains(text, "$"+name) && !strings.Contains(text, "set $"+name+" ") {
			at := strings.LastIndex(text, "server_name")
			text = text[:at] + "set $" + name + " x;\n  " + text[at:]
		}
	}
	for _, name := range []string{"rest", "top", "sub"} {
		if strings.Contains(text, "$"+name) && !strings.Contains(text, "(?<"+name+">") {
			text = "map $http_x_none $no_" + name + " { \"~(?<" + name + ">.)\" 1; }\n" + text
		}
	}
	return text
}

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

func (d *drawing) anUpstream() string { return d.pick(d.upstreams...) }

var regexes = []string{
	`^/app/(.*)$`, `^/(?<top>\w+)/(?<rest>.*)$`, `\.txt$`, `^/(a|b)`, `/x`, `^/api(/.*)?$`, `(?i)app`, `^/app(?!/x)`, `.`, `^/$`, `[A-Z]`, `(.)(.)(.)`, `^(?<rest>.*)$`,
	`^/app(/.*)$`, `^`, `x`, `(a)|(b)`, `^/(.*)/$`, `\d+`, `^/api/v\d+/(?<rest>[^/]*)`, `socket\.io`, `^$`, `^(\w*)$`, `^/a%20`, `//`, `(?<top>a)?p`,
}

func (d *drawing) regex() string { return d.pick(regexes...) }

// variable is one that has the same value on both sides.
func (d *drawing) variable() string {
	list := []string{
		"$host", "$http_host", "$uri", "$request_uri", "$args", "$arg_a", "$arg_b", "$is_args$args", "$1", "$2", "$rest", "$top", "$scheme", "$remote_addr", "$proxy_add_x_forwarded_for",
		"$cookie_io", "$http_x_one", "$http_upgrade", "$request_method", "$server_name", "$server_port", "$server_addr", "$server_protocol", "$content_length", "$content_type",
		"$proxy_host", "$proxy_port", "$realip_remote_addr", "$remote_user", "$https", "$document_uri", "$query_string", "$request", "$connection_requests", "$remote_port", "$http_none",
		"$http_cookie", "$http_x_forwarded_for", "$realip_remote_port", "$nginx_version", "$s1", "$s2", "$sub", "${uri}", "$arg_A", "$http_user_agent", "$http_connection",
	}
	for i := range d.maps {
		for range 3 {
			list = append(list, fmt.Sprintf("$m%d", i))
		}
	}
	for i := range d.geos {
		list = append(list, fmt.Sprintf("$g%d", i), fmt.Sprintf("$g%d", i))
	}
	for i := range d.splits {
		list = append(list, fmt.Sprintf("$c%d", i))
	}
	return d.pick(list...)
}

// bare are words that need no quotes.
var bare = regexp.MustCompile(`^[^\s;{}"']+$`)

// value is a word that may hold variables.
func (d *drawing) value() string {
	word := ""
	switch d.IntN(8) {
	case 0, 1, 2:
		word = d.variable()
	case 3:
		word = d.variable() + d.pick("", "-", "/", " ", "|") + d.variable()
		for strings.Contains(word, "$m") && regexp.MustCompile(`\$\d`).MatchString(word) { // nginx evaluates twice, with other captures
			word = d.variable() + "-" + d.variable()
		}
	case 4:
		word = d.pick("x", "d", "a/") + "-" + d.variable()
	default:
		return d.plain()
	}
	if !bare.MatchString(word) {
		word = `"` + word + `"`
	}
	return word
}

// plain is a word without variables.
func (d *drawing) plain() string {
	return d.pick("x", "''", "1", "0", `"a b"`, "/app/x", "websocket", "none", d.anUpstream(), "upgrade", "/b?c=d", "A")
}

// header draws a line about what upstreams are sent.
func (d *drawing) header() {
	switch d.IntN(6) {
	case 0:
		d.line("proxy_set_header Host %s;", d.pick("$host", "$http_host", "x.test", "$proxy_host", "$host:$server_port", "''"))
	case 1:
		d.line("proxy_set_header Upgrade $http_upgrade;")
		d.line("proxy_set_header Connection %s;", d.pick("upgrade", "$http_connection", "''", "close", "$http_upgrade"))
	case 2:
		d.line("proxy_set_header X-Forwarded-For %s;", d.pick("$proxy_add_x_forwarded_for", "$remote_addr", "''", "$http_x_forwarded_for"))
	default:
		d.line("proxy_set_header %s %s;", d.pick("X-One", "X-Two", "x-three", "X-Body $request_body; proxy_set_header X-One", "Accept-Encoding", "Cookie", "X-Real-IP", "User-Agent", "Content-Type", "Content-Length", "X_Under", "Origin", "Te"), d.value())
	}
}

func (d *drawing) realIP() {
	for range 1 + d.IntN(2) {
		d.line("set_real_ip_from %s;", d.pick("127.0.0.0/8", "127.0.0.1", "198.51.100.0/24", "0.0.0.0/0", "127.0.0.2", "2001:db8::/32"))
	}
	if d.chance(80) {
		d.once("real_ip_header", "%s;", d.pick("X-Forwarded-For", "X-Forwarded-For", "X-Real-IP", "X-One", "x-forwarded-for"))
	}
	if d.chance(40) {
		d.once("real_ip_recursive", "%s;", d.pick("on", "on", "off"))
	}
}

func (d *drawing) nextUpstream() {
	switch d.IntN(4) {
	case 0:
		d.once("proxy_next_upstream_tries", "%d;", d.IntN(4))
	default:
		d.once("proxy_next_upstream", "%s;", d.pick("error timeout", "error", "off", "error timeout http_502 http_503", "http_404", "error non_idempotent", "error http_500 http_403 http_429 http_504", "invalid_header", "timeout", "http_503"))
	}
}

func (d *drawing) version() {
	d.once("proxy_http_version", "%s;", d.pick("1.1", "1.1", "1.0"))
}

func (d *drawing) errorPageURL() {
	d.line("error_page %s %s%s;", d.pick("404", "403 404", "502", "500 502 503 504", "413", "401"), d.pick("", "", "= ", "=200 ", "=301 ", "=404 "), d.pick("https://elsewhere.test/", "http://x.test$uri", "https://e.test/$args", "/err", "/err/x", "/err?e=1", "/err$uri"))
	d.errs = true
}

func (d *drawing) access() {
	for range 1 + d.IntN(2) {
		d.line("%s %s;", d.pick("allow", "deny"), d.pick("127.0.0.1", "127.0.0.2", "127.0.0.0/8", "198.51.100.0/24", "203.0.113.7", "2001:db8::/32"))
	}
	if d.chance(30) {
		d.line("%s all;", d.pick("allow", "deny"))
	}
}

func (d *drawing) heads() {
	d.once(d.pick("underscores_in_headers", "ignore_invalid_headers"), "%s;", d.pick("on", "off"))
}

func (d *drawing) keepalive() {
	if d.chance(50) {
		d.once("keepalive_timeout", "%s;", d.pick("60s", "20 20"))
	} else {
		d.once("keepalive_requests", "%d;", 1+d.IntN(4))
	}
}

func (d *drawing) bodySize() { d.once("client_max_body_size", "%s;", d.pick("0", "1", "4", "1k")) }
