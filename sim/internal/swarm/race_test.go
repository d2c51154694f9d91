//go:build race

package swarm

// The race detector makes a run ten times as slow, and looks for something else than
// what few scenarios show.
func init() { *count = 20 }
