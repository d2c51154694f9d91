//go:build linux

package cli

import (
	"strings"
	"testing"
)

// However the program goes down, the terminal is as it was, and only then it is
// told why.
func TestACrashGivesTheTerminalBack(t *testing.T) {
	for how, want := range map[string]string{"panic": "panic: ouch", "fatal": "stack overflow", "killed": ""} {
		t.Run(how, func(t *testing.T) {
			t.Setenv(crashEnv, how)
			for _, name := range []string{"watch", "serve screen", "list of files"} {
				p := busy[name](t)
				if how == "killed" {
					p.cmd.Process.Kill()
				} else {
					p.cmd.Process.Signal(crashSignal)
				}
				p.await()
				p.restored()
				if steering.MatchString(p.out.String()) {
					t.Error("the message steers the terminal")
				}
				screen, after, _ := strings.Cut(p.out.String(), "\x1b[?1049l")
				if strings.Contains(screen, "ouch") || !strings.Contains(after, want) {
					t.Errorf("%s: before the screen is left: %v; after it: %.300q", name, strings.Contains(screen, "ouch"), after)
				}
			}
		})
	}
}
