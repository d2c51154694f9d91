package learn

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 5, time.FixedZone("east", 3600))

func TestProgressIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "progress.json")
	p, err := ReadProgress(path)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := ReadProgress(path)
	if _, err := p.Finish("one", Score{3, 3, 2}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Finish("two", Score{1, 1, 1}, noon); err != nil {
		t.Fatal(err) // another process, which had read before
	}
	again, err := ReadProgress(path)
	if err != nil {
		t.Fatal(err)
	}
	r := again.lessons["one"]
	if want := (Record{noon.UTC().Truncate(time.Second), 3, 2}); r != want {
		t.Errorf("%+v", r)
	}
	if !again.Status("two").Finished || again.Status("three").Finished {
		t.Error("what others finished is lost")
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 1 {
		t.Errorf("left over: %v", files)
	}
	forgotten, aside, err := again.Reset()
	if err != nil || aside != "" || !slices.Equal(forgotten, []string{"one", "two"}) {
		t.Error(forgotten, aside, err)
	}
	if again.Status("one").Finished {
		t.Error("not forgotten")
	}
	if forgotten, _, err = again.Reset(); err != nil || forgotten != nil {
		t.Error(forgotten, err)
	}
}

// What cannot be read is told, and never overwritten.
func TestForeignProgress(t *testing.T) {
	for name, text := range map[string]string{
		"broken":  `{"program": "stickylab", `,
		"foreign": `{"lessons": {}}`,
		"list":    `[]`,
		"future":  `{"program": "stickylab", "schema": 2}`,
		"absurd":  `{"program": "stickylab", "schema": 1, "lessons": {"one": {"asked": 1, "right": 2}}}`,
		"large":   strings.Repeat(" ", maxProgress) + `{}`,
		"empty":   ``,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "progress.json")
			for n, want := range []string{path + ".bad", path + ".bad2"} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				p, err := ReadProgress(path)
				if err == nil || !strings.Contains(err.Error(), path) {
					t.Fatalf("%v", err)
				}
				var aside string
				if n == 0 {
					aside, err = p.Finish("one", Score{}, noon)
				} else {
					_, aside, err = p.Reset()
				}
				if err != nil || aside != want {
					t.Errorf("aside %q, %v", aside, err)
				}
				if kept, err := os.ReadFile(aside); err != nil || string(kept) != text {
					t.Errorf("kept %q, %v", kept, err)
				}
				if p, err := ReadProgress(path); err != nil || p.Status("one").Finished != (n == 0) {
					t.Error("not the new file", err)
				}
			}
		})
	}
}

// A file that turned bad since it was read is kept as well.
func TestProgressTurnsBad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	p, _ := ReadProgress(path)
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if aside, err := p.Finish("one", Score{}, noon); err != nil || aside != path+".bad" {
		t.Error(aside, err)
	}
}

func TestProgressThatCannotBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := ReadProgress(filepath.Join(file, "progress.json"))
	if _, err := p.Finish("one", Score{}, noon); err == nil {
		t.Error("kept in a file that is no directory")
	}
	if !p.Status("one").Finished {
		t.Error("not even for now")
	}
}

func FuzzProgress(f *testing.F) {
	f.Add([]byte(`{"program": "stickylab", "schema": 1, "lessons": {"one": {"finished": "2026-03-01T11:00:00Z", "asked": 2, "right": 1}}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		lessons, err := parse(text)
		if err != nil && len(lessons) > 0 {
			t.Fatal(lessons, err)
		}
	})
}
