//go:build race

package cli

// The race detector makes everything ten times as slow: what only shows how
// something is said is not said again under it.
func init() { raced = true }
