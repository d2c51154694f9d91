package cli

import (
	"os"
	"path/filepath"
	"testing"

	"stickylab/scenarios"
)

// Each scenario and each nginx.conf is told by its text alone.
func TestForms(t *testing.T) {
	for _, name := range scenarios.Names() {
		text, err := scenarios.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := formOf("x", string(text)); got != scenarioForm {
			t.Errorf("%s is %d", name, got)
		}
	}
	files, _ := filepath.Glob("../../sim/doctor/testdata/cases/*.conf")
	if len(files) < 100 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := formOf("x.conf", string(text)); got != nginxForm {
			t.Errorf("%s is %d", file, got)
		}
	}
	for text, want := range map[string]form{
		"# a\n\ntitle: T":                   scenarioForm,
		"---\ntitle: T":                     scenarioForm,
		"{\"title\": \"T\"}":                scenarioForm,
		"\ufeff# a\nuser www-data;":         nginxForm,
		"# configuration file x:\nevents{}": nginxForm,
		"upstream im {":                     nginxForm,
		"Dear reader":                       noForm,
		"":                                  noForm,
		"{ }":                               noForm,
	} {
		if got := formOf("x", text); got != want {
			t.Errorf("%q is %d, not %d", text, got, want)
		}
	}
	for name, want := range map[string]form{"a.yaml": scenarioForm, "a.yml": scenarioForm, "a.conf": nginxForm, "a.txt": noForm} {
		if got := formOf(name, "hello"); got != want {
			t.Errorf("%s is %d, not %d", name, got, want)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("title: T")
	f.Add("upstream im {")
	f.Add("\ufeff---\n{ x")
	f.Fuzz(func(t *testing.T, text string) {
		if got := formOf("x", text); beginsAsYAML(text) != (got == scenarioForm) {
			t.Errorf("%q is %d", text, got)
		}
	})
}
