package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
)

// JSONLine writes a value as one line of JSON, in which "<", ">" and "&" stay as
// they are, and what a terminal may obey is escaped. It fails when w does, or when
// the value has no JSON form.
func JSONLine(w io.Writer, value any) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(escape(line.Bytes(), AppendJSONEscape))
	return err
}

// AppendJSONEscape appends a character as JSON escapes it: \u and its number.
func AppendJSONEscape(dst []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != 0xfffd {
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}
