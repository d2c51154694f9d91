//go:build peers

package proxy

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
)

// changing are variables whose values differ from one time or machine to the next: of
// those only the form is compared.
var changing = map[string]bool{
	"connection": true, "connection_time": true, "hostname": true, "msec": true, "pid": true, "remote_port": true, "realip_remote_port": true,
	"request_id": true, "request_time": true, "time_iso8601": true, "time_local": true,
}

var inForm = regexp.MustCompile(`[0-9a-zA-Z]+`)

// form is a value without its digits and letters; that of a name is nothing.
func form(name, value string) string {
	switch name {
	case "hostname":
		return fmt.Sprint(value != "")
	case "request_id":
		return fmt.Sprint(len(value), inForm.ReplaceAllString(value, ""))
	}
	return inForm.ReplaceAllString(value, "x")
}

// TestPeersVariables promises nginx's values of all variables that its core and the
// modules proxy and realip have and that are not named as not simulated, in an answer of
// nginx itself and in what the upstream gets.
func TestPeersVariables(t *testing.T) {
	data, err := os.ReadFile("../nginx/testdata/variables.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := startNode(t)
	n.record()
	addr := freeAddr(t)
	var names []string
	text := ""
	for line := range strings.Lines(string(data)) {
		module, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		switch module {
		case "core", "proxy", "realip", "upstream":
		default:
			continue
		}
		switch name {
		case "arg_", "http_", "cookie_", "upstream_http_", "upstream_cookie_", "upstream_trailer_":
			name += "a"
		}
		if c, _ := nginx.Parse("server { location / { return 200 $"+name+"; } }", ""); strings.HasSuffix(name, "_") || len(c.Notes) > 0 {
			continue
		}
		names = append(names, name)
		text += fmt.Sprintf("location /r/%s/ { return 200 \"<$%s>\"; }\nlocation /p/%s/ { proxy_set_header X-Value \"<$%s>\"; proxy_pass http://%s; }\n", name, name, name, name, n.addr)
	}
	if len(names) < 60 {
		t.Fatalf("only %d variables have values", len(names))
	}
	text = fmt.Sprintf("set_real_ip_from 127.0.0.0/8; real_ip_header X-Real; server { listen %s; server_name first.example second.example;\n%s}\n", addr, text)
	realNginx(t, addr, text)
	own := startOwn(t, text)
	values := regexp.MustCompile(`<([^>]*)>`)
	for _, name := range names {
		for _, way := range []string{"r", "p"} {
			for _, request := range []string{
				lines("GET /" + way + "/" + name + "/x?a=1&b HTTP/1.1|Host: Second.Example:81|X-Real: 203.0.113.7:99|Cookie: a=2; b=3|A: 4|Authorization: Basic dXNlcjpwYXNz|Connection: close"),
				lines("POST /"+way+"/"+name+"/%41%20/../y HTTP/1.1|Host: first.example|Content-Type: text/x|Content-Length: 2|Connection: close") + "hi",
				lines("GET /" + way + "/" + name + "/ HTTP/1.0|X-Forwarded-For: 1.1.1.1|X-Forwarded-For: 2.2.2.2|A: 1|A: 2"),
				lines("GET http://Other.example:99/"+way+"/"+name+"/ HTTP/1.1|Host: first.example") + lines("GET /"+way+"/"+name+"/ HTTP/1.1|Host: first.example|Connection: close"),
			} {
				var got []string
				for _, at := range []string{addr, own.addr} {
					outcome := n.outcome(t, at, request, longQuiet)
					var found []string
					for _, m := range values.FindAllStringSubmatch(outcome, -1) {
						if value := m[1]; changing[name] {
							found = append(found, form(name, value))
						} else {
							found = append(found, value)
						}
					}
					got = append(got, strings.Join(found, " | "))
				}
				if got[0] != got[1] {
					t.Errorf("$%s, %.60q: %q; nginx: %q", name, request, got[1], got[0])
				}
			}
		}
	}
}
