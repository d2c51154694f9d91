package plan_test

import (
	"fmt"
	"net/netip"
	"testing"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/sim/seed"
)

func ranges(texts ...string) []scenario.Range {
	var out []scenario.Range
	for _, text := range texts {
		if a, err := netip.ParseAddr(text); err == nil {
			out = append(out, scenario.Range{Prefix: netip.PrefixFrom(a, a.BitLen()), Shared: true})
			continue
		}
		out = append(out, scenario.Range{Prefix: netip.MustParsePrefix(text)})
	}
	return out
}

func TestDrawWithoutRepeats(t *testing.T) {
	for _, tt := range []struct {
		ip    []string
		count int
	}{
		{[]string{"203.0.113.0/24"}, 254}, {[]string{"203.0.113.16/30"}, 2}, {[]string{"203.0.113.16/31"}, 2}, {[]string{"203.0.113.16/32"}, 1},
		{[]string{"10.0.0.0/8"}, 5000}, {[]string{"2001:db8::/32"}, 500}, {[]string{"2001:db8::/64"}, 500}, {[]string{"2001:db8::/65"}, 500},
		{[]string{"2001:db8::/125"}, 7}, {[]string{"203.0.113.0/29", "192.0.2.0/29"}, 12}, {[]string{"0.0.0.0/0"}, 100},
	} {
		t.Run(fmt.Sprint(tt.ip, tt.count), func(t *testing.T) {
			got, err := plan.Draw(ranges(tt.ip...), tt.count, seed.Rand(7, "a"), nil)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[netip.Addr]bool{}
			for i, a := range got {
				p := netip.MustParsePrefix(tt.ip[i%len(tt.ip)])
				if seen[a] || !p.Contains(a) {
					t.Errorf("client %d has %s", i, a)
				}
				if p.Addr().Is4() && p.Bits() < 31 && a == p.Addr() {
					t.Errorf("client %d has the network address", i)
				}
				seen[a] = true
			}
		})
	}
}

func TestDrawRefusesWhatIsTooSmall(t *testing.T) {
	taken := map[netip.Addr]bool{netip.MustParseAddr("203.0.113.17"): true}
	for _, tt := range []struct {
		ip    string
		count int
	}{{"203.0.113.0/24", 255}, {"203.0.113.16/30", 2}, {"2001:db8::/125", 8}} {
		if _, err := plan.Draw(ranges(tt.ip), tt.count, seed.Rand(7, "a"), taken); err == nil {
			t.Errorf("%s had room for %d", tt.ip, tt.count)
		}
	}
	got, err := plan.Draw(ranges("203.0.113.16/30"), 1, seed.Rand(7, "a"), taken)
	if err != nil || got[0].String() != "203.0.113.18" {
		t.Errorf("drew %v, %v", got, err)
	}
}

func TestSharedAddressesAndLists(t *testing.T) {
	got, err := plan.Draw(ranges("192.0.2.1", "192.0.2.2"), 5, seed.Rand(7, "a"), nil)
	if want := "[192.0.2.1 192.0.2.2 192.0.2.1 192.0.2.2 192.0.2.1]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}

// Each address of a range must have the same chance, or ip_hash would see a
// skewed world.
func TestDrawIsUniform(t *testing.T) {
	counts := map[netip.Addr]int{}
	const rounds = 14_000
	for i := range rounds {
		got, err := plan.Draw(ranges("203.0.113.0/28"), 3, seed.Rand(uint64(i), "a"), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range got {
			counts[a]++
		}
	}
	if len(counts) != 14 {
		t.Errorf("%d of 14 addresses", len(counts))
	}
	for a, n := range counts {
		if n < 2700 || n > 3300 {
			t.Errorf("%s was drawn %d times of %d", a, n, rounds*3/14)
		}
	}
}
