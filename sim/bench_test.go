package sim

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

// crowd is a scenario of one group on some nodes, all in one room.
func crowd(clients, nodes int, duration, say time.Duration, adapter string, extra string) string {
	talk := ""
	if say > 0 {
		talk = fmt.Sprintf(", say: every %s", say)
	}
	return fmt.Sprintf(`title: A crowd
seed: 1
duration: %s
nodes: %d
adapter: %s
proxy: {policy: round_robin}
clients:
  crowd: {count: %d, ip: 10.64.0.0/10, connect: 0s..5s%s, transports: [websocket]%s}
`, duration, nodes, adapter, clients, talk, extra)
}

// cpu returns the CPU time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkScenario lives through whole scenarios.
func BenchmarkScenario(b *testing.B) {
	for _, c := range []struct {
		name           string
		clients, nodes int
		duration, say  time.Duration
	}{
		{"hour", 60, 3, time.Hour, 3 * time.Minute},
		{"ten-minutes", 50, 2, 10 * time.Minute, 30 * time.Second},
	} {
		b.Run(c.name, func(b *testing.B) {
			text := crowd(c.clients, c.nodes, c.duration, c.say, scenario.AdapterRedis, "")
			var wall time.Duration
			for b.Loop() {
				r, err := Run(b.Context(), parse(b, "bench.yaml", text, nil), Options{})
				if err != nil {
					b.Fatal(err)
				}
				wall += r.Wall
				if d := r.Final.Delivery.Total; d.Missed > 0 || d.Arrived == 0 {
					b.Fatalf("delivered %+v", d)
				}
			}
			b.ReportMetric(c.duration.Seconds()*float64(b.N)/wall.Seconds(), "x-real-time")
		})
	}
}

// BenchmarkDelivery measures one delivery over the full path: sender, proxy,
// node, Redis, the receivers' nodes, proxy and receivers. The rest of the run,
// such as connecting, is in it too.
func BenchmarkDelivery(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // as `stickylab run` does for one scenario
	for _, clients := range []int{100, 500, 1000} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			text := crowd(clients, 2, 10*time.Second, 5*time.Second, scenario.AdapterRedis, "")
			var deliveries int
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			used := cpu()
			for b.Loop() {
				r, err := Run(b.Context(), parse(b, "bench.yaml", text, nil), Options{})
				if err != nil {
					b.Fatal(err)
				}
				deliveries += r.Final.Delivery.Total.Arrived
			}
			used = cpu() - used
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(deliveries), "ns/delivery")
			b.ReportMetric(float64(used.Nanoseconds())/float64(deliveries)/1000, "cpu-us/delivery")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(deliveries), "B/delivery")
		})
	}
}

// BenchmarkIdleClient measures the memory of a connected client that says
// nothing, everything included: client, proxy, node and the wires between.
func BenchmarkIdleClient(b *testing.B) {
	for _, clients := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			var perClient float64
			for b.Loop() {
				perClient = idleMemory(b, clients)
			}
			b.ReportMetric(perClient, "B/client")
		})
	}
}

func idleMemory(b *testing.B, clients int) float64 {
	p := parse(b, "bench.yaml", crowd(clients, 2, 20*time.Second, 0, scenario.AdapterNone, "")+"steps:\n  - {at: 15s, resume: im-1}\n", nil)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var during atomic.Uint64
	probe := func() {
		runtime.GC()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		during.Store(now.HeapInuse + now.StackInuse - before.HeapInuse - before.StackInuse)
	}
	var r *report.Result
	var err error
	var probed bool
	r, err = Run(b.Context(), p, Options{Trace: func(events []trace.Event) {
		if !probed && events[0].At >= 15*time.Second {
			probed = true
			probe()
		}
	}})
	if err != nil {
		b.Fatal(err)
	}
	if got := r.Final.Clients.Connected; got != clients {
		b.Fatalf("%d of %d clients connected", got, clients)
	}
	return float64(during.Load()) / float64(clients)
}
