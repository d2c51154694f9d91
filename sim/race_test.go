//go:build race

package sim

// The race detector makes everything ten times as slow: what is about numbers
// is tried with fewer.
func init() { raced = true }
