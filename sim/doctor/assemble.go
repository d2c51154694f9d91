package doctor

import (
	"regexp"
	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"strings"
)

// wantsServer reports whether a text has locations without a server block around
// them, as people paste them.
func wantsServer(tree []*syntax.Directive) bool {
	for _, s := range tree {
		if s.Name == "location" && s.IsBlock {
			return true
		}
	}
	return false
}

// wrapped puts a server block around the locations without adding lines before
// them. What belongs outside the block moves after it.
func wrapped(text string, tree []*syntax.Directive) string {
	first, behind := -1, ""
	var b strings.Builder
	at := 0
	for _, s := range tree {
		if first < 0 && s.Name == "location" {
			b.WriteString(text[at:s.Start])
			b.WriteString("server { ")
			first, at = s.Start, s.Start
		}
		if outer := s.Name == "upstream" || s.Name == "map" || s.Name == "geo" || s.Name == "split_clients"; first >= 0 && outer {
			b.WriteString(text[at:s.Start])
			b.WriteString(strings.Repeat("\n", strings.Count(text[s.Start:s.End], "\n")))
			behind += "\n" + text[s.Start:s.End]
			at = s.End
		}
	}
	b.WriteString(text[at:])
	b.WriteString("\n}")
	b.WriteString(behind)
	return b.String()
}

// marker begins each file in what nginx -T prints.
const marker = "# configuration file "

// undump moves what follows the http block in the output of nginx -T, the files
// that it includes, into it: the block then ends at the end of the text. Lines
// keep their numbers.
func undump(text string, tree []*syntax.Directive) string {
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), marker) && !strings.Contains(text, "\n"+marker) {
		return text
	}
	for i, s := range tree {
		if s.Name != "http" || !s.IsBlock || i == len(tree)-1 || s.Close >= len(text) {
			continue
		}
		return text[:s.Close] + " " + text[s.Close+1:] + "\n}"
	}
	return text
}

// upgradeMap is the map that most configurations have, and that is easily left
// out of what is pasted.
const upgradeMap = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }"

// define adds the map of $connection_upgrade where it is used but not defined.
func (p *prepared) define(tree []*syntax.Directive, version nginx.Version) {
	if !strings.Contains(p.text, "$connection_upgrade") || defines(tree) {
		return
	}
	line := 1 + strings.Count(p.text[:strings.Index(p.text, "$connection_upgrade")], "\n")
	p.note(line, "$connection_upgrade is defined nowhere in this text; it is assumed to come from the usual map (%s)", upgradeMap)
	if prepared, _ := scan(p.text); len(prepared) > 0 {
		for _, s := range prepared {
			if s.Name == "http" && s.IsBlock {
				p.text = p.text[:s.Close] + " " + upgradeMap + " " + p.text[s.Close:]
				return
			}
		}
	}
	p.text += "\n" + upgradeMap + "\n"
}

func defines(list []*syntax.Directive) bool {
	for _, s := range list {
		if (s.Name == "map" || s.Name == "set") && (s.Arg(1) == "$connection_upgrade" || s.Arg(0) == "$connection_upgrade") || defines(s.Block) {
			return true
		}
	}
	return false
}

// compiles reports whether a location's pattern, if it has one, is usable here.
func compiles(s *syntax.Directive) bool {
	if len(s.Args) == 0 || !strings.HasPrefix(s.Arg(0), "~") {
		return true
	}
	pattern := s.Arg(len(s.Args) - 1)
	if len(s.Args) == 1 {
		pattern = strings.TrimLeft(pattern, "~*")
	}
	_, err := regexp.Compile(pattern)
	return err == nil
}
