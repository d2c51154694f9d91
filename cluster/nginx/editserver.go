package nginx

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Servers names server lines of an upstream by their addresses as written.
type Servers struct {
	Upstream  string
	Addresses []string
}

// SetServers takes parameters such as "down" off the server lines in the text
// and puts others on them. Nothing else is touched. The error is that there is
// no such upstream or line.
func SetServers(text string, s Servers, on, off []string) (string, error) {
	return editServers(text, s, func(e edit, d *directive) []change {
		var changes []change
		have := map[string]bool{}
		last := d.args[0].end
		for _, w := range d.args[1:] {
			if slices.Contains(off, w.text) {
				from := w.off - (len(text[:w.off]) - len(strings.TrimRight(text[:w.off], " \t\r\n")))
				changes = append(changes, change{from, w.end, ""})
				continue
			}
			have[w.text] = true
			last = w.end
		}
		for _, parameter := range on {
			if !have[parameter] {
				changes = slices.Insert(changes, 0, change{last, last, " " + parameter})
			}
		}
		return changes
	})
}

// RemoveServers takes the server lines out of the text.
func RemoveServers(text string, s Servers) (string, error) {
	return editServers(text, s, func(e edit, d *directive) []change {
		from, to := e.whole(d.off, d.end)
		return []change{{from, to, ""}}
	})
}

// AddServer puts a server line behind the last one of an upstream, with the
// same parameters but for those that are about one server: down, drain,
// backup and route.
func AddServer(text, upstream, address string) (string, error) {
	block, err := blockOf(text, upstream)
	if err != nil {
		return "", err
	}
	e := edit{text, block}
	line := "server " + address
	at, neighbour := e.block.inner, (*directive)(nil)
	for _, d := range block.block {
		if d.text != "server" || len(d.args) == 0 {
			continue
		}
		at, neighbour = d.end, d
		line = "server " + address
		for _, w := range d.args[1:] {
			own := slices.Contains([]string{"down", "drain", "backup"}, w.text) || strings.HasPrefix(w.text, "route=")
			if !own {
				line += " " + text[w.off:w.end]
			}
		}
	}
	at, before, after := e.insertion(at, neighbour)
	return e.with([]change{{at, at, before + line + ";" + after}}), nil
}

// editServers applies the changes of each line that is named.
func editServers(text string, s Servers, of func(edit, *directive) []change) (string, error) {
	block, err := blockOf(text, s.Upstream)
	if err != nil {
		return "", err
	}
	e := edit{text, block}
	var changes []change
	found := false
	for _, d := range block.block {
		if d.text == "server" && len(d.args) > 0 && slices.Contains(s.Addresses, d.args[0].text) {
			changes, found = append(changes, of(e, d)...), true
		}
	}
	if !found {
		return "", fmt.Errorf("upstream %q has no server %s", s.Upstream, strings.Join(s.Addresses, " or "))
	}
	return e.with(changes), nil
}

func blockOf(text, upstream string) (*directive, error) {
	var r report
	tree := scanTree(text, &r)
	if len(r.problems) > 0 {
		return nil, errors.New(inOrder(r.problems)[0].Text)
	}
	block := findUpstream(tree, upstream)
	if block == nil {
		return nil, fmt.Errorf("there is no upstream block %q", upstream)
	}
	return block, nil
}
