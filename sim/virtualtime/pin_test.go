package virtualtime

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// An ordinary program opens a bubble with a testing.T that no test has made, which
// nothing in Go's documentation promises. Should a release of Go change that, what
// it rests on has to be found anew: this program says what broke.
const program = `package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"stickylab/sim/virtualtime"
)

func main() {
	wall := time.Now()
	check("the clock of a bubble", func(b *virtualtime.Bubble) error {
		start := time.Now()
		b.Go(func() { time.Sleep(time.Minute) })
		time.Sleep(time.Hour)
		b.Wait()
		if passed := time.Since(start); start.Year() != 2000 || passed != time.Hour {
			return fmt.Errorf("an hour from %v took %v", start, passed)
		}
		return nil
	}, func(err error) bool { return err == nil })
	if took := time.Since(wall); took > time.Minute {
		fail("an hour of virtual time took %v", took)
	}
	check("the text of a leak", func(b *virtualtime.Bubble) error {
		b.Go(func() { <-make(chan int) })
		return nil
	}, is[*virtualtime.LeakError])
	check("the text of a deadlock", func(b *virtualtime.Bubble) error {
		<-make(chan int)
		return nil
	}, is[*virtualtime.DeadlockError])
	check("the stacks of a bubble", func(*virtualtime.Bubble) error {
		if !strings.Contains(virtualtime.Stacks(), "main.main") {
			return errors.New("no goroutine of the bubble is found")
		}
		return nil
	}, func(err error) bool { return err == nil })
	if flag.Lookup("test.v") != nil {
		fail("the program has the flags of a test")
	}
}

func check(what string, f func(*virtualtime.Bubble) error, ok func(error) bool) {
	if err := virtualtime.Run(virtualtime.Options{}, f); !ok(err) {
		fail("%s: got %T: %v", what, err, err)
	}
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func fail(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}
`

func TestAnOrdinaryProgramOpensABubble(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(path, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "run", path).CombinedOutput(); err != nil {
		t.Fatalf("with %s, synctest.Test(new(testing.T), ...) does not do in an ordinary program what package virtualtime rests on: %v\n%s",
			runtime.Version(), err, strings.TrimSpace(string(out)))
	}
}
