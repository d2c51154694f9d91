// Package seed makes the named sources of randomness of a simulation.
package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Rand returns the source of randomness called name under a scenario's seed.
// Two calls with the same arguments give two sources with the same numbers;
// another seed or name gives numbers that have nothing to do with them. A
// source is not safe for concurrent use: take one by name for each user.
func Rand(seed uint64, name string) *rand.Rand {
	var key [128]byte
	binary.LittleEndian.PutUint64(key[:8], seed)
	sum := sha256.Sum256(append(key[:8], name...))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])))
}
