package doctor

import (
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// repeat writes a second server next to one that a template repeats: how many there are is not in
// the text, and one would hide what several break.
func (b *sanitizer) repeat(d *syntax.Directive) {
	repeated := false
	for _, l := range b.loops {
		repeated = repeated || l.From <= d.Start && d.Start < l.To
	}
	at := nginx.Placeholders(d.Arg(0))
	if !repeated || len(at) == 0 || len(d.Args) == 0 {
		return
	}
	first := d.Arg(0)[at[0][0]:at[0][1]]
	other := d.Arg(0)
	switch host, _, port := strings.Cut(other, ":"); {
	case at[0][0] == 0 && strings.HasPrefix(other[at[0][1]:], ":"), at[0][0] == 0 && !port, !strings.Contains(other, ":"):
		other = strings.Replace(other, first, "another", 1)
	case strings.HasSuffix(host+":", ":") && at[0][0] == len(host)+1:
		other = strings.Replace(other, first, "8081", 1)
	default:
		other = "another:8080"
	}
	text := "server " + other
	for _, a := range d.Args[1:] {
		text += " " + b.tree.Raw(a)
	}
	b.changes = append(b.changes, syntax.Change{From: d.End, To: d.End, Text: " " + text + ";"})
	b.repeated = d.Pos.Line
	b.note(d.Pos.Line, "a loop of a template repeats it: two servers are taken for what it makes; fill the template in to settle it")
}
