package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whatever is wrong with a command line, standard error begins with the name of
// the program, or with the place in a file, and nothing is on standard output.
func TestErrorsBeginAlike(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	if err := os.WriteFile(broken, []byte("duration: 1 minute\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_STATE_HOME", dir)
	missing := filepath.Join(dir, "missing.yaml")
	start := regexp.MustCompile(`^(stickylab: |` + regexp.QuoteMeta(broken) + `:1:\d+: )\S`)
	for _, line := range []string{
		"rum", "run", "run nosuch", "run two-regions --nosuch", "run two-regions --variant nosuch", "run two-regions --seed x", "run " + broken, "run " + missing,
		"run two-regions toggle-live --trace t", "compare nosuch", "compare two-regions --policy nosuch", "compare two-regions --json --watch", "compare works-on-my-machine --variant x",
		"watch nosuch", "watch two-regions", "watch two-regions --speed 0", "learn nosuch", "learn " + broken, "learn --list --reset", "learn two-regions --answers 9", "check nosuch", "check " + broken,
		"explain", "explain nosuch", "explain two-regions x", "explain --nginx " + missing + " 1.2.3.4", "doctor", "doctor " + missing, "doctor x --direct --behind",
		"serve nosuch", "web nosuch", "web --listen x", "serve two-regions --listen x", "node", "node --name a", "export", "export nosuch", "export nginx nosuch", "list nosuch", "list nginx.conf", "why", "why nosuch", "why --list x", "schema x", "init a b", "help nosuch",
	} {
		var out, errs bytes.Buffer
		if code := Main(strings.Fields(line), &out, &errs); code != ExitInput {
			t.Errorf("%s: exit %d, want %d", line, code, ExitInput)
		}
		if out.Len() > 0 {
			t.Errorf("%s: on standard output: %s", line, &out)
		}
		if !start.MatchString(errs.String()) {
			t.Errorf("%s: %s", line, &errs)
		}
	}
}

// Every command has help, which says what it is for in one line, without the
// words that only its authors would use.
func TestEveryCommandHasHelp(t *testing.T) {
	for _, cmd := range newRoot().Commands() {
		var out, errs bytes.Buffer
		if code := Main([]string{cmd.Name(), "--help"}, &out, &errs); code != ExitOK || errs.Len() > 0 {
			t.Errorf("%s: exit %d, %s", cmd.Name(), code, &errs)
		}
		if cmd.Short == "" || len(cmd.Short) > 70 || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: %q", cmd.Name(), cmd.Short)
		}
		if !strings.Contains(out.String(), "Usage:") {
			t.Errorf("%s: no usage in\n%s", cmd.Name(), &out)
		}
	}
}
