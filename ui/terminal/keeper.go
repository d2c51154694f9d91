package terminal

import "os"

type keeper struct{}

func startKeeper(in, out *os.File) *keeper { return nil }

func (k *keeper) dismiss() {}
