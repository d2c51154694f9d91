// Package tui is the terminal program: it shows one screen at a time, each in its
// package, and the list from which they are opened.
package tui

import (
	"cmp"
	"context"
	"io"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/ui/terminal"
	"stickylab/ui/terminal/unasked"
	"stickylab/ui/tui/compare"
	"stickylab/ui/tui/lesson"
	"stickylab/ui/tui/run"
)

func init() { unasked.Over() }

// Options of the program. Load or Served must be set.
type Options struct {
	// Arg is the scenario to begin with, as Load knows it; "" begins with the
	// picker.
	Arg string

	// Load reads a scenario: its plan, and its name without folder and ending.
	Load func(arg string) (plan *plan.Plan, name string, err error)

	// Around, when not empty, says what the scenario Arg, which is in no file yet, was made
	// around and what was left out.
	Around []string

	// Files are offered by the picker in addition to the built-in scenarios.
	Files []string

	// ReadOnly takes away the keys that change a run, for lectures.
	ReadOnly bool

	// Learn, when not nil, offers lessons.
	Learn *lesson.Options

	// Served, when not nil, is what is on the screen, in place of scenarios: Arg,
	// Load, Files and Speed are not used then.
	Served *run.Served

	// Speed is the speed of virtual time at the beginning, by default 1.
	Speed float64

	// Still lets nothing move but numbers. So it is where the environment asks for less motion:
	// NO_MOTION, REDUCE_MOTION or REDUCED_MOTION is set, and is not 0, false or no.
	Still bool

	// Dir is the folder for files that are written, by default the working one.
	Dir string

	In  io.Reader // default: the standard input
	Out io.Writer // default: the standard output
}

// Run runs the program until the viewer quits or ctx ends. It needs a
// terminal. An Arg that cannot be loaded is its error, before the screen
// changes.
func Run(ctx context.Context, o Options) error {
	m := New(o)
	if err := m.openFirst(); err != nil {
		return err
	}
	return m.run(ctx)
}

// openFirst opens what the options begin with, if anything.
func (m *Model) openFirst() error {
	o := m.o
	var first opened
	var err error
	switch {
	case o.Served != nil:
		first = run.NewServed(m.Shell, o.Served, run.Options{Dir: o.Dir, ReadOnly: o.ReadOnly})
	case o.Learn != nil && o.Learn.Begin != "":
		first, err = m.lesson(o.Learn.Begin)
	case o.Arg != "":
		first, err = m.scenario(o.Arg)
	default:
		return nil
	}
	if err == nil {
		m.begin = m.Open(first)
	}
	return err
}

// Compare runs the program on two runs side by side, on one clock, until the
// viewer quits or ctx ends. title is what they are variants of. Of the options
// Speed, In and Out are used. It fails with the cause of ctx, and when a run or the
// program itself fails.
func Compare(ctx context.Context, o Options, title string, left, right compare.Side) error {
	m := New(o)
	pair := compare.New(m.Shell, title, left, right, m.o.Speed, func() tea.Cmd {
		m.Say("there is nothing to go back to: q quits", false)
		return nil
	})
	pair.Playing, pair.Steered = true, true
	m.begin = m.Open(pair)
	return m.run(ctx)
}

// run runs the program on what the model shows, on a terminal that is as it was
// when run returns. It fails with the cause of ctx, and with a panic of the model
// or of a command.
func (m *Model) run(ctx context.Context) error {
	t := terminal.Take(cmp.Or[io.Reader](m.o.In, os.Stdin), cmp.Or[io.Writer](m.o.Out, os.Stdout))
	defer t.Release()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := tea.NewProgram(&guarded{m, stop}, tea.WithContext(ctx), tea.WithInput(t.In), tea.WithOutput(t.Out), tea.WithAltScreen(),
		tea.WithMouseCellMotion(), tea.WithFPS(30), tea.WithoutSignalHandler(), tea.WithoutCatchPanics())
	m.begin = tea.Batch(m.begin, func() tea.Msg {
		t.AskBackground(func(dark bool) { p.Send(background{dark}) })
		return nil
	})
	_, err := p.Run()
	m.Close()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// Close ends the runs of the program. It waits for them for a moment only.
func (m *Model) Close() {
	if m.current == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		m.current.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
	}
}
