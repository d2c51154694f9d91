//go:build !unix

package terminal

import "os"

// KeeperArg is the only argument of the program as a keeper.
const KeeperArg = "__keeper"

// keeper there is none.
type keeper struct{}

func startKeeper(_, _ *os.File) *keeper { return nil }

func (*keeper) dismiss() {}

// Keep does nothing.
func Keep() int { return 0 }
