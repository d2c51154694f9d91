//go:build race

package tui

// The race detector makes everything ten times as slow, and what it looks for
// shows in a few lessons as well as in all.
func init() { raced = true }
