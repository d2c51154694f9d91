package sim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"stickylab/scenarios"
	"stickylab/sim/report"
)

// withoutCause returns a built-in scenario without what makes it happen: with
// the replacements of testdata/patches.
func withoutCause(t *testing.T, path string) (name, text string) {
	t.Helper()
	name = strings.TrimSuffix(filepath.Base(path), ".yaml")
	before, err := scenarios.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var patch []struct{ Replace, By string }
	if err := yaml.Unmarshal(src, &patch); err != nil || len(patch) == 0 {
		t.Fatalf("%d replacements, %v", len(patch), err)
	}
	text = string(before)
	for _, p := range patch {
		if strings.Count(text, p.Replace) == 0 {
			t.Fatalf("%q is not in the scenario", p.Replace)
		}
		text = strings.ReplaceAll(text, p.Replace, p.By)
	}
	return name, text
}

// A scenario that would pass without its cause shows nothing.
func TestAScenarioFailsWithoutItsCause(t *testing.T) {
	paths, err := filepath.Glob("testdata/patches/*.yaml")
	if err != nil || len(paths) < 8 {
		t.Fatalf("%d patches, %v", len(paths), err)
	}
	for _, path := range paths {
		name, text := withoutCause(t, path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := run(t, parse(t, name+".yaml", text, nil), Options{})
			if r != nil && r.Verdict != report.Fail {
				t.Errorf("verdict %q without the cause", r.Verdict)
			}
		})
	}
}
