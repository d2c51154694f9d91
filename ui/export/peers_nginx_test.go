//go:build peers

package export

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"stickylab/cluster/proxy/realnginx"
	"stickylab/scenarios"
	"stickylab/sim/plan"
)

// The real nginx takes what is written for it. Directives that came after the
// installed version are named as that in the notes.
func TestPeersNginxTakesTheExport(t *testing.T) {
	newer := regexp.MustCompile(`^1\.(29\.[6-9]|[3-9][0-9])`).MatchString(realnginx.Version(t))
	free, err := realnginx.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, name := range scenarios.Names() {
		text, _ := scenarios.Read(name)
		f, problems := plan.Parse(name, text)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		p, problems := plan.Resolve(f, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		conf, remarks, err := Nginx(Options{Plan: p, Name: name, Listen: free})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(strings.Join(remarks, "\n"), "1.29.6") && !newer {
			continue
		}
		path := filepath.Join(t.TempDir(), "nginx.conf")
		if err := os.WriteFile(path, []byte(conf), 0o644); err != nil {
			t.Fatal(err)
		}
		if said, err := exec.Command("nginx", "-t", "-c", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
		tried++
	}
	if tried < 6 {
		t.Errorf("nginx has tried %d", tried)
	}
}
