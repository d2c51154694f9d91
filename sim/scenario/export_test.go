package scenario

import (
	"errors"
	"fmt"
)

// Error words the flaw in a line.
func (f flaw) Error() string {
	s := fmt.Sprintf("column %d: %s", f.at+1, f.text)
	if f.hint != "" {
		s += " (" + f.hint + ")"
	}
	return s
}

// Compile checks an expectation's expression against the names of ledger.View.
// The keys of nodes and groups are not checked here, since only a file has
// them. The error names every unknown name, with its column.
func Compile(expression string) (*Check, error) {
	c, flaws := compile(expression, names{})
	if len(flaws) == 0 {
		return c, nil
	}
	errs := make([]error, len(flaws))
	for i, f := range flaws {
		errs[i] = f
	}
	return nil, fmt.Errorf("expression %q: %w", expression, errors.Join(errs...))
}
