package syntax

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// A text can hold several files: what nginx -T prints, or a file with those that
// it includes after it (see Join). A line names each of them.
var marker = regexp.MustCompile(`(?m)^# configuration file (\S.*):[ \t\r]*$`)

// section is one file of a text: the bytes from from up to to.
type section struct {
	name     string // "" for what precedes the first marker
	from, to int
	line     int // of from
	list     []*Directive
	used     bool
}

// sections cuts a text into its files. What a terminal shows before the first
// marker is left out.
func sections(text string) []section {
	var marks [][]int
	if strings.Contains(text, "# configuration file ") {
		marks = marker.FindAllStringSubmatchIndex(text, -1)
	}
	head := len(text)
	if len(marks) > 0 {
		head = marks[0][0]
	}
	out := []section{{to: head, line: 1}}
	for i, m := range marks {
		to := len(text)
		if i+1 < len(marks) {
			to = marks[i+1][0]
		}
		out = append(out, section{name: text[m[2]:m[3]], from: m[0], to: to, line: 1 + strings.Count(text[:m[0]], "\n")})
	}
	if len(marks) > 0 && !strings.ContainsAny(text[:head], "{};") {
		out = out[1:]
	}
	return out
}

// Join returns the text of a file followed by those of the files that it includes,
// from which Scan makes one tree. Lines of the file itself keep their numbers.
func Join(text string, files []File) string {
	var b strings.Builder
	b.WriteString(text)
	for _, f := range files {
		if !strings.HasSuffix(b.String(), "\n") {
			b.WriteByte('\n')
		}
		b.WriteString("# configuration file " + f.Name + ":\n" + f.Text)
	}
	return b.String()
}

// File is a file that is included, by the name under which nginx would read it.
type File struct{ Name, Text string }

// maxPlaced bounds the directives that includes can multiply.
const maxPlaced = 50_000

// placing puts files into the places of their include directives.
type placing struct {
	files []section
	open  []int // the sections that are being placed
	left  int
}

// place returns the directives of the first section with the others in the places
// where they are included. Those that no include names join its http block, or
// its end.
func place(files []section) []*Directive {
	p := &placing{files: files, left: maxPlaced}
	p.files[0].used = true
	list := p.expand(0)
	for i := range p.files {
		if p.files[i].used {
			continue
		}
		p.files[i].used = true
		rest := p.expand(i)
		if http := Find(list, "http"); len(http) > 0 && http[0].IsBlock {
			http[0].Block = append(http[0].Block, rest...)
		} else {
			list = append(list, rest...)
		}
	}
	return list
}

func (p *placing) expand(i int) []*Directive {
	p.open = append(p.open, i)
	list := p.within(p.files[i].list)
	p.open = p.open[:len(p.open)-1]
	return list
}

// within expands the includes of a list and of the blocks in it.
func (p *placing) within(list []*Directive) []*Directive {
	var out []*Directive
	for _, d := range list {
		if p.left--; p.left < 0 {
			break
		}
		if d.Name == "include" && !d.IsBlock && len(d.Args) == 1 {
			if found, ok := p.included(d.Args[0].Text); ok {
				out = append(out, found...)
				continue
			}
		}
		c := *d
		c.Block = p.within(d.Block)
		out = append(out, &c)
	}
	return out
}

// included returns what an include stands for. ok is false when it is not among
// the files.
func (p *placing) included(pattern string) (list []*Directive, ok bool) {
	for i := range p.files {
		if p.files[i].name == "" || !Includes(pattern, p.files[i].name) || slices.Contains(p.open, i) {
			continue
		}
		p.files[i].used, ok = true, true
		list = append(list, p.expand(i)...)
	}
	return list, ok
}

// Includes reports whether an include of a pattern reads a file of that name. A
// pattern that is not absolute matches the end of the name.
func Includes(pattern, name string) bool {
	pattern = path.Clean(pattern)
	if !strings.HasPrefix(pattern, "/") {
		rest := name
		for range strings.Count(pattern, "/") + 1 {
			rest = rest[:max(0, strings.LastIndexByte(rest, '/'))]
		}
		name = strings.TrimPrefix(name[len(rest):], "/")
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// Place returns the file of a line and the line's number in it: for a text made by
// Join; of any other the name is "" and the number the same.
func (t *Tree) Place(line int) (file string, own int) {
	own = line
	all := sections(t.text)
	if all[0].name != "" {
		return "", line
	}
	for _, s := range all[1:] {
		if line > s.line {
			file, own = s.name, line-s.line
		}
	}
	return file, own
}

// Whole reports whether the text is all of a configuration: what nginx -T prints.
func (t *Tree) Whole() bool { return sections(t.text)[0].name != "" }

// noise are lines that a terminal shows around what nginx prints: nginx's own
// messages and the prompts of a shell.
var noise = regexp.MustCompile(`^(nginx: (\[\w+\]|the configuration file|configuration file)|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\]|[\w.-]+@[\w.-]+[: ].*[#$%](\s|$)|\$ )[^\n]*`)

// noisy returns how many bytes of noise begin at an offset at which a statement
// may begin.
func noisy(text string, at int) int {
	if at > 0 && text[at-1] != '\n' {
		return 0
	}
	rest := text[at:]
	if !strings.HasPrefix(rest, "nginx: ") && !strings.HasPrefix(rest, "$ ") && (rest == "" || rest[0] < '0' || rest[0] > '9') && !strings.Contains(firstLine(rest), "@") {
		return 0
	}
	return len(noise.FindString(firstLine(rest)))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text[:min(len(text), 300)], "\n")
	return line
}
