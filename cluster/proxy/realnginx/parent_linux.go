//go:build peers

package realnginx

import (
	"os/exec"
	"syscall"
)

// A test binary that is killed takes its nginx along.
func init() {
	withParent = func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
}
