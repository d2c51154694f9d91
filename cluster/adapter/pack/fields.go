package pack

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Fields is an object whose values are not read yet. Unlike struct tags
// it tells "uid" from "UID".
type Fields map[string]json.RawMessage

// ReadFields reads an object. It fails on malformed JSON, on nesting beyond MaxDepth,
// and on what is no object.
func ReadFields(text []byte) (Fields, error) {
	if err := CheckJSON(text); err != nil {
		return nil, err
	}
	var fields Fields
	err := json.Unmarshal(text, &fields)
	return fields, err
}

// Read reads a field; one that is missing or null leaves v as it is.
func (f Fields) Read(key string, v any) error {
	text, ok := f[key]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%q: %w", key, err)
	}
	return nil
}

// Names are rooms in JSON: strings, or numbers in their decimal form.
type Names []string

// UnmarshalJSON reads an array. It fails when an item is neither string nor number.
func (n *Names) UnmarshalJSON(text []byte) error {
	var vs []any
	if err := json.Unmarshal(text, &vs); err != nil {
		return err
	}
	*n = nil
	for _, v := range vs {
		switch v := v.(type) {
		case string:
			*n = append(*n, v)
		case float64:
			*n = append(*n, strconv.FormatFloat(v, 'f', -1, 64))
		default:
			return fmt.Errorf("%v is no room", v)
		}
	}
	return nil
}
