package format

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns the unified diff of two texts under their names, two lines of
// heads included; "" when they are the same.
func Diff(nameBefore, before, nameAfter, after string) string {
	out := diff.Diff(nameBefore, []byte(before), nameAfter, []byte(after))
	_, unified, _ := strings.Cut(string(out), "\n") // after a line that names a command
	return unified
}
