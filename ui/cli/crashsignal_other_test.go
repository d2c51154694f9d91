//go:build !unix

package cli

import "os"

// crashSignal makes the program of a test crash; only tests on Unix send it.
var crashSignal = os.Interrupt
