package plan_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"stickylab/sim/plan"
	"stickylab/sim/scenario/yamltree"
)

// Whatever a file of the greatest size holds, reading it ends soon and reports
// a bounded number of problems.
func TestHostileFilesAreBounded(t *testing.T) {
	const head = "title: T\nduration: 60s\nnodes: 2\nproxy: {policy: ip_hash}\nclients: {a: {ip: 10.0.0.0/8}}\n"
	fill := func(prefix, unit string) string {
		return prefix + strings.Repeat(unit, (yamltree.MaxSize-len(prefix))/len(unit))
	}
	lines := func(unit string, n int) string { return strings.Repeat(unit, n) }
	for name, src := range map[string]string{
		"too large":       strings.Repeat("a", yamltree.MaxSize+1),
		"brackets":        fill(head+"lesson: ", "["),
		"braces":          fill(head+"lesson: ", "{a: "),
		"dashes":          fill(head+"lesson:\n  ", "- "),
		"spaced dashes":   fill(head+"lesson:\n  ", "- - - a\n"),
		"tags":            fill(head+"lesson: ", "!a "),
		"anchors":         fill(head+"lesson: ", "&a "),
		"question marks":  fill(head+"lesson:\n  ", "? "),
		"question words":  fill(head+"lesson:\n  ", "? a "),
		"colons":          fill(head+"lesson: ", "a: "),
		"quotes":          fill(head+"lesson: ", "'"),
		"keys":            fill("", "a: b\n"),
		"unknown keys":    fill(head, "abcdefgh: b\n"),
		"steps":           fill(head+"steps:\n", "  - {at: 1s, kil: x}\n"),
		"one long line":   fill(head+"summary: ", "x"),
		"long list":       fill(head+"lesson: [", "a, ") + "]",
		"nginx":           fill(head[:strings.Index(head, "proxy")]+"proxy:\n  nginx: |\n    ", "a{ "),
		"nginx lines":     fill(head[:strings.Index(head, "proxy")]+"proxy:\n  nginx: |\n", "    serverr a;\n"),
		"nginx quoted":    fill(head[:strings.Index(head, "proxy")]+"proxy:\n  nginx: \"", "x y;\\n") + "\"",
		"policy steps":    head + "steps:\n" + lines("  - {at: 1s, policy: least_conn}\n", 4000),
		"expressions":     head + "expect:\n" + lines("  - {at: 1s, that: clients.away == 0 or clients.away == 1}\n", 3000),
		"deep expression": head + "expect:\n  - {at: 1s, that: '" + strings.Repeat("(", 1900) + "1" + strings.Repeat(")", 1900) + "'}\n",
		"merges":          head + "lesson:\n  - &a {" + lines("a, ", 9000) + "}\n" + lines("  - {<<: *a}\n", 9000),
		"variants":        head + "variants:\n" + lines("  v: {expect: []}\n", 9000),
		"great variants":  head + "steps:\n" + lines("  - {at: 1s, kill: im-1}\n", 4000) + "variants:\n" + lines("  v%: {expect: []}\n", 19),
		"urls":            strings.Replace(head, "clients: {a: {ip: 10.0.0.0/8}}", "clients:\n"+lines("  g%: {ip: 10.0.0.%, url: \"http://im.example.com/%/\"}\n", 150), 1) + "steps:\n" + lines("  - {at: 1s, policy: least_conn}\n", 4000),
		"groups":          head[:strings.Index(head, "clients")] + "clients:\n" + lines("  g: {ip: 10.0.0.1}\n", 9000),
	} {
		t.Run(name, func(t *testing.T) {
			for i := 0; strings.Contains(src, "%"); i++ {
				src = strings.Replace(src, "%", strconv.Itoa(i), 1)
			}
			begin := time.Now()
			_, errs := plan.Parse("hostile.yaml", []byte(src))
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("took %s", took)
			} else if testing.Verbose() {
				t.Logf("took %s, %d problems", took, len(errs))
			}
			if len(errs) > 101 {
				t.Errorf("%d problems", len(errs))
			}
			for _, p := range errs {
				if len(p.String()) > 6000 {
					t.Errorf("a problem of %d bytes", len(p.String()))
				}
			}
		})
	}
}
