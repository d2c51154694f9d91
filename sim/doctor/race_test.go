//go:build race

package doctor_test

// The race detector makes everything eight times as slow: only the experiments
// that decide run for each configuration.
func init() { raced = true }
