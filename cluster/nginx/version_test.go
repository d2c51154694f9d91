package nginx

import "testing"

func TestVersionsCompareByTheirNumbers(t *testing.T) {
	for _, c := range []struct {
		v, w Version
		want int
	}{
		{"1.22", "1.30", -1}, {"1.30", "1.22", 1}, {"", "1.30", 0}, {"1.30", "1.30.0", 0}, {"1.22", "1.22.1", 0},
		{"1.9.15", "1.22", -1}, {"1.29.7", "1.29.10", -1}, {"1.31.5", "1.30", 1}, {"2", "1.30", 1}, {"x", "1.22", -1},
	} {
		if got := c.v.Compare(c.w); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.v, c.w, got, c.want)
		}
	}
}

func TestWhatAVersionHas(t *testing.T) {
	for _, c := range []struct {
		v              Version
		modern, sticky bool
		server         string
	}{
		{"", true, true, "nginx/1.30.0"}, {"1.30", true, true, "nginx/1.30.0"}, {"1.22", false, false, "nginx/1.22.1"},
		{"1.29.6", false, true, "nginx/1.29.6"}, {"1.29.7", true, true, "nginx/1.29.7"}, {"1.31.5", true, true, "nginx/1.31.5"},
	} {
		if c.v.Modern() != c.modern || c.v.HasSticky() != c.sticky || c.v.Server() != c.server {
			t.Errorf("%q: modern %v, sticky %v, %s", c.v, c.v.Modern(), c.v.HasSticky(), c.v.Server())
		}
	}
}

func TestParseVersion(t *testing.T) {
	for s, want := range map[string]Version{"": "1.30", "1.30": "1.30", "1.22": "1.22"} {
		if v, err := ParseVersion(s); err != nil || v != want {
			t.Errorf("%q: %q, %v", s, v, err)
		}
	}
	if _, err := ParseVersion("1.23"); err == nil || err.Error() != `"1.23" is neither 1.30 nor 1.22` {
		t.Error(err)
	}
}
