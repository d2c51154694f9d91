package cli

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/ui/learn"
)

// asker asks for answers on the standard input.
type asker struct {
	in   *bufio.Scanner
	out  io.Writer
	echo bool // what is typed is not seen by itself
	over bool // nothing more comes
}

// newAsker returns an asker that reads lines; one that is longer than people
// type ends the input.
func newAsker(in io.Reader, out io.Writer) *asker {
	s := bufio.NewScanner(in)
	s.Buffer(nil, 4096)
	return &asker{in: s, out: out, echo: !format.ScreenOf(in).Terminal}
}

// ask asks for one of several choices until there is an answer, counted from 0.
// At the end of the input it is learn.NoAnswer.
func (l *asker) ask(choices int) int {
	for {
		fmt.Fprintf(l.out, "your answer, 1 to %d: ", choices)
		if l.over || !l.in.Scan() {
			l.over = true
			fmt.Fprintln(l.out, "no answer")
			return learn.NoAnswer
		}
		typed := strings.TrimSpace(l.in.Text())
		if l.echo {
			fmt.Fprintln(l.out, format.Line(typed))
		}
		if n, err := strconv.Atoi(typed); err == nil && n >= 1 && n <= choices {
			return n - 1
		}
	}
}
