package nginx

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/nginx/syntax"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestGolden reads pair files: a configuration, a line of dashes, and what it
// means or what is wrong with it. Names that end in _122 are read as nginx 1.22.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pair files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, want, _ := strings.Cut(string(data), "\n----\n")
			version := DefaultVersion
			if strings.HasSuffix(file, "_122.txt") {
				version = "1.22"
			}
			got := outcome(Parse(text+"\n", version))
			if *update {
				if err := os.WriteFile(file, []byte(text+"\n----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func outcome(c *Config, problems []syntax.Problem) string {
	if len(problems) == 0 {
		return dump(c)
	}
	var b strings.Builder
	for _, p := range problems {
		b.WriteString("error " + p.Error() + "\n")
	}
	return b.String()
}
