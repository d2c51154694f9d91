//go:build race

package scenarios_test

// The race detector makes a run ten times as slow, and looks for something else
// than whether a lesson is true: one run of each is enough for it.
func init() { raced = true }
