package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are all documents for people, from this directory.
func documents(t *testing.T) []string {
	t.Helper()
	more, err := filepath.Glob("../../.github/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(more, guides...)
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan    = regexp.MustCompile("`([^`\n]+)`")
	mdLink      = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)
	// aPath matches a path of the repository: a top-level directory and more, or a
	// document at the top.
	aPath = regexp.MustCompile(`^((cluster|sim|ui|scenarios|\.ci|\.github)(/[\w.-]+)*/?|[A-Za-z-]+\.(go|md|mod))$`)
)

// Every file, directory and link that a document names exists.
func TestDocumentsNameWhatExists(t *testing.T) {
	named := 0
	for _, path := range documents(t) {
		text := fencedBlock.ReplaceAllString(document(t, path), "")
		for _, m := range codeSpan.FindAllStringSubmatch(text, -1) {
			if !aPath.MatchString(m[1]) || m[1] == "nginx.conf" || strings.HasPrefix(m[1], "scenarios/NAME") {
				continue
			}
			named++
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
				t.Errorf("%s names %s, which does not exist", path, m[1])
			}
		}
		for _, m := range mdLink.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			named++
			target := path
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(path), m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which does not exist", path, m[1])
			} else if m[2] != "" && !anchors(document(t, target))[m[2]] {
				t.Errorf("%s links to %s%s, which has no such heading", path, m[1], m[2])
			}
		}
	}
	if named < 100 {
		t.Errorf("only %d paths found", named)
	}
}

// anchors returns the anchors of a document's headings, as GitHub makes them.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out["#"+strings.ReplaceAll(name, " ", "-")] = true
	}
	return out
}

// The map of the packages names each package that is not for tests alone.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	text := document(t, "../../.github/ARCHITECTURE.md")
	for _, top := range []string{"cluster", "sim", "ui", "scenarios"} {
		err := filepath.WalkDir(filepath.Join("../..", top), func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if !d.IsDir() {
				return nil
			}
			if d.Name() == "internal" || d.Name() == "realnginx" || d.Name() == "testdata" || d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			files, err := filepath.Glob(filepath.Join(path, "*.go"))
			if name := filepath.ToSlash(strings.TrimPrefix(path, "../../")); len(files) > 0 && !strings.Contains(text, "| `"+name+"` |") {
				t.Errorf("ARCHITECTURE.md does not say what %s is", name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
