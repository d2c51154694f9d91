package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each distinct text is scanned and parsed once, however many experiments run
// with it: the original, each fix that is tried, what is made of them for the
// simulation, and the proxies in front.
func TestEachTextIsReadOnce(t *testing.T) {
	o := Options{}
	o.fill()
	texts := newLibrary(o.Version, nil)
	r, problems, err := examine(t.Context(), texts, "upstream im { server a:1; server b:1; }\nserver { location / { proxy_pass http://im; } }\n", o)
	if err != nil || len(problems) > 0 || len(r.Sites[0].Findings) == 0 {
		t.Fatal(err, problems, r)
	}
	scans, parses := texts.Counts()
	if scans > 15 || parses > 15 {
		t.Errorf("%d texts scanned, %d parsed", scans, parses)
	}
}

// Everything is read through the library, which counts.
func TestEverythingIsReadThroughTheLibrary(t *testing.T) {
	direct := regexp.MustCompile(`\b(nginx\.Parse(Tree)?|syntax\.Scan)\(`)
	for _, dir := range []string{".", "../plan"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if found := direct.Find(text); found != nil && !strings.HasSuffix(file, "_test.go") {
				t.Errorf("%s calls %s", file, found)
			}
		}
	}
}
