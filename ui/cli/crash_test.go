package cli

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
)

// crashEnv says how the program of a test crashes when it gets a SIGUSR1.
const crashEnv = "STICKYLAB_TEST_CRASH"

// graceEnv gives the program of a test a grace without end.
const graceEnv = "STICKYLAB_TEST_GRACE"

// crashOnSignal lets the program crash in a goroutine that no one guards.
func crashOnSignal() {
	how := os.Getenv(crashEnv)
	if how == "" {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		<-asked
		switch how {
		case "panic":
			panic("ouch" + hostile)
		case "fatal": // which no one can recover
			debug.SetMaxStack(1 << 20)
			var grow func() int
			grow = func() int { return grow() + 1 }
			runtime.KeepAlive(grow())
		}
	}()
}

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
					p.cmd.Process.Signal(syscall.SIGUSR1)
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
