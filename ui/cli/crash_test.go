package cli

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
)

// crashEnv says how the program of a test crashes when it gets crashSignal.
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
	signal.Notify(asked, crashSignal)
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

// hostile is what a text may hold to steer a terminal: a title, a bell, an erased
// screen, colours by CSI in both forms, DEL, CR, and the direction of writing.
const hostile = "\x1b]0;pwned\a\x1b[2J\x1b[31mred\u009b32mC1\x9b\x7fDEL\rCR\u202egnirts\u2066\u200fend"
