package doctor

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// marker begins each file in the output of nginx -T.
const marker = "# configuration file "

// undump moves what follows the http block in the output of nginx -T, the files
// that it includes, into it: the block then ends at the end of the text. Lines
// keep their numbers.
func undump(t *syntax.Tree) *syntax.Tree {
	text, http := t.Text(), t.HTTP()
	if len(t.Problems) > 0 || http == nil || http == t.Directives[len(t.Directives)-1] ||
		!strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), marker) && !strings.Contains(text, "\n"+marker) {
		return t
	}
	return t.Apply(syntax.Change{From: http.Close, To: http.Close + 1, Text: " "}, atEnd(t, "\n}"))
}

func atEnd(t *syntax.Tree, text string) syntax.Change {
	return syntax.Change{From: len(t.Text()), To: len(t.Text()), Text: text}
}

// upgradeMap is the map that most configurations have, and that people easily
// leave out of what they paste.
const upgradeMap = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }"

// assemble adds what a part of a configuration lacks: a server block around
// locations, without lines before them, and the map of $connection_upgrade, unless
// the text is whole: nginx refuses that.
// What belongs outside the server block moves after it.
func (p *prepared) assemble() {
	text, list := p.tree.Text(), p.tree.Directives
	var changes []syntax.Change
	end := ""
	first := slices.IndexFunc(list, func(d *syntax.Directive) bool { return d.Name == "location" && d.IsBlock })
	if p.bare = first >= 0; p.bare {
		changes = append(changes, syntax.Change{From: list[first].Start, To: list[first].Start, Text: "server { "})
		end = "\n}"
		for _, d := range list[first:] {
			switch d.Name {
			case "upstream", "map", "geo", "split_clients":
				block := text[d.Start:d.End]
				changes = append(changes, syntax.Rewrite(d, strings.Repeat("\n", strings.Count(block, "\n"))))
				end += "\n" + block
			}
		}
	}
	whole := p.tree.HTTP() != nil && !p.unreadFiles()
	if used := strings.Index(text, "$connection_upgrade"); used >= 0 && !definesUpgrade(list) && !whole {
		line := 1 + strings.Count(text[:used], "\n")
		p.note(line, "$connection_upgrade is defined nowhere in this text; it is assumed to come from the usual map (%s)", upgradeMap)
		if http := p.tree.HTTP(); http != nil {
			changes = append(changes, syntax.Change{From: http.Close, To: http.Close, Text: " " + upgradeMap + " "})
		} else {
			end += "\n" + upgradeMap + "\n"
		}
	}
	p.tree = p.tree.Apply(append(changes, atEnd(p.tree, end))...)
}

// definesUpgrade reports whether $connection_upgrade is the variable of a map or
// a set.
func definesUpgrade(list []*syntax.Directive) (found bool) {
	syntax.Each(list, func(d *syntax.Directive) {
		found = found || (d.Name == "map" || d.Name == "set") && (d.Arg(0) == "$connection_upgrade" || d.Arg(1) == "$connection_upgrade")
	})
	return found
}
