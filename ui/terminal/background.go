package terminal

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
)

// AskBackground asks the terminal for the colour of its background. answer is
// called, with whether it is dark, when and if the terminal answers: nothing
// waits for it. Terminals that may be several at once are not asked.
func (t *Taken) AskBackground(answer func(dark bool)) {
	in, ok := t.In.(*input)
	if name := os.Getenv("TERM"); !ok || t.output == nil || strings.HasPrefix(name, "screen") || strings.HasPrefix(name, "tmux") {
		return
	}
	in.answer.Store(&answer)
	io.WriteString(t.Out, "\x1b]11;?\x1b\\")
}

// input is what is typed: the answer about the background is taken out.
type input struct {
	*os.File
	answer atomic.Pointer[func(dark bool)] // nil when nothing is asked
	held   []byte                          // the beginning of an answer
}

var (
	background = regexp.MustCompile(`\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]*(?:\x07|\x1b\\)`)
	begun      = regexp.MustCompile(`\x1b\](?:1|11|11;[^\x07\x1b]{0,40}\x1b?)?$`)
)

// Read reads what is typed. It may return nothing, without an error, when there
// was only an answer.
func (i *input) Read(b []byte) (int, error) {
	if i.answer.Load() == nil {
		return i.File.Read(b)
	}
	n := copy(b, i.held)
	more, err := i.File.Read(b[n:])
	text := b[:n+more]
	i.held = nil
	if m := background.FindSubmatchIndex(text); m != nil {
		answer := i.answer.Swap(nil)
		(*answer)(dark(text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]]))
		return copy(text[m[0]:], text[m[1]:]) + m[0], err
	}
	if at := begun.FindIndex(text); at != nil && err == nil {
		i.held = bytes.Clone(text[at[0]:])
		return at[0], nil
	}
	return len(text), err
}

// dark reports whether a colour of red, green and blue, in hexadecimal digits, is
// nearer to black than to white.
func dark(parts ...[]byte) bool {
	least, most := 1.0, 0.0
	for _, p := range parts {
		v, _ := strconv.ParseUint(string(p), 16, 16) // the expression has matched
		share := float64(v) / float64(uint64(1)<<(4*len(p))-1)
		least, most = min(least, share), max(most, share)
	}
	return (least+most)/2 < 0.5
}
