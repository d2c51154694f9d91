package cli

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the expected outputs anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"stickylab": func() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// The contract of the command line: one script for each part of it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update, Setup: func(env *testscript.Env) error {
		// A program with the race detector else waits a second at its end.
		env.Setenv("GORACE", "atexit_sleep_ms=0")
		return nil
	}})
}
