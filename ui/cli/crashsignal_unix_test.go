//go:build unix

package cli

import "syscall"

// crashSignal makes the program of a test crash.
const crashSignal = syscall.SIGUSR1
