// Package terminal has the terminal while a screen is on it, and gives it back as
// it was, whatever ends the program.
package terminal

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/term"
)

// Taken is a terminal that a screen has.
type Taken struct {
	In  io.Reader // what is typed, without the terminal's own answers
	Out io.Writer // writes nothing more once the terminal is given back

	modes  *term.State // nil when the input is no terminal
	input  *os.File
	output *gate // nil when the output is no file
	keeper *keeper
}

// taken is the terminal that a screen has now; a program has only one.
var taken atomic.Pointer[Taken]

// Take prepares the terminal for a screen. An input and an output that are no
// files, as in tests, are used as they are.
func Take(in io.Reader, out io.Writer) *Taken {
	t := &Taken{In: in, Out: out}
	if f, ok := in.(*os.File); ok {
		t.input, t.In = f, &input{File: f}
		t.modes, _ = term.GetState(f.Fd())
	}
	if f, ok := out.(*os.File); ok {
		t.output = &gate{file: f}
		t.Out = t.output
	}
	if t.modes != nil && t.output != nil {
		t.keeper = startKeeper(t.input, t.output.file)
		taken.Store(t)
	}
	return t
}

// Release ends what Take began, when the screen is gone and has itself put the
// terminal back.
func (t *Taken) Release() {
	if taken.CompareAndSwap(t, nil) {
		t.keeper.dismiss()
	}
}

// Restore gives the terminal back as it was before the screen, if there is one,
// and stops what the screen still writes. It is for an end of the program that
// the screen knows nothing of, and returns soon even if the terminal takes no
// more output.
func Restore() {
	if t := taken.Swap(nil); t != nil {
		t.output.closed.Store(true)
		putBack(t.input, t.modes, t.output.last)
		t.keeper.dismiss()
		term.Restore(t.input.Fd(), t.modes) // the screen may have been about to begin
	}
}

// leave undoes what a screen does to a terminal: no mouse, no bracketed paste,
// the main screen, the cursor.
const leave = "\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m"

// putBack restores the modes of the input, then writes the sequences that leave
// the screen.
func putBack(input *os.File, modes *term.State, write func(string)) {
	term.Restore(input.Fd(), modes)
	done := make(chan struct{})
	go func() {
		write(leave)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(100 * time.Millisecond): // output is suspended
	}
}

// gate is an output that can be closed while others write to it.
type gate struct {
	file   *os.File // not embedded, since it has other methods that write
	closed atomic.Bool
	mu     sync.Mutex
}

// Fd, Read and Close make it a file of a terminal for Bubble Tea.

func (g *gate) Fd() uintptr { return g.file.Fd() }

func (g *gate) Read(b []byte) (int, error) { return g.file.Read(b) }

func (g *gate) Close() error { return g.file.Close() }

func (g *gate) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed.Load() {
		return len(b), nil
	}
	return g.file.Write(b)
}

// last writes to a closed gate.
func (g *gate) last(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	io.WriteString(g.file, text)
}
