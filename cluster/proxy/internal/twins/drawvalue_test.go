//go:build peers

package twins

import (
	"fmt"
	"regexp"
	"strings"
)

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

// numbered are captures.
var numbered = regexp.MustCompile(`\$\d`)

// value is a word that may hold variables.
func (d *drawing) value() string {
	word := ""
	switch d.IntN(8) {
	case 0, 1, 2:
		word = d.variable()
	case 3:
		word = d.variable() + d.pick("", "-", "/", " ", "|") + d.variable()
		for strings.Contains(word, "$m") && numbered.MatchString(word) { // nginx evaluates twice, with other captures
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
