package style

import (
	"os"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"stickylab/sim/format"
)

// Profile returns which colours the terminal on the standard output has. Inside screen and tmux the name of the
// terminal says nothing of colours, though they pass at least sixteen on.
func Profile() termenv.Profile {
	p := lipgloss.ColorProfile()
	if p == termenv.Ascii && !termenv.EnvNoColor() && format.ScreenOf(os.Stdout).Terminal && multiplexed(os.Getenv("TERM")) {
		return termenv.ANSI
	}
	return p
}

// multiplexed reports whether a terminal of that name is one of screen or tmux.
func multiplexed(term string) bool {
	return strings.HasPrefix(term, "screen") || strings.HasPrefix(term, "tmux")
}
