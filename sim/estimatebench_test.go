//go:build unix

package sim

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"stickylab/scenarios"
	"stickylab/sim/plan"
)

// BenchmarkEstimates prints what each lesson takes of a core, what it is said to take,
// and how many times that the run takes.
func BenchmarkEstimates(b *testing.B) {
	for _, name := range scenarios.Names() {
		b.Run(name, func(b *testing.B) {
			p := planOf(b, name, nil)
			runtime.GC()
			before := used(b)
			for b.Loop() {
				if _, err := Run(b.Context(), p, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			took, said := (used(b)-before).Seconds()/float64(b.N), plan.Estimate(p).CPU
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(1000*took, "ms-taken")
			b.ReportMetric(1000*said, "ms-said")
			b.ReportMetric(took/said, "times")
		})
	}
}

// used returns how long all cores have worked for the process.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
