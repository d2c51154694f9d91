package edit

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// Servers names server lines of an upstream by their addresses as written.
type Servers struct {
	Upstream  string
	Addresses []string
}

// SetServers takes the parameters off, such as "drain", off server lines and
// writes the parameters on. It fails when the text is malformed, or there is no
// such upstream or line.
func SetServers(t *syntax.Tree, s Servers, on, off []string) (*syntax.Tree, error) {
	return s.edit(t, func(d *syntax.Directive) []syntax.Change {
		var changes []syntax.Change
		last := d.Args[0]
		for _, w := range d.Args[1:] {
			if slices.Contains(off, w.Text) {
				changes = append(changes, t.RemoveArg(w))
			} else {
				last = w
			}
		}
		for _, parameter := range on {
			if !d.Has(parameter) {
				changes = slices.Insert(changes, 0, syntax.Change{From: last.End, To: last.End, Text: " " + parameter})
			}
		}
		return changes
	})
}

// RemoveServers takes server lines out. It fails as SetServers does.
func RemoveServers(t *syntax.Tree, s Servers) (*syntax.Tree, error) {
	return s.edit(t, func(d *syntax.Directive) []syntax.Change { return []syntax.Change{t.Remove(d)} })
}

// edit applies the changes of each line that is named.
func (s Servers) edit(t *syntax.Tree, of func(*syntax.Directive) []syntax.Change) (*syntax.Tree, error) {
	block, err := blockOf(t, s.Upstream)
	if err != nil {
		return nil, err
	}
	var changes []syntax.Change
	found := false
	for _, d := range block.Find("server") {
		if len(d.Args) > 0 && slices.Contains(s.Addresses, d.Args[0].Text) {
			changes, found = append(changes, of(d)...), true
		}
	}
	if !found {
		return nil, fmt.Errorf("upstream %q has no server %s", s.Upstream, strings.Join(s.Addresses, " or "))
	}
	return t.Apply(changes...), nil
}

// AddServer writes a server line after the last one of an upstream, with the same
// parameters except those that concern one server: down, drain, backup and route.
// It fails when the text is malformed, or there is no such upstream.
func AddServer(t *syntax.Tree, upstream, address string) (*syntax.Tree, error) {
	block, err := blockOf(t, upstream)
	if err != nil {
		return nil, err
	}
	var last *syntax.Directive
	line := "server " + address
	for _, d := range block.Find("server") {
		if len(d.Args) == 0 {
			continue
		}
		last, line = d, "server "+address
		for _, w := range d.Args[1:] {
			own := slices.Contains([]string{"down", "drain", "backup"}, w.Text) || strings.HasPrefix(w.Text, "route=")
			if !own {
				line += " " + t.Raw(w)
			}
		}
	}
	if last == nil {
		return t.Apply(t.InsertInto(block, line)), nil
	}
	return t.Apply(t.InsertAfter(last, line)), nil
}
