package plan_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// texts are those of testdata, and the starter.
func texts(t testing.TB) [][]byte {
	out := [][]byte{[]byte(scenario.Starter)}
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			out = append(out, read(t, path))
		}
	}
	return out
}

func TestTextsSurviveTheReader(t *testing.T) {
	for _, src := range texts(t) {
		survives(t, src)
	}
}

// The fuzzer begins with small texts: to make a large one small takes it minutes.
func FuzzParse(f *testing.F) {
	for _, src := range texts(f) {
		if len(src) < 300 {
			f.Add(src)
		}
	}
	f.Fuzz(survives)
}

// survives checks that a text does not make the reader panic or point outside of the
// text, and that a file that it accepts can be resolved, and reads back equal after
// writing.
func survives(t *testing.T, src []byte) {
	file, errs := plan.Parse("fuzz.yaml", src)
	if (file == nil) != (len(errs) > 0) {
		t.Fatalf("file %v with %d problems", file != nil, len(errs))
	}
	lines := strings.Split(strings.TrimPrefix(strings.ReplaceAll(string(src), "\r\n", "\n"), "\ufeff"), "\n")
	for _, p := range errs {
		if p.Line == 0 && p.Column == 0 {
			continue // there may be more
		}
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCountInString(lines[p.Line-1])+1 {
			t.Errorf("%s points outside of the text", p.Error())
		}
		if !utf8.ValidString(p.String()) {
			t.Errorf("%q is not text", p.String())
		}
	}
	if file == nil {
		return
	}
	if _, errs := plan.Resolve(file, nil); len(errs) > 0 {
		t.Fatalf("accepted, but cannot be resolved:\n%s", errs)
	}
	out, err := plan.Marshal(file)
	if errors.Is(err, scenario.ErrTooLarge) {
		return // aliases written out
	}
	readsAgain(t, file, out, err)
}

// readsAgain checks that a file is what it was once it is written and read again.
func readsAgain(t *testing.T, file *scenario.File, out []byte, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	again, errs := plan.Parse("written.yaml", out)
	if len(errs) > 0 {
		t.Fatalf("written, but not accepted:\n%s\n%s", errs, out)
	}
	if diff := cmp.Diff(file, again, same); diff != "" {
		t.Fatalf("(-file +written)\n%s\n%s", diff, out)
	}
}

// Any text survives writing and reading, wherever a file can hold it.
func FuzzMarshalText(f *testing.F) {
	for _, s := range []string{
		"plain", "on", "null", "~", "1e3", "0x1f", "- a", "a: b", "a #b", "#a", "'", `"`, `\`, "a\nb\n", "a\nb", "\na\n", " a\nb", "a \n b\n\n", "a\tb", "\x00\x7f",
		"é 你好 \u2028 \ufeff", "{{}", "[a]", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "?", "a\r\nb", "---", "...", "a,b", "2001:db8::1", "12:30:45", "1_000", "=", "<<", "a\n\tb\n", "a\n \nb\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.TrimSpace(text) == "" || !utf8.ValidString(text) || len(text) > 10_000 {
			return
		}
		file := scenario.NewFile()
		file.Title, file.Summary, file.Duration = text, text, scenario.DefaultSettle
		file.Nodes.Count, file.Proxy.Policy = 2, "ip_hash"
		g := scenario.NewGroup("a")
		g.IP, g.Room = ranges("10.0.0.0/8"), text
		file.Clients = []scenario.Group{g}
		file.Steps = []scenario.Step{{Verb: scenario.Say, Who: "a-01", Text: text}}
		file.Expect = []scenario.Expectation{{At: file.Duration, End: true, That: "clients.away == 0", Because: text}}
		out, err := plan.Marshal(file)
		readsAgain(t, file, out, err)
	})
}
