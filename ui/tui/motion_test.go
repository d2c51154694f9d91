package tui

import "testing"

func TestReducedMotion(t *testing.T) {
	for _, name := range motionSigns {
		t.Setenv(name, "")
	}
	if New(Options{}).Still || !New(Options{Still: true}).Still {
		t.Error("the option does not decide")
	}
	for _, name := range motionSigns {
		t.Setenv(name, "1")
		if !New(Options{}).Still {
			t.Errorf("%s=1 does not reduce motion", name)
		}
		if t.Setenv(name, "0"); New(Options{}).Still {
			t.Errorf("%s=0 reduces motion", name)
		}
	}
}
