package run

import (
	"os"
	"testing"
	"time"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/internal/drive"
)

func TestMain(m *testing.M) {
	drive.Colorless()
	os.Exit(m.Run())
}

// desk is a viewer at the screen of a run.
type desk struct {
	*drive.Desk
	m    *Model
	host *drive.Host
}

// sit opens a scenario, paused at the beginning.
func sit(t testing.TB, arg string, width, height int) *desk {
	t.Helper()
	plan, name, err := drive.Load(arg)
	if err != nil {
		t.Fatal(err)
	}
	d := open(t, plan, name, Options{Dir: t.TempDir()}, width, height)
	d.Press(" ")
	return d
}

// open opens a plan.
func open(t testing.TB, plan *plan.Plan, name string, o Options, width, height int) *desk {
	return at(t, func(h *drive.Host) *Model { return New(h.Shell, NewPlayer(name, plan, 1), o) }, width, height)
}

// at sits down at a screen.
func at(t testing.TB, screen func(*drive.Host) *Model, width, height int) *desk {
	h := drive.NewHost()
	m := screen(h)
	t.Cleanup(m.Close)
	h.Show(m)
	d := &desk{drive.Sit(t, h.Shell, h.Update, width, height), m, h}
	d.Run(m.Init())
	return d
}

// to goes to an instant of the run.
func (d *desk) to(at time.Duration) {
	d.Helper()
	d.Run(d.m.seek(at))
	d.Until("at "+at.String(), func() bool { return d.m.cursor.At == at })
	d.settle()
}

// settle waits until the screen shows where the cursor is.
func (d *desk) settle() {
	d.Helper()
	d.Until("the frame of the cursor", d.m.Shown)
}

// where says which part of the screen has the keys.
func (d *desk) where() string {
	switch {
	case d.m.Asking():
		return "asking"
	case d.m.Covered() != "":
		return d.m.Covered()
	case d.m.building != nil:
		return "building"
	case d.m.Inspecting():
		return "inspecting"
	case d.host.Listed > 0:
		return "list"
	}
	return "run"
}

// hand returns the steps done here.
func (d *desk) hand() []scenario.Step { return d.m.current.live.Hand() }

// notice returns the notice on the screen.
func (d *desk) notice() string {
	text, _ := d.m.Notice()
	return text
}

// loss reports whether the notice tells of a loss.
func (d *desk) loss() bool {
	_, loss := d.m.Notice()
	return loss
}

// tick is the time between two ticks.
const tick = time.Second / 30
