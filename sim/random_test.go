package sim

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"stickylab/sim/report"
)

var (
	randomSeed  = flag.Uint64("random.seed", 1, "the first seed of the random scenarios")
	randomCount = flag.Int("random.count", 20, "how many random scenarios are run")
)

// drawn is a random scenario.
type drawn struct {
	text    string
	calm    bool // nothing is done to it
	adapter bool
	clients int
}

// healedAt is when the trouble of a random scenario is over, in seconds, and
// lasting how long it lasts. What was lost is noticed within 45 s (the
// heartbeat), and to come back takes seconds.
const (
	healedAt = 40
	lasting  = 150
)

func drawScenario(r *rand.Rand) drawn {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	nodes := 2 + r.IntN(3)
	d := drawn{calm: r.IntN(3) == 0, adapter: r.IntN(2) == 0}
	var b strings.Builder
	fmt.Fprintf(&b, "title: Random\nseed: %d\nduration: %ds\nnodes: %d\nadapter: %s\n", r.Uint64(), lasting, nodes, map[bool]string{true: "redis", false: "none"}[d.adapter])
	fmt.Fprintf(&b, "proxy: {policy: %s}\n", pick("ip_hash", "hash $remote_addr", "hash $remote_addr consistent"))
	fmt.Fprintf(&b, "network: {client: %s, backend: %s, redis: %s}\n", pick("0s", "5ms..80ms", "200ms"), pick("0s", "500us", "1ms..3ms"), pick("0s", "300us", "10ms"))
	if r.IntN(3) == 0 {
		b.WriteString(pick("front: {ip: 198.51.100.10}\n", "front: [{ip: 198.51.100.10}, {ip: 198.51.100.11, latency: 1ms..9ms}]\n"))
	}
	b.WriteString("clients:\n")
	groups := 1 + r.IntN(3)
	for g := range groups {
		count := 1 + r.IntN(5)
		d.clients += count
		fmt.Fprintf(&b, "  g%d: {count: %d, ip: 10.%d.0.0/16, connect: 0s..%ds, say: every %ds, transports: [%s], kind: %s}\n",
			g, count, g+1, 1+r.IntN(4), 3+r.IntN(6), pick("polling, websocket", "polling", "websocket"), pick("browser", "native"))
	}
	if d.calm {
		d.text = b.String()
		return d
	}
	node := func() string { return fmt.Sprintf("im-%d", 1+r.IntN(nodes)) }
	host := func() string { return pick(node(), "proxy", "redis", fmt.Sprintf("g%d", r.IntN(groups))) }
	b.WriteString("steps:\n")
	step := func(at int, format string, args ...any) {
		fmt.Fprintf(&b, "  - {at: %ds, %s}\n", at, fmt.Sprintf(format, args...))
	}
	var parted [][2]string
	for range 1 + r.IntN(6) {
		at := 6 + r.IntN(healedAt-8)
		switch r.IntN(12) {
		case 0:
			step(at, "kill: %s", node())
		case 1:
			step(at, "hang: im-1") // which is freeze
		case 2:
			step(at, "slow: %s, by: %dms", node(), 1+r.IntN(2000))
		case 3:
			step(at, "refuse: %s", node())
		case 4:
			one, other := host(), host()
			if one != other {
				step(at, "partition: [%s, %s]", one, other)
				parted = append(parted, [2]string{one, other})
			}
		case 5:
			step(at, "redis: %s", pick("down", "slow, by: 500ms"))
		case 6:
			step(at, "%s: %s", pick("down", "up"), node())
		case 7:
			step(at, "latency: {client: %dms}", r.IntN(300))
		case 8:
			step(at, "add: more%d, count: 2, ip: 172.16.%d.0/24, say: every 2s", at, at)
		case 9:
			step(at, "freeze: im-1") // which is never closed: it could not
		case 10:
			step(at, "block: im-1, for: %ds", 1+r.IntN(30))
		case 11:
			step(at, "close: im-2")
		}
	}
	step(healedAt, "redis: up")
	for i := range nodes {
		step(healedAt, "resume: im-%d", i+1)
		step(healedAt, "restart: im-%d", i+1)
		step(healedAt, "up: im-%d", i+1)
	}
	for _, p := range parted {
		step(healedAt, "heal: [%s, %s]", p[0], p[1])
	}
	d.text = b.String()
	return d
}

// Whatever is done to a cluster, the run ends without a leak or a stall, no
// message arrives twice, and when the trouble is over everybody comes back.
// Where nothing is done, every message arrives and no session is lost.
func TestRandomScenarios(t *testing.T) {
	t.Logf("seeds %d to %d", *randomSeed, *randomSeed+uint64(*randomCount)-1)
	for i := range *randomCount {
		seed := *randomSeed + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			t.Logf("seed %d; again with -run TestRandomScenarios -random.seed %d -random.count 1", seed, seed)
			d := drawScenario(rand.New(rand.NewPCG(seed, 0)))
			r, hash := run(t, parse(t, "random.yaml", d.text, nil), Options{})
			if r == nil {
				t.Fatal(d.text)
			}
			d.check(t, r)
			if i%5 == 0 {
				if _, again := run(t, parse(t, "random.yaml", d.text, nil), Options{}); again != hash {
					t.Error("the same scenario gives another trace")
				}
			}
			if t.Failed() {
				t.Log(d.text)
			}
		})
	}
}

func (d drawn) check(t *testing.T, r *report.Result) {
	t.Helper()
	final := r.Final
	if n := final.Delivery.Total.Duplicates; n > 0 {
		t.Errorf("%d duplicates", n)
	}
	if c := final.Clients; c.Connected != c.Count || c.Count < d.clients {
		t.Errorf("%d of %d clients are connected at the end", c.Connected, c.Count)
	}
	if final.Delivery.Same.Due == 0 {
		t.Error("nothing was said")
	}
	if !d.calm {
		return
	}
	if final.Sessions.Lost > 0 || final.Errors["Session ID unknown"] > 0 {
		t.Errorf("%d sessions lost, %d requests to the wrong node", final.Sessions.Lost, final.Errors["Session ID unknown"])
	}
	if same := final.Delivery.Same; same.Missed > 0 || same.Arrived != same.Due-same.Pending {
		t.Errorf("inside of nodes: %+v", same)
	}
	if cross := final.Delivery.Cross; d.adapter && cross.Missed > 0 || !d.adapter && cross.Arrived > 0 {
		t.Errorf("across nodes: %+v", cross)
	}
	// Who joins while a message is on its way from another node may get it.
	if !d.adapter && final.Delivery.Total.Extra > 0 {
		t.Errorf("%d arrivals at sockets that were not due", final.Delivery.Total.Extra)
	}
}
