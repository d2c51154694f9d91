package run

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"stickylab/sim/doctor"
	"stickylab/sim/plan"
)

// Around an nginx.conf, what was made of it is on the screen first, and then the run; w writes
// the scenario without a step, as a file that can be read.
func TestAroundScreens(t *testing.T) {
	text, err := os.ReadFile("../../../sim/doctor/testdata/limits.conf")
	if err != nil {
		t.Fatal(err)
	}
	s, problems, err := doctor.Around(string(text), doctor.Options{Source: "limits.conf"})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	p, errs := plan.Resolve(s.File, nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	dir := t.TempDir()
	d := open(t, p, "limits", Options{Dir: dir, Around: append([]string{s.About}, s.Sentences()...)}, 120, 40)
	d.Wait(time.Second)
	d.shoot("around")
	if d.m.cursor.At > Beginning {
		t.Errorf("it runs while one reads: %v", d.m.cursor.At)
	}
	d.Press("enter")
	d.Until("it runs", func() bool { return d.m.cursor.At > Beginning })
	d.Press(" ")
	d.to(20 * time.Second)
	d.Press("u")
	d.Shows("deny (line 7)")
	d.Press("esc")
	d.Press("w")
	d.Shows("write the scenario as limits.yaml")
	d.Press("enter")
	d.Until("it is written", func() bool { _, err := os.Stat(filepath.Join(dir, "limits.yaml")); return err == nil })
	out, err := os.ReadFile(filepath.Join(dir, "limits.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	back, errs := plan.Parse("limits.yaml", out)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if back.Proxy.Nginx != s.File.Proxy.Nginx || len(back.Steps) > 0 || back.ClientCount() != s.File.ClientCount() {
		t.Errorf("another scenario was written:\n%s", out)
	}
}
