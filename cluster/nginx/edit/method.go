// Package edit makes the changes to an nginx configuration that mean something:
// another balancing method, a server more or less, other addresses. They work on
// trees of package syntax, and touch nothing else of the text.
package edit

import (
	"fmt"
	"slices"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// SetMethod writes the balancing method of an upstream: its directive is put in,
// replaced or, for round robin, taken out. Where server lines are backups and the
// method does not support them, it goes after the server lines, which is where
// nginx accepts it.
//
// It fails when the method is none, the text is malformed, or there is no such
// upstream block.
func SetMethod(t *syntax.Tree, upstream string, m nginx.Method) (*syntax.Tree, error) {
	if m.Name == "" {
		m.Name = "round_robin"
	}
	m, err := nginx.ParseMethod(m.String())
	if err != nil {
		return nil, err
	}
	block, err := blockOf(t, upstream)
	if err != nil {
		return nil, fmt.Errorf("set method of upstream %q: %w", upstream, err)
	}
	servers := block.Find("server")
	backup := slices.ContainsFunc(servers, func(d *syntax.Directive) bool { return d.Has("backup") })
	written := ""
	if m.Name != "round_robin" {
		written = m.String()
	}
	supported, _ := nginx.SupportsBackup(m.Name)
	last := backup && written != "" && !supported

	var changes []syntax.Change
	for _, d := range methodsOf(block) {
		if written != "" && (!last || d.Start > servers[len(servers)-1].Start) {
			changes = append(changes, syntax.Rewrite(d, written+";"))
			written = ""
		} else {
			changes = append(changes, t.Remove(d))
		}
	}
	switch {
	case written == "":
	case last:
		changes = append(changes, t.InsertAfter(servers[len(servers)-1], written))
	default:
		changes = append(changes, t.InsertInto(block, written))
	}
	return t.Apply(changes...), nil
}

// methodsOf returns the directives of balancing methods in a block.
func methodsOf(block *syntax.Directive) []*syntax.Directive {
	return slices.DeleteFunc(slices.Clone(block.Block), func(d *syntax.Directive) bool {
		_, isMethod := nginx.SupportsBackup(d.Name)
		return !isMethod
	})
}

// blockOf returns the block of an upstream. It fails when the text is malformed,
// or has no such block.
func blockOf(t *syntax.Tree, upstream string) (*syntax.Directive, error) {
	if len(t.Problems) > 0 {
		return nil, t.Problems[0]
	}
	block := t.Upstream(upstream)
	if block == nil {
		return nil, fmt.Errorf("no upstream block %q", upstream)
	}
	return block, nil
}
