package doctor_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stickylab/sim/doctor"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Around each file that the doctor can examine there is a scenario: written to a file it is
// read again without a mistake, and is the same.
func TestAroundFiles(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.conf")
	more, _ := filepath.Glob("testdata/cases/*.conf")
	made := 0
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, problems, err := doctor.Around(string(text), doctor.Options{Source: filepath.Base(file)})
		if err != nil || len(problems) > 0 {
			t.Logf("%s: %v %v", file, err, problems)
			continue
		}
		made++
		again(t, file, s.File)
	}
	if made < 100 {
		t.Errorf("%d scenarios were made", made)
	}
}

// again writes a scenario, reads it and compares.
func again(t *testing.T, name string, f *scenario.File) {
	t.Helper()
	out, err := plan.Marshal(f)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	back, errs := plan.Parse(name, out)
	if len(errs) > 0 {
		t.Errorf("%s: %v\n%s", name, errs, out)
		return
	}
	if next, err := plan.Marshal(back); err != nil || !bytes.Equal(next, out) {
		t.Errorf("%s: another file comes of it, %v:\n%s\n%s", name, err, out, next)
	}
	for _, v := range f.Variants {
		if v.File.Adapter == f.Adapter {
			t.Errorf("%s: the variant has the same adapter", name)
		}
	}
	if strings.Contains(string(out), " \n") {
		t.Errorf("%s: space at the end of a line", name)
	}
}

const pairText = `upstream im {
    %s
    server 10.0.0.1:3000;
    server office:3000;
}
server {
    listen 80;
    location / {
        deny 203.0.113.9;
        proxy_pass http://im;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`

// What is taken for granted about a file, and what is left out of it, is said.
func TestAroundSays(t *testing.T) {
	for _, c := range []struct {
		method  string
		options doctor.Options
		adapter string
		variant string
		says    []string
		never   string
	}{
		{"ip_hash;", doctor.Options{}, "none", "with-adapter", []string{"Note: whether the nodes share an adapter is not known"}, "proxy in front"},
		{"ip_hash;", doctor.Options{Adapter: "redis"}, "redis", "without-adapter", []string{"Note: without effect here: deny (line 9)"}, "not known"},
		{"hash $http_x_forwarded_for;", doctor.Options{}, "none", "with-adapter", []string{"Note: clients come through a proxy in front, at 192.0.2.10"}, ""},
		{"", doctor.Options{From: doctor.Behind}, "none", "with-adapter", []string{"Note: clients come through a proxy in front, at 192.0.2.10"}, ""},
	} {
		s, problems, err := doctor.Around(fmt.Sprintf(pairText, c.method), c.options)
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		all := strings.Join(s.Sentences(), "\n")
		for _, want := range c.says {
			if !strings.Contains(all, want) {
				t.Errorf("%s %v: without %q:\n%s", c.method, c.options, want, all)
			}
		}
		if c.never != "" && strings.Contains(all, c.never) {
			t.Errorf("%s %v: says %q:\n%s", c.method, c.options, c.never, all)
		}
		if s.File.Adapter != c.adapter || len(s.File.Variants) != 1 || s.File.Variants[0].Name != c.variant {
			t.Errorf("%s %v: adapter %s, variants %v", c.method, c.options, s.File.Adapter, s.File.VariantNames())
		}
		if !strings.Contains(s.File.Summary, "deny (line 9)") {
			t.Errorf("a file that is written does not say what is left out: %s", s.File.Summary)
		}
		var names []string
		for _, g := range s.File.Clients {
			names = append(names, g.Name)
		}
		if got := strings.Join(names, " "); got != "world office-users nat polling" { // office is a node
			t.Errorf("groups %s", got)
		}
	}
}

// What there is nothing to make a scenario around says so.
func TestAroundNothing(t *testing.T) {
	for text, want := range map[string]string{
		"events { }":                              "no server block proxies anything",
		"server { listen 80; root /srv; }":        "no server block proxies anything",
		"upstream a { server 10.0.0.1; ip_hsh; }": "",
		"upstream a { }":                          "",
	} {
		s, problems, err := doctor.Around(text, doctor.Options{})
		if s != nil || (want == "") != (len(problems) > 0) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, %v, %v", text, s, problems, err)
		}
	}
}

// A scenario around any text that nginx takes can be run, written and read again.
func FuzzAround(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.conf")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		s, problems, err := doctor.Around(text, doctor.Options{Source: "x.conf"})
		if err != nil || len(problems) > 0 {
			return
		}
		s.Sentences()
		out, err := plan.Marshal(s.File)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, errs := plan.Parse("x.yaml", out); len(errs) > 0 {
			t.Fatalf("%q: %v\n%s", text, errs, out)
		}
	})
}
