package sim

import (
	"runtime"
	"strings"
	"testing"

	"stickylab/sim/plan"
)

// A run that cannot begin says why, and leaves nothing behind: not the cluster that is
// up already, nor an error about it in place of the cause.
func TestWhatFailsAtTheStartIsReported(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T) error{
		"run": func(t *testing.T) error {
			_, err := Run(t.Context(), broken(t), Options{})
			return err
		},
		"by the wall clock": func(t *testing.T) error {
			_, err := Run(t.Context(), broken(t), Options{Real: true})
			return err
		},
		"watched": func(t *testing.T) error {
			_, err := Open(broken(t), nil)
			return err
		},
		"served": func(t *testing.T) error {
			_, err := Serve(broken(t), ServeOptions{Listen: "127.0.0.1:0"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			if err := begin(t); err == nil || !strings.Contains(err.Error(), "invalid control character in URL") {
				t.Errorf("the error is %v", err)
			}
			eventually(t, "all goroutines ended", func() bool { return runtime.NumGoroutine() <= before })
		})
	}
}

// broken is a plan whose second client cannot be made.
func broken(t *testing.T) *plan.Plan {
	p := parse(t, "hasty.yaml", hasty, nil)
	p.Clients[1].Target.Path = "/\n/"
	return p
}
