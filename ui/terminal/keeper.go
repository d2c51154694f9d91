//go:build unix

package terminal

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"

	"stickylab/sim/format"
)

// KeeperArg is the only argument of the program as a keeper.
const KeeperArg = "__keeper"

// keeper is a process that gives the terminal back when the program cannot: when a
// goroutine that no one guards panics, the runtime gives up, or the program is
// killed. Meanwhile it holds what is written to the standard error, such as the
// message of a panic, which would tear the screen and go with it.
type keeper struct {
	marks  *os.File // the program's end: a zero for an orderly one, else what the runtime prints of a crash
	stderr int      // the standard error of the program, -1 when it is no terminal and is not held
	gone   chan struct{}
}

// startKeeper starts the keeper of a terminal; nil means that there is none.
func startKeeper(input, output *os.File) *keeper {
	path, err := os.Executable()
	if err != nil {
		return nil
	}
	held, heldEnd, err1 := os.Pipe()
	marks, marksEnd, err2 := os.Pipe()
	ready, readyEnd, err3 := os.Pipe()
	files := []*os.File{held, marks, readyEnd, heldEnd, ready} // closed here; the keeper has the first three
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err1 != nil || err2 != nil || err3 != nil {
		return nil
	}
	cmd := &exec.Cmd{Path: path, Args: []string{os.Args[0], KeeperArg}, Stdin: held, Stdout: output, Stderr: os.Stderr, ExtraFiles: []*os.File{marks, readyEnd, input}}
	if cmd.Start() != nil {
		marksEnd.Close()
		return nil
	}
	k := &keeper{marks: marksEnd, stderr: -1, gone: make(chan struct{})}
	go func() {
		cmd.Wait()
		close(k.gone)
	}()
	readyEnd.Close()
	ready.Read(make([]byte, 1)) // it ends when the keeper knows the modes, or is gone
	debug.SetCrashOutput(marksEnd, debug.CrashOptions{})
	if term.IsTerminal(os.Stderr.Fd()) {
		if k.stderr, err = unix.FcntlInt(os.Stderr.Fd(), unix.F_DUPFD_CLOEXEC, 3); err == nil {
			unix.Dup2(int(heldEnd.Fd()), int(os.Stderr.Fd()))
		}
	}
	return k
}

// dismiss ends the keeper once the terminal is given back. What it held is written
// when dismiss returns.
func (k *keeper) dismiss() {
	if k == nil {
		return
	}
	debug.SetCrashOutput(nil, debug.CrashOptions{})
	if k.stderr >= 0 {
		unix.Dup2(k.stderr, int(os.Stderr.Fd()))
		unix.Close(k.stderr)
	}
	k.marks.Write([]byte{0})
	k.marks.Close()
	select {
	case <-k.gone:
	case <-time.After(100 * time.Millisecond): // output is suspended
	}
}

// Keep is the keeper's whole life. It returns the exit code.
func Keep() int {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTOU, syscall.SIGPIPE)
	marks, ready, input := os.NewFile(3, "marks"), os.NewFile(4, "ready"), os.NewFile(5, "input")
	modes, err := term.GetState(input.Fd())
	ready.Close()
	if err != nil {
		return 1
	}
	held := make(chan []byte, 1)
	go func() {
		text, _ := io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
		held <- text
		io.Copy(io.Discard, os.Stdin)
	}()
	var first [1]byte
	if n, _ := marks.Read(first[:]); n == 0 || first[0] != 0 {
		putBack(input, modes, func(text string) { io.WriteString(os.Stdout, text) })
	}
	io.Copy(io.Discard, marks)
	io.WriteString(os.Stderr, format.Printable(string(<-held)))
	return 0
}
