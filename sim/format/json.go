package format

import (
	"encoding/json"
	"io"
)

// JSONLine writes a value as one line of JSON, in which "<", ">" and "&" stay as
// they are. It fails when w does, or when the value has no JSON form.
func JSONLine(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
