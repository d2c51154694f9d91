package terminal

import (
	"bytes"
	"io"
	"os"
	"testing"
)

// typed returns what the screen reads of pieces that come one after the other, and
// the answers about the background.
func typed(t testing.TB, pieces ...string) (read string, answers []bool) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	in := &input{File: r}
	answer := func(dark bool) { answers = append(answers, dark) }
	in.answer.Store(&answer)
	buf := make([]byte, 256)
	var out bytes.Buffer
	for i := range len(pieces) + 1 {
		if i == len(pieces) {
			w.Close()
		} else if _, err := io.WriteString(w, pieces[i]); err != nil {
			t.Fatal(err)
		}
		n, err := in.Read(buf)
		out.Write(buf[:n])
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	return out.String(), answers
}

func TestAnswersAreNoKeys(t *testing.T) {
	const light, dark = "\x1b]11;rgb:ffff/ffff/eeee\x1b\\", "\x1b]11;rgb:00/00/80\a"
	for _, c := range []struct {
		pieces []string
		read   string
		light  bool
		none   bool
	}{
		{pieces: []string{"ab"}, read: "ab", none: true},
		{pieces: []string{light}, light: true},
		{pieces: []string{"a" + light + "b", "c"}, read: "abc", light: true},
		{pieces: []string{"a" + dark + "b\x1b]"}, read: "ab\x1b]"},
		{pieces: []string{"a\x1b]1", "1;rgb:ffff/ffff", "/ffff\x1b", "\\b"}, read: "ab", light: true},
		{pieces: []string{"\x1b", "]x"}, read: "\x1b]x", none: true},
		{pieces: []string{"\x1b]", "x"}, read: "\x1b]x", none: true},
		{pieces: []string{"\x1b]11;?"}, read: "\x1b]11;?", none: true},
		{pieces: []string{dark, light}, read: light},
	} {
		read, answers := typed(t, c.pieces...)
		if read != c.read || (len(answers) == 0) != c.none || len(answers) > 0 && answers[0] == c.light {
			t.Errorf("%q: read %q, answered %v", c.pieces, read, answers)
		}
	}
}

// Whatever is typed around an answer, and however it is cut, arrives.
func FuzzTyped(f *testing.F) {
	f.Add("a", "b", 3)
	f.Add("\x1b[A", "\x1b]", 20)
	f.Fuzz(func(t *testing.T, before, after string, cut int) {
		const answer = "\x1b]11;rgb:1212/3434/5656\x1b\\"
		all := before + answer + after
		if len(all) > 200 {
			return
		}
		cut = min(max(cut, 1), len(all)-1)
		read, answers := typed(t, all[:cut], all[cut:])
		if len(answers) > 1 || len(answers) == 1 && background.FindString(all) == answer && read != before+after {
			t.Errorf("%q, cut at %d: read %q, answered %v", all, cut, read, answers)
		}
		if len(answers) == 0 && read != all {
			t.Errorf("%q, cut at %d: read %q", all, cut, read)
		}
	})
}

// A terminal that is given back is written to no more.
func TestAClosedGate(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{file: w}
	io.WriteString(g, "a")
	g.closed.Store(true)
	if n, err := io.WriteString(g, "bc"); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	g.last("d")
	w.Close()
	if text, _ := io.ReadAll(r); string(text) != "ad" {
		t.Errorf("%q", text)
	}
}
