package syntax

import "slices"

// What a text may take from other files.
const (
	maxFiles    = 200
	maxGathered = 4 << 20 // bytes
)

// Gather returns the files that a text and those files include, each once, in the order
// in which nginx reads them. read returns the files that a pattern names.
func Gather(text string, read func(pattern string) []File) []File {
	var files []File
	size := 0
	seen := map[string]bool{}
	var visit func(text string)
	visit = func(text string) {
		Each(Scan(text).Directives, func(d *Directive) {
			if d.Name != "include" || d.IsBlock || len(d.Args) != 1 || seen[d.Arg(0)] {
				return
			}
			seen[d.Arg(0)] = true
			for _, f := range read(d.Arg(0)) {
				if slices.ContainsFunc(files, func(o File) bool { return o.Name == f.Name }) || len(files) >= maxFiles || size+len(f.Text) > maxGathered {
					continue
				}
				size += len(f.Text)
				files = append(files, f)
				visit(f.Text)
			}
		})
	}
	visit(text)
	return files
}
