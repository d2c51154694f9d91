package edit

import (
	"fmt"

	"stickylab/cluster/nginx/syntax"
)

// SetSticky writes a sticky directive, such as "cookie srv expires=1h", into the
// block of an upstream: in the place of the one that is there, or after the
// balancing method. Without parameters it takes that one out. Whether the
// parameters are right, nginx.ParseTree says.
//
// It fails when the text is malformed, or there is no such upstream.
func SetSticky(t *syntax.Tree, upstream, parameters string) (*syntax.Tree, error) {
	block, err := blockOf(t, upstream)
	if err != nil {
		return nil, fmt.Errorf("set sticky of upstream %q: %w", upstream, err)
	}
	written := ""
	if parameters != "" {
		written = "sticky " + parameters
	}
	var changes []syntax.Change
	for _, d := range block.Find("sticky") {
		if written == "" {
			changes = append(changes, t.Remove(d))
			continue
		}
		changes = append(changes, syntax.Rewrite(d, written+";"))
		written = ""
	}
	methods := methodsOf(block)
	switch {
	case written == "":
	case len(methods) > 0:
		changes = append(changes, t.InsertAfter(methods[len(methods)-1], written))
	default:
		changes = append(changes, t.InsertInto(block, written))
	}
	return t.Apply(changes...), nil
}
