package cli

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the expected outputs anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"stickylab": func() {
			crashOnSignal()
			if os.Getenv(graceEnv) != "" {
				grace = time.Hour
			}
			os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
		},
	})
}

var raced bool // the race detector is on

// The contract of the command line: one script for each part of it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update, Setup: func(env *testscript.Env) error {
		// A program with the race detector else waits a second at its end.
		env.Setenv("GORACE", "atexit_sleep_ms=0")
		return nil
	}, Condition: func(name string) (bool, error) {
		if name == "race" { // the race detector is on: not everything is run once more under it
			return raced, nil
		}
		return false, fmt.Errorf("unknown condition %q", name)
	}})
}
