package sim

import (
	"fmt"
	"net"
	"runtime"
	"testing"
	"time"

	"stickylab/cluster"
)

// BenchmarkServedIdleConnection measures the memory of a real client over
// WebSocket that is in a room and says nothing: its connection at the proxy, the
// one to the node, the session and the ledger's part. The client's own end,
// some hundred bytes, is in it too.
func BenchmarkServedIdleConnection(b *testing.B) {
	const clients = 1000
	var per float64
	for b.Loop() {
		v := people(b, cluster.Limits{})
		comeAndStay(b, v, 50) // what there is once
		before := inUse()
		comeAndStay(b, v, clients)
		eventually(b, "all in the room", func() bool {
			_, n := v.now().RealClients(0)
			return n == 50+clients
		})
		per = float64(inUse()-before) / clients
	}
	b.ReportMetric(per, "B/conn")
	b.ReportMetric(0, "ns/op")
}

func comeAndStay(b *testing.B, v *Served, n int) {
	b.Helper()
	for i := range n {
		c := here(b, v.Entry(), fmt.Sprintf("203.0.%d.%d", 113+i/250, 1+i%250))
		b.Cleanup(func() { c.Close() })
		upgraded(b, c)
		c.SetDeadline(time.Time{})
		writeText(c, fmt.Sprintf(`40{"name":"user-%d"}`, i))
		writeText(c, `420["join","lobby"]`)
	}
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// BenchmarkServedConnect measures coming, joining a room and going.
func BenchmarkServedConnect(b *testing.B) {
	v := people(b, cluster.Limits{})
	for b.Loop() {
		c := here(b, v.Entry(), "203.0.113.9")
		upgraded(b, c)
		writeText(c, `40{"name":"ada"}`)
		writeText(c, `420["join","lobby"]`)
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	eventually(b, "all gone", func() bool { return v.net.Connections("proxy") == 0 })
	b.ReportMetric(float64(runtime.NumGoroutine()), "goroutines")
}
