package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/scenario/yamltree"
)

// systemConf is where nginx usually has its files.
const systemConf = "/etc/nginx"

// withIncludes returns the text of a file followed by the files that it includes: those in
// its own directory, or below, and those of /etc/nginx. An absolute name in
// /etc/nginx is looked for next to the file first.
func withIncludes(path, text string) string {
	if syntax.Scan(text).Whole() {
		return text // all is there
	}
	main, err := filepath.Abs(path)
	if err != nil {
		return text
	}
	return syntax.Join(text, syntax.Gather(text, func(pattern string) []syntax.File {
		return slices.DeleteFunc(included(filepath.Dir(main), pattern), func(f syntax.File) bool { return f.Name == main })
	}))
}

// included reads the files that a pattern names.
func included(dir, pattern string) []syntax.File {
	places := []string{filepath.Join(dir, pattern), filepath.Join(systemConf, pattern)}
	if filepath.IsAbs(pattern) {
		places = []string{pattern}
		if own, ok := strings.CutPrefix(pattern, systemConf+"/"); ok {
			places = []string{filepath.Join(dir, own), pattern}
		}
	}
	for _, place := range places {
		names, err := filepath.Glob(place)
		if err != nil {
			continue
		}
		var files []syntax.File
		for _, name := range names {
			if f, ok := readIncluded(dir, name); ok {
				if filepath.IsAbs(pattern) && place != pattern {
					f.Name = filepath.Join(systemConf, strings.TrimPrefix(name, dir))
				}
				files = append(files, f)
			}
		}
		if len(files) > 0 {
			return files
		}
	}
	return nil
}

// readIncluded reads a file that lies in the directory or in /etc/nginx, links
// followed.
func readIncluded(dir, name string) (syntax.File, bool) {
	real, err := filepath.EvalSymlinks(name)
	if err != nil || !within(dir, real) && !within(systemConf, real) {
		return syntax.File{}, false
	}
	info, err := os.Stat(real)
	if err != nil || !info.Mode().IsRegular() || info.Size() > yamltree.MaxSize {
		return syntax.File{}, false
	}
	text, err := os.ReadFile(real)
	if err != nil || strings.ContainsRune(string(text), 0) {
		return syntax.File{}, false
	}
	return syntax.File{Name: name, Text: string(text)}, true
}

func within(dir, name string) bool {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	rel, err := filepath.Rel(dir, name)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}
