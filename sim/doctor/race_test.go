//go:build race

package doctor_test

// The race detector makes everything ten times as slow, and what it looks for
// shows with a few configurations as well as with all.
func init() { raced = true }
