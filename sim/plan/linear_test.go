//go:build unix

package plan_test

import (
	"fmt"
	"math"
	"strings"
	"syscall"
	"testing"

	"stickylab/sim/plan"
)

// each repeats a text, with the number of the copy in the place of %.
func each(n int, text string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "%", fmt.Sprint(i)))
	}
	return b.String()
}

// cpu returns the seconds of CPU that f takes, the less of two times.
func cpu(f func()) float64 {
	now := func() float64 {
		var u syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return float64(u.Utime.Sec) + float64(u.Utime.Usec)/1e6
	}
	least := math.Inf(1)
	for range 2 {
		before := now()
		f()
		least = min(least, now()-before)
	}
	return least
}

// Four times as much text of one kind takes about four times as long to read, to check
// and to estimate, not sixteen times.
func TestReadingIsLinear(t *testing.T) {
	const head, nodes, clients = "title: T\nduration: 60s\n", "nodes: 2\nproxy: {policy: ip_hash}\n", "clients: {a: {count: 50, ip: 10.0.0.0/8}}\n"
	steps := func(text string) func(n int) string {
		return func(n int) string { return head + nodes + clients + "steps:\n" + each(n, text) }
	}
	servers := func(line string) func(n int) string {
		return func(n int) string {
			return head + "nodes: 2\n" + clients + "proxy:\n  nginx: |\n    upstream im {\n" + each(n, line) + "    }\n    server { listen 80; location / { proxy_pass http://im; } }\n"
		}
	}
	for name, tt := range map[string]struct {
		n    int
		text func(n int) string
	}{
		"groups by alias": {2250, func(n int) string {
			return head + nodes + "clients: {g: &g {ip: 10.0.0.1}, " + each(n, "g%: *g, ") + "}\n"
		}},
		"groups": {600, func(n int) string { return head + nodes + "clients:\n" + each(n, "  g%: {ip: \"fd00:%::/64\"}\n") }},
		"groups with a url": {600, func(n int) string {
			return head + nodes + "clients:\n" + each(n, "  g%: {ip: \"fd00:%::/64\", url: \"http://im.example.com/x\"}\n")
		}},
		"addresses": {2500, func(n int) string {
			return head + nodes + "clients: {a: {ip: [" + each(n, "\"fd00:%::/64\", ") + "]}}\n"
		}},
		"steps": {2250, steps("- {at: 1s, kill: im-1}\n")},
		"steps on one line": {2500, func(n int) string {
			return head + nodes + clients + "steps: [" + each(n, "{at: 1s, kill: im-1}, ") + "]\n"
		}},
		"wide characters": {1200, func(n int) string {
			return head + nodes + clients + "steps: [" + each(n, "{at: 1s, say: a-01, text: 日本語}, ") + "]\n"
		}},
		"says":                 {2250, steps("- {at: 1s, say: a-49}\n")},
		"unknown clients":      {2250, steps("- {at: 1s, say: b-%}\n")},
		"new groups":           {500, steps("- {at: 1s, add: b%, ip: \"fd00:%::/64\"}\n")},
		"a group that grows":   {500, steps("- {at: 1s, add: a, ip: \"fd00:%::/64\"}\n")},
		"moves":                {1250, steps("- {at: 1s, move: a-01, ip: \"fd00:%::/64\"}\n")},
		"servers":              {1250, servers("      server 10.0.0.1:3000;\n")},
		"servers without node": {1250, servers("      server 10.9.9.9:%1;\n")},
		"servers without host": {1250, servers("      server host%:3000;\n")},
		"expectations": {1250, func(n int) string {
			return head + nodes + clients + "expect:\n" + each(n, "- {at: 1s, that: clients.away < %}\n")
		}},
		"wrong expectations": {1250, func(n int) string {
			return head + nodes + clients + "expect: [" + each(n, "{at: 1s, that: clients.awa < %}, ") + "]\n"
		}},
		"unknown keys":    {5000, func(n int) string { return "{" + each(n, "k%: x, ") + "}\n" }},
		"anchors":         {5000, func(n int) string { return head + nodes + clients + "lesson: [" + each(n, "&a% x, ") + "]\n" }},
		"unknown aliases": {5000, func(n int) string { return head + nodes + clients + "lesson: [" + each(n, "*a%, ") + "]\n" }},
		"merges": {5000, func(n int) string {
			return head + nodes + clients + "lesson: [&a {a: b}, " + each(n, "{<<: *a}, ") + "]\n"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(n int) float64 {
				src := []byte(tt.text(n))
				return cpu(func() {
					if f, _ := plan.Parse("linear.yaml", src); f != nil {
						p, _ := plan.Resolve(f, nil)
						plan.Estimate(p)
					}
				})
			}
			once, fourTimes := read(tt.n), read(4*tt.n)
			t.Logf("%.0f ms, four times as much %.0f ms", once*1000, fourTimes*1000)
			if fourTimes > 10*once+0.1 {
				t.Errorf("%.3f s, four times as much %.3f s", once, fourTimes)
			}
		})
	}
}
