package scenario

import (
	"slices"
	"testing"
)

func TestAdaptersOfAKey(t *testing.T) {
	step := func(kind string) Step { return Step{Verb: Adapter, Adapter: kind} }
	for _, c := range []struct {
		file File
		want []string // from "off" on
	}{
		{File{Adapter: "none"}, []string{"redis", "none"}},
		{File{Adapter: "redis"}, []string{"redis", "none"}},
		{File{Adapter: "redis-streams"}, []string{"redis-streams", "none"}},
		{File{Adapter: "none", Steps: []Step{step("redis-sharded"), step("none"), step("redis"), step("redis-sharded")}}, []string{"redis-sharded", "redis", "none"}},
	} {
		var got []string
		for now := "off"; len(got) == 0 || got[len(got)-1] != "none" && len(got) < 9; now = got[len(got)-1] {
			got = append(got, c.file.NextAdapter(now))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.file.AdapterKinds(), got, c.want)
		}
		if got := c.file.NextAdapter("mixed"); got != c.want[0] {
			t.Errorf("after different ones: %q, want %q", got, c.want[0])
		}
	}
}
