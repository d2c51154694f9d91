package tui

import (
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/virtualtime"
)

// guarded is the model with its commands. A panic in one of them stops the
// program with that cause: Bubble Tea would print it on the screen that is about
// to go.
type guarded struct {
	*Model
	stop func(cause error)
}

func (g *guarded) guard() {
	if v := recover(); v != nil {
		g.stop(&virtualtime.PanicError{Value: v, Stack: string(debug.Stack())})
	}
}

// Init is that of the model.
func (g *guarded) Init() tea.Cmd {
	defer g.guard()
	return g.command(g.Model.Init())
}

// Update is that of the model.
func (g *guarded) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	defer g.guard()
	next = g
	_, cmd = g.Model.Update(msg)
	return next, g.command(cmd)
}

// View is that of the model.
func (g *guarded) View() string {
	defer g.guard()
	return g.Model.View()
}

// command guards a command, and those of the batch that it may return.
func (g *guarded) command(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		defer g.guard()
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = g.command(batch[i])
			}
		}
		return msg
	}
}
