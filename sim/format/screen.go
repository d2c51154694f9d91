package format

import (
	"os"

	"github.com/charmbracelet/x/term"
	"github.com/mattn/go-isatty"
)

// Screen is what is known about an input or an output. The zero value is a
// file, or a pipe.
type Screen struct {
	Terminal bool
	Color    bool // it is a terminal that shows colours, and the user wants them
	Width    int  // in cells, 0 when it is not known
}

// ScreenOf looks at an input or an output, such as os.Stdout. Colours are not
// wanted where NO_COLOR is set (no-color.org), nor possible where TERM is dumb.
func ScreenOf(stream any) Screen {
	if o, ok := stream.(*Output); ok {
		stream = o.Unwrap()
	}
	f, ok := stream.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return Screen{}
	}
	s := Screen{Terminal: true, Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
	if width, _, err := term.GetSize(f.Fd()); err == nil {
		s.Width = width
	}
	return s
}
