package yamltree

import (
	"fmt"
	"strings"
)

// OneOf lists what may stand in a place; long lists are cut.
func OneOf(names []string) string {
	const most = 24
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return names[0]
	case len(names) > most:
		return fmt.Sprintf("one of %s, ... (%d in all)", strings.Join(names[:most], ", "), len(names))
	}
	return "one of " + strings.Join(names, ", ")
}
