// Package tui is the terminal program: a view of a run's ledger, and keys that
// steer the run.
//
// What is on the screen is a pure function of a frame, which is the ledger of
// the run at a cursor, and of what the viewer has chosen. The run is worked on
// beside the program's loop, by commands, so that it never waits for the
// screen, nor the screen for it.
package tui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
)

// Options of the program. Load or Served must be set.
type Options struct {
	// Arg is the scenario to begin with, as Load knows it; "" begins with the
	// picker.
	Arg string

	// Load reads a scenario: its plan, and its name without folder and ending.
	Load func(arg string) (plan *plan.Plan, name string, err error)

	// Files are offered by the picker beside the built-in scenarios.
	Files []string

	// ReadOnly takes away the keys that change a run, for lectures.
	ReadOnly bool

	// Learn, when not nil, offers lessons.
	Learn *Learning

	// Served, when not nil, is what is on the screen, in place of scenarios: Arg,
	// Load, Files and Speed are not used then.
	Served *Served

	// Speed is how fast virtual time goes at the beginning. Default 1.
	Speed float64

	// Dir is where files are written. Default: the working directory.
	Dir string

	In  io.Reader // default: the standard input
	Out io.Writer // default: the standard output
}

// Run runs the program until the viewer quits or ctx ends. It needs a
// terminal. An Arg that can not be loaded is its error, before the screen
// changes.
func Run(ctx context.Context, o Options) error {
	m := New(o)
	if o.Arg != "" && o.Served == nil {
		plan, name, err := o.Load(o.Arg)
		if err != nil {
			return err
		}
		m.enter(o.Arg, plan, name)
	}
	if o.Learn != nil && o.Learn.Begin != "" && o.Served == nil {
		l, err := o.Learn.Load(o.Learn.Begin)
		if err != nil {
			return err
		}
		m.teach(l)
	}
	return m.run(ctx)
}

// run runs the program on what the model shows.
func (m *Model) run(ctx context.Context) error {
	o := m.o
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithAltScreen(), tea.WithMouseCellMotion(), tea.WithFPS(30), tea.WithFilter(beforeQuit)}
	if o.Served != nil {
		options = append(options, tea.WithoutSignalHandler()) // ctx ends with them
	}
	if o.In != nil {
		options = append(options, tea.WithInput(o.In))
	}
	if o.Out != nil {
		options = append(options, tea.WithOutput(o.Out))
	}
	_, err := tea.NewProgram(m, options...).Run()
	m.Close()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// Close ends the runs of the program. It waits for them for a moment only.
func (m *Model) Close() {
	if m.stage == nil && m.pair == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		if m.stage != nil {
			m.stage.close()
		}
		if m.pair != nil {
			m.pair.close()
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
	}
}
