package seed_test

import (
	"testing"

	"stickylab/sim/seed"
)

func TestSameNameSameNumbers(t *testing.T) {
	a, b := seed.Rand(7, "latency/im-3030"), seed.Rand(7, "latency/im-3030")
	for range 100 {
		if x, y := a.Uint64(), b.Uint64(); x != y {
			t.Fatalf("%d and %d from one name and seed", x, y)
		}
	}
}

// The numbers are part of what a saved scenario replays: they may not change
// from one release to the next.
func TestNumbersAreFixed(t *testing.T) {
	if got, want := seed.Rand(7, "beijing").Uint64(), uint64(0x318a3faac8e7f8ae); got != want {
		t.Errorf("first number of (7, beijing) = %#x, want %#x", got, want)
	}
}

func TestOtherNameOrSeedOtherNumbers(t *testing.T) {
	seen := map[uint64]string{}
	for s := range uint64(50) {
		for _, name := range []string{"", "a", "b", "aa", "a/1"} {
			n := seed.Rand(s, name).Uint64()
			if before, ok := seen[n]; ok {
				t.Errorf("seed %d name %q begins as %s", s, name, before)
			}
			seen[n] = name
		}
	}
}
