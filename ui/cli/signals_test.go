//go:build linux

package cli

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var signalCount = flag.Int("signals.count", 0, "how often each signal ends each command; 0 is once, with one of them")

// busy starts each command on a terminal and returns it when it is busy.
var busy = map[string]func(t *testing.T) *pseudo{
	"watch":          shows(`ip_hash`, "watch", "two-regions"),
	"watch max":      shows(`ip_hash`, "watch", "two-regions", "--speed", "max"),
	"watch, at once": shows(`\x1b\[\?1049h`, "watch", "two-regions"),
	"learn":          shows(`begin`, "learn", "two-regions"),
	"learn text":     shows(`your answer`, "learn", "two-regions", "--text"),
	"compare screen": shows(`ip_hash`, "compare", "two-regions", "--watch"),
	"list of files":  shows(`choose a scenario`),
	"serve screen":   shows(`\x1b\[\?1049h`, "serve", "two-regions", "--listen", "127.0.0.1:0", "--no-clients"),
	"web":            shows(`http://`, "web", "two-regions"),
	"serve":          shows(`connect`, "serve", "two-regions", "--listen", "127.0.0.1:0", "--headless"),
	"node":           shows(`listens on`, "node", "--name", "im-1", "--listen", "127.0.0.1:0"),
	"run real":       shows(`0:0[1-9] / 1:00`, "run", "two-regions", "--real", "--variant", "base"),
	"run":            reads("run"),
	"check":          reads("check"),
	"compare":        reads("compare"),
	"export":         reads("export", "nginx"),
	"doctor":         reads("doctor"),
	"explain":        reads("explain"),
	"serve, no file": reads("serve"),
	"learn, no file": reads("learn"),
}

// shows returns a start of the program that waits for a text on the terminal.
func shows(pattern string, args ...string) func(*testing.T) *pseudo {
	return func(t *testing.T) *pseudo {
		p := onTerminal(t, args...)
		p.out.await(t, pattern)
		return p
	}
}

// reads returns a start of the program that waits until it reads a file, which
// never comes.
func reads(args ...string) func(*testing.T) *pseudo {
	return func(t *testing.T) *pseudo {
		path := filepath.Join(t.TempDir(), "x.yaml")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		p := onTerminal(t, append(args, path)...)
		file, err := os.OpenFile(path, os.O_WRONLY, 0) // when the program opens it
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return p
	}
}

// A signal ends every command with the code that a shell would give, and the
// terminal is as it was.
func TestSignalsEndEveryCommand(t *testing.T) {
	codes := map[syscall.Signal]int{syscall.SIGHUP: 129, syscall.SIGINT: 130, syscall.SIGQUIT: 131, syscall.SIGTERM: 143}
	signals := slices.Sorted(maps.Keys(codes))
	for i, name := range slices.Sorted(maps.Keys(busy)) {
		for k, sig := range signals {
			if *signalCount == 0 && k != i%len(signals) {
				continue // one for each
			}
			t.Run(fmt.Sprintf("%s/%v", name, endings[sig]), func(t *testing.T) {
				t.Parallel()
				var longest time.Duration
				for range max(*signalCount, 1) {
					p := busy[name](t)
					at := time.Now()
					p.cmd.Process.Signal(sig)
					longest = max(longest, p.within(at, codes[sig]))
				}
				t.Logf("at most %.2f s", longest.Seconds())
			})
		}
	}
}

// A second signal ends the program without the grace that a first one gives it.
func TestASecondSignalEndsItAtOnce(t *testing.T) {
	t.Setenv(graceEnv, "forever")
	p := reads("check")(t) // it does not hear of the first
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.After(timeout)
	for { // two that arrive before the first is read are one
		select {
		case err := <-p.ended:
			p.ended <- err
			p.within(time.Now(), 143)
			return
		case <-late:
			t.Fatal("it does not end")
		default:
			p.cmd.Process.Signal(syscall.SIGTERM)
		}
	}
}

const adapterOn = `adapter \S+on`

// A terminal that goes away ends the program, unless nohup says otherwise.
func TestHangup(t *testing.T) {
	p := busy["watch"](t)
	p.master.Close()
	p.stop(nil, 129)

	p = &pseudo{program: beginAs(t, "sh", "-c", `trap "" HUP; exec stickylab serve --headless --listen 127.0.0.1:0`)}
	p.out.await(t, "connect")
	p.cmd.Process.Signal(syscall.SIGHUP)
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.stop(nil, 143)
}

// Keys that are typed before the screen is there are not lost, although the
// terminal answers no queries, and ^C works from the first moment.
func TestTypedAtTheFirstMoment(t *testing.T) {
	p := onTerminal(t, "watch", "two-regions")
	p.types("a")
	p.out.await(t, adapterOn)
	p.types("qy")
	p.within(time.Now(), ExitOK)

	p = onTerminal(t, "watch", "two-regions")
	p.types("\x03")
	select {
	case err := <-p.ended:
		p.ended <- err
	case <-time.After(timeout):
		t.Fatalf("it does not end: %q", p.out.String())
	}
	how := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if key, caught, sent := how.Exited() && how.ExitStatus() == 0, how.ExitStatus() == 130, how.Signal() == syscall.SIGINT; !key && !caught && !sent {
		t.Errorf("it ended with %v", p.cmd.ProcessState)
	}
	p.restored()
}

// A command that draws nothing asks the terminal nothing.
func TestNothingIsAskedOfTheTerminal(t *testing.T) {
	p := onTerminal(t, "--version")
	p.within(time.Now(), ExitOK)
	if out := p.out.String(); strings.Contains(out, "\x1b") {
		t.Errorf("%q", out)
	}
}

// The answer about the background is no key, and may come in pieces.
func TestTheTerminalsAnswer(t *testing.T) {
	p := onTerminal(t, "watch", "two-regions")
	p.out.await(t, `\x1b\]11;\?`)
	p.out.await(t, `\x1b\[1;38;5;81m`) // on dark
	p.types("\x1b]11;rgb:ff")
	p.types("ff/ffff/ffff\x1b\\a")
	p.out.await(t, `\x1b\[1;38;5;25m`) // on light
	p.out.await(t, adapterOn)
	p.types("qy")
	p.within(time.Now(), ExitOK)
}

// A run that is stopped has no verdict and leaves its files as they were, also when
// it takes longer to end than it may.
func TestAStoppedRunLeavesItsFiles(t *testing.T) {
	for name, signals := range map[string]int{"one signal": 1, "many": 100} {
		dir := t.TempDir()
		old := filepath.Join(dir, "old.trace")
		if err := os.WriteFile(old, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		p := onTerminal(t, "run", "two-regions", "--real", "--variant", "base", "--trace", old, "--junit", filepath.Join(dir, "new.xml"))
		p.out.await(t, `0:0[1-9] / 1:00`)
		for range signals {
			p.cmd.Process.Signal(syscall.SIGTERM)
		}
		p.within(time.Now(), 143)
		text, err := os.ReadFile(old)
		files, err2 := os.ReadDir(dir)
		if string(text) != "old" || len(files) != 1 || err != nil || err2 != nil {
			t.Errorf("%s: the trace holds %.40q, the folder %v, %v, %v", name, text, files, err, err2)
		}
		if out := p.out.String(); strings.Contains(out, "pass") || !strings.Contains(out, "without a verdict") && !strings.Contains(out, "not judged") {
			t.Errorf("%s: it says %q", name, out)
		}
	}
}
