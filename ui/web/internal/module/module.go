// Package module builds the engine as a WebAssembly module, for the site and for tests.
package module

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// Build writes the engine into a file. It needs the go command and the source, and fails with what that says.
func Build(file string) error {
	// Nothing in a simulated cluster speaks HTTP/2.
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-tags=nethttpomithttp2", "-o", file, "stickylab/ui/web/engine")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return fmt.Errorf("the engine does not compile: %w\n%s", err, said)
		}
		return fmt.Errorf("the go command is needed: %w", err)
	}
	return nil
}
