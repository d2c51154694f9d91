package doctor

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Reading any text, finding the sites in it and fixing it neither panics nor takes
// long, and a fixed text can still be read.
func FuzzTexts(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.conf")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		"location / { proxy_pass http://a; } upstream a { server b; }",
		"# configuration file x:\nhttp { include y; }\n# configuration file y:\nserver { location / { proxy_pass http://a:1/x; } }",
		"server { listen unix:/a; location ~ (?=x) { proxy_pass $scheme://$to; set $to b; } }",
		"upstream a{server unix:/x;server b:1}server{location /{proxy_pass http://a;}}",
		"server { location / { proxy_pass http://unix:/a:/b; proxy_set_header Connection $connection_upgrade; } }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		began := time.Now()
		texts := newLibrary("1.30", nil)
		source := texts.Scan(text)
		p, problems := texts.prepare(source)
		if len(problems) > 0 {
			return
		}
		for _, s := range p.sites(choice{}).sites {
			s.url()
			s.title()
			o := Options{}
			o.fill()
			x := newExamination(t.Context(), o, texts, s)
			g := x.target(source)
			if g == nil {
				continue
			}
			for _, c := range criteria {
				if c.id != "reach" && g.location == nil {
					continue
				}
				c.cause(x, g, verdict{})
				c.of(x, g, verdict{})
				if c.fixes == nil {
					continue
				}
				for _, m := range c.fixes(x, g) {
					fixed := m.edit(g)
					diff("f", text, fixed.Text())
					if len(fixed.Problems) > 0 {
						t.Errorf("%s: %v in %q, fixed from %q", m.summary, fixed.Problems, fixed.Text(), text)
					}
				}
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
