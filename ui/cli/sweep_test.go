package cli

import (
	"testing"
	"time"
)

// The line on the terminal says how many runs are done, how many were bad, and what is left.
func TestCountingLine(t *testing.T) {
	c := &counting{of: 2000, done: 500}
	if got := c.line(30 * time.Second); got != "500 of 2,000 runs, about 90 s left" {
		t.Error(got)
	}
	c.failed = 3
	if got := c.line(30 * time.Minute); got != "500 of 2,000 runs, 3 not as expected, about 1 h 30 min left" {
		t.Error(got)
	}
}

func TestOnlyASCII(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false}, {map[string]string{"LANG": "en_US.UTF-8"}, false}, {map[string]string{"LANG": "C.utf8", "TERM": "xterm"}, false},
		{map[string]string{"LANG": "C"}, true}, {map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, true},
		{map[string]string{"LC_CTYPE": "de_DE.ISO-8859-1"}, true}, {map[string]string{"TERM": "dumb"}, true},
	} {
		if got := onlyASCII(func(key string) string { return tt.env[key] }); got != tt.want {
			t.Errorf("%v: %v", tt.env, got)
		}
	}
}
