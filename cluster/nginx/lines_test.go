package nginx

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"stickylab/cluster/nginx/syntax"
)

// longConfig is a configuration of 500 lines as they are found in production.
func longConfig() []string {
	lines := strings.Split(strings.TrimSpace(`
# The edge of the chat.
user www-data;
worker_processes auto;
pid /run/nginx.pid;
worker_shutdown_timeout 30s;

events {
    worker_connections 1024;
}

http {
    sendfile on;
    default_type application/octet-stream;
    keepalive_timeout 65;
    client_max_body_size 8m;
    proxy_http_version 1.1;
    gzip on;
    gzip_types text/plain text/css application/json;

    map $http_upgrade $connection_upgrade {
        default upgrade;
        '' close;
    }
`), "\n")
	site := 0
	for len(lines) < 499-36 {
		site++
		lines = append(lines, strings.Split(strings.TrimSuffix(fmt.Sprintf(`
    # Site %[1]d
    upstream chat%[1]d {
        hash $remote_addr consistent;
        server 10.%[1]d.0.1:3000 weight=2 max_fails=3 fail_timeout=30s;
        server 10.%[1]d.0.2:3000;
        server chat-%[1]d.internal:3000 down;
        keepalive 32;
    }

    server {
        listen 80;
        listen [::]:80;
        server_name chat%[1]d.example.com www.chat%[1]d.example.com;
        set_real_ip_from 10.0.0.0/8;
        real_ip_header X-Forwarded-For;

        location /socket.io/ {
            proxy_pass http://chat%[1]d;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP "$remote_addr";
            proxy_read_timeout 60s;
            proxy_next_upstream error timeout http_503;
        }

        location = /health {
            return 200 "fine, thank you";
        }

        location ~* \.(png|css)$ {
            proxy_pass http://chat%[1]d;
            expires 1h; # a guess
        }
    }
`, site), "\n"), "\n")...)
	}
	for len(lines) < 499 {
		lines = append(lines, fmt.Sprintf("    # %d", len(lines)+1))
	}
	return append(lines, "}")
}

// breaks are ways to break a line; a line that a way does not fit is left out.
var breaks = []struct {
	name  string
	match string // what is replaced; the line's comment is cut off before
	with  string
}{
	{"a misspelled directive", `^( *)([a-z_]{4}|[a-z]{5,6}|[a-z_]{8,})( [^{]*;| *;)$`, "${1}x${2}q${3}"},
	{"a misspelled block", `^(\s*)(upstream|server|location|map|events|http)( .*\{| \{)$`, "${1}${2}q${3}"},
	{"no semicolon", `;$`, ""},
	{"two semicolons", `;$`, ";;"},
	{"a colon for the semicolon", `;$`, ":"},
	{"a semicolon before the arguments", `^(\s*[a-z_]+) (.*;)$`, "${1}; ${2}"},
	{"no arguments", `^(\s*[a-z_]+) .*;$`, "${1};"},
	{"a quote that opens", ` ([^ ]+);$`, ` "${1};`},
	{"a single quote that opens", ` ([^ "]+);$`, ` '${1};`},
	{"a quote that does not open", `([^";]);$`, `${1} "";"`},
	{"a stray brace", `^(\s*[a-z_]+ [^{]*;)$`, "${1} }"},
	{"a stray block", `^(\s*[a-z_]+ [^{]*);$`, "${1} {"},
	{"no opening brace", ` \{$`, ""},
	{"a semicolon for the opening brace", ` \{$`, ";"},
	{"no closing brace", `^\s*\}$`, ""},
	{"two closing braces", `^(\s*)\}$`, "${1}}}"},
}

var namedLine = regexp.MustCompile(`\bline ([0-9]+)\b`)

// TestLines breaks each line of a long configuration in each way, and promises
// that the first problem is in this line or, where something is missing at the
// end of it, names it in the hint. A "}" that is missing is reported where its
// block opens. What nginx takes for names, and accepts, is a note.
func TestLines(t *testing.T) {
	lines := longConfig()
	if len(lines) != 500 {
		t.Fatalf("%d lines", len(lines))
	}
	if c, problems := Parse(strings.Join(lines, "\n"), DefaultVersion); len(problems) > 0 || c.Upstream("chat1") == nil {
		t.Fatal(problems)
	}
	comment := regexp.MustCompile(` *#.*$`)
	for _, b := range breaks {
		match := regexp.MustCompile(b.match)
		broken, missed := 0, 0
		for i, line := range lines {
			code := comment.ReplaceAllString(line, "")
			bad := match.ReplaceAllString(code, b.with)
			if bad == code {
				continue
			}
			broken++
			lines[i] = bad
			c, problems := Parse(strings.Join(lines, "\n"), DefaultVersion)
			lines[i] = line
			want := i + 1
			if b.name == "no closing brace" {
				want = opener(lines, i)
			}
			told := len(problems)
			if told == 0 {
				problems = c.Notes
			}
			if !names(problems, want) {
				if missed++; missed <= 3 {
					t.Errorf("%s in line %d, %q: %v", b.name, i+1, bad, problems)
				}
			}
			// What stood in a block that never opened is all in the wrong place.
			if told > 3 && !strings.Contains(b.name, "opening brace") && b.name != "a misspelled block" {
				t.Errorf("%s in line %d, %q: one mistake is told as %v", b.name, i+1, bad, problems)
			}
		}
		if broken == 0 || missed > 0 {
			t.Errorf("%s: %d lines, %d missed", b.name, broken, missed)
		}
	}
}

// opener is the number of the line with the "{" of the "}" in line i, from 0.
func opener(lines []string, i int) int {
	margin := strings.TrimRight(lines[i], "}")
	for k := i - 1; ; k-- {
		if rest, ok := strings.CutPrefix(lines[k], margin); ok && !strings.HasPrefix(rest, " ") && strings.HasSuffix(rest, "{") {
			return k + 1
		}
	}
}

// names reports whether the first problem is about a line; those about what is
// known but has no effect do not count.
func names(problems []syntax.Problem, line int) bool {
	for _, p := range problems {
		if strings.HasSuffix(p.Text, "no effect here") {
			continue
		}
		if p.Pos.Line == line {
			return true
		}
		for _, m := range namedLine.FindAllStringSubmatch(p.Hint, -1) {
			if m[1] == fmt.Sprint(line) {
				return true
			}
		}
		return false
	}
	return false
}
