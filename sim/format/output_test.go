package format

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

const hostile = "a\x1b[2J\x1b]0;t\a\u009b1m\x7f\r\u202e\u2066\x9b\U000e0001z\u200d東\n\tb"

func TestOutputMakesItPrintable(t *testing.T) {
	const want = "a?[2J?]0;t??1m??????z\u200d東\n\tb"
	for name, write := range map[string]func(io.Writer) error{
		"text":   func(w io.Writer) error { _, err := io.WriteString(w, hostile); return err },
		"styled": func(w io.Writer) error { return Styled(w, hostile) },
	} {
		var got bytes.Buffer
		if err := write(NewOutput(&got, nil)); err != nil || got.String() != want {
			t.Errorf("%s: %q, %v", name, got.String(), err)
		}
	}
	var got bytes.Buffer
	if err := Data(NewOutput(&got, nil), hostile); err != nil || got.String() != hostile {
		t.Errorf("a file: %q, %v", got.String(), err)
	}
}

// The styles of the package pass, and only where they are meant.
func TestOutputStyles(t *testing.T) {
	text := EraseLine + Bad.Paint("FAIL") + " " + Strong.Paint("x") + "\x1b[35m\x1b[1"
	var got bytes.Buffer
	out := NewOutput(&got, nil)
	if err := Styled(out, text); err != nil || got.String() != EraseLine+Bad.Paint("FAIL")+" "+Strong.Paint("x")+"?[35m?[1" {
		t.Errorf("%q, %v", got.String(), err)
	}
	got.Reset()
	if io.WriteString(out, Bad.Paint("FAIL")); got.String() != "?[1;31mFAIL?[0m" {
		t.Errorf("%q", got.String())
	}
}

// The first error is kept and told, and nothing is written after it.
func TestOutputKeepsTheFirstError(t *testing.T) {
	full := errors.New("full")
	r, w := io.Pipe()
	r.CloseWithError(full)
	var told []error
	out := NewOutput(w, func(err error) { told = append(told, err) })
	for range 3 {
		if n, err := io.WriteString(out, "x"); n != 0 || err != full {
			t.Errorf("%d, %v", n, err)
		}
	}
	if len(told) != 1 || told[0] != full || out.Err() != full {
		t.Errorf("told %v, kept %v", told, out.Err())
	}
}

// JSON and XML are printable, and what was written is read again.
func TestNotationsEscape(t *testing.T) {
	valid := strings.ToValidUTF8(hostile, "")
	var line bytes.Buffer
	if err := JSONLine(&line, map[string]string{valid: valid}); err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal(line.Bytes(), &back); err != nil || back[valid] != valid || Printable(line.String()) != line.String() {
		t.Errorf("%s: %q, %v", &line, back, err)
	}
	type element struct{ S string }
	text, err := xml.Marshal(element{valid})
	if err != nil {
		t.Fatal(err)
	}
	text = EscapeXML(text)
	var of element
	if err := xml.Unmarshal(text, &of); err != nil || Printable(string(text)) != string(text) || !strings.Contains(of.S, "\u009b1m\x7f") {
		t.Errorf("%s: %q, %v", text, of.S, err)
	}
}
