package format

import (
	"testing"
	"time"
)

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 2240: "2,240", 1234567: "1,234,567", -1: "-1", -999: "-999", -1000: "-1,000"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPercentIsWholeOnlyWhenExact(t *testing.T) {
	for _, c := range []struct {
		part, of int
		want     string
	}{
		{0, 0, "-"}, {0, 40, "0 %"}, {40, 40, "100 %"}, {31, 40, "77 %"}, {1, 1000, "1 %"}, {999, 1000, "99 %"}, {1, 1_000_000, "1 %"}, {1, 2, "50 %"},
	} {
		if got := Percent(c.part, c.of); got != c.want {
			t.Errorf("Percent(%d, %d) = %q, want %q", c.part, c.of, got, c.want)
		}
	}
	if got := Share(31, 40); got != "31/40   77 %" {
		t.Errorf("Share: %q", got)
	}
}

func TestTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00", 19 * time.Second: "0:19", 64250 * time.Millisecond: "1:04.25", 31402118 * time.Microsecond: "0:31.402118", time.Hour: "60:00"} {
		if got := Clock(d); got != want {
			t.Errorf("Clock(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		60 * time.Second: "60 s", 910 * time.Millisecond: "0.91 s", 3 * time.Second: "3 s", 10 * time.Minute: "10 min",
		12340 * time.Millisecond: "12.3 s", 150 * time.Second: "2 min 30 s", 64 * time.Minute: "1 h 4 min", 0: "0 s",
	} {
		if got := Seconds(d); got != want {
			t.Errorf("Seconds(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"1 step": Plural(1, "step"), "2,240 clients": Plural(2240, "client"), "3 proxies": Plural(3, "proxy"), "0 addresses": Plural(0, "address"),
		"2 keys": Plural(2, "key"), "first": Ordinal(1), "tenth": Ordinal(10), "11th": Ordinal(11), "21st": Ordinal(21), "112th": Ordinal(112), "1,003rd": Ordinal(1003),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
