package format

import (
	"io"
	"strings"
	"sync"
)

// Output writes text for people. Nothing that it is given steers a terminal: it
// makes all of it printable, except what Styled and Data are for.
type Output struct {
	w      io.Writer
	failed func(error)

	mu  sync.Mutex
	err error // the first
}

// NewOutput returns an output that writes to w, and calls failed with the first
// error of w. nil means that no one is told.
func NewOutput(w io.Writer, failed func(error)) *Output { return &Output{w: w, failed: failed} }

// Unwrap returns what the output writes to.
func (o *Output) Unwrap() io.Writer { return o.w }

// Err returns the first error of what the output writes to.
func (o *Output) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// Write writes a text, whole characters of it. After an error nothing more is
// written.
func (o *Output) Write(text []byte) (int, error) {
	if err := o.write(Printable(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (o *Output) write(text string) error {
	o.mu.Lock()
	first := o.err == nil
	if first {
		_, o.err = io.WriteString(o.w, text)
	}
	err := o.err
	o.mu.Unlock()
	if first && err != nil && o.failed != nil {
		o.failed(err)
	}
	return err
}

// EraseLine takes back the line that the cursor of a terminal is on.
const EraseLine = "\r\x1b[K"

// Styled writes a text that Style.Paint has painted, and that may begin with
// EraseLine. It returns w's error.
func Styled(w io.Writer, text string) error {
	o, ok := w.(*Output)
	if !ok {
		_, err := io.WriteString(w, text)
		return err
	}
	return o.write(PrintableBut(text, ownSequence))
}

// ownSequence returns the sequence of this package that text begins with, ""
// when it begins with none.
func ownSequence(text string) string {
	for _, own := range []string{EraseLine, resetStyle} {
		if strings.HasPrefix(text, own) {
			return own
		}
	}
	for s := range sgr {
		if on := Style(s).on(); on != "" && strings.HasPrefix(text, on) {
			return on
		}
	}
	return ""
}

// Data writes the text of a file, such as an nginx.conf: byte for byte, but
// printable on a terminal. It returns w's error.
func Data(w io.Writer, text string) error {
	o, ok := w.(*Output)
	if ok && !ScreenOf(o).Terminal {
		return o.write(text)
	}
	_, err := io.WriteString(w, text)
	return err
}
