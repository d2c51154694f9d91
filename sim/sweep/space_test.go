package sweep

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A sweep is every combination of the values with every seed, the seeds of one combination
// one after the other, and the last axis the first to change.
func TestSpaceIsTheProduct(t *testing.T) {
	axes, err := ParseAxes([]string{"adapter=none, redis", "clients.a.ip=[10.0.0.0/8, 10.1.0.0/16],192.0.2.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	s := Space{Axes: axes, Seeds: Seeds{7, 9}}
	var got []string
	for i := range s.Len() {
		at := s.At(i)
		got = append(got, labelOf(s.Settings(at.Combination))+" "+Seeds{at.Seed, at.Seed}.String())
	}
	var want []string
	for _, adapter := range []string{"none", "redis"} {
		for _, ip := range []string{"[10.0.0.0/8, 10.1.0.0/16]", "192.0.2.0/24"} {
			for _, seed := range []string{"7", "8", "9"} {
				want = append(want, "adapter="+adapter+", clients.a.ip="+ip+" "+seed)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestValuesAreCutAtCommasOutsideOfBracketsAndQuotes(t *testing.T) {
	for text, want := range map[string][]string{
		"a": {"a"}, "a,b": {"a", "b"}, "[a, b],c": {"[a, b]", "c"}, `"a,b",c`: {`"a,b"`, "c"}, "'a,b'": {"'a,b'"},
		"{a: [1, 2], b: 3},4": {"{a: [1, 2], b: 3}", "4"}, `"a\",b",c`: {`"a\",b"`, "c"}, "it's,b": {"it's", "b"}, "nodes['a'].up,x": {"nodes['a'].up", "x"},
	} {
		if got := split(text); !slices.Equal(got, want) {
			t.Errorf("%s is cut into %q", text, got)
		}
	}
}

// Every point is in exactly one shard.
func TestShardsAreAPartition(t *testing.T) {
	s := Space{Axes: []Axis{{"adapter", []string{"none", "redis"}}}, Seeds: Seeds{1, 17}}
	for n := 1; n < 40; n++ {
		var all []int
		for i := 1; i <= n; i++ {
			for _, p := range (Shard{i, n}).Points(s) {
				all = append(all, p.Index)
			}
		}
		slices.Sort(all)
		for i := range s.Len() {
			if len(all) != s.Len() || all[i] != i {
				t.Fatalf("%d shards have %v", n, all)
			}
		}
	}
}

func TestWhatCannotBeSwept(t *testing.T) {
	for _, tt := range []struct{ seeds, want string }{
		{"", "no range"}, {"x", "no range"}, {"5..1", "no range"}, {"1..", "no range"}, {"1..2..3", "no range"}, {"-1..3", "no range"},
		{"0..18446744073709551615", "too many"}, {"1..1000001", "too many"},
	} {
		if _, err := ParseSeeds(tt.seeds); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("seeds %q: %v", tt.seeds, err)
		}
	}
	for _, tt := range []struct{ axes, want string }{
		{"adapter", "KEY=VALUE"}, {"=x", "KEY=VALUE"}, {"adapter=", "null takes a key away"}, {"adapter=a,", "null takes a key away"}, {"adapter=a,a", "twice"},
		{"a..b=1", "not the path"}, {"a[x]=1", "not the path"}, {"[0]=1", "not the path"}, {"a=#x", "needs quotes"}, {"a=b\nc", "more than one line"},
	} {
		if _, err := ParseAxes([]string{tt.axes}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("axis %q: %v", tt.axes, err)
		}
	}
	for _, text := range []string{"", "1", "0/3", "4/3", "1/0", "a/b", "-1/3", "1/3/5"} {
		if s, err := ParseShard(text); err == nil {
			t.Errorf("%q is shard %v", text, s)
		}
	}
	many := Axis{Key: "a", Values: slices.Repeat([]string{"x"}, 100)}
	for _, s := range []Space{
		{Axes: []Axis{{"seed", []string{"1"}}}, Seeds: Seeds{1, 1}},
		{Axes: []Axis{{"a", []string{"1"}}, {"a", []string{"2"}}}, Seeds: Seeds{1, 1}},
		{Axes: slices.Repeat([]Axis{many}, 9), Seeds: Seeds{1, 1}},
		{Axes: []Axis{many}, Seeds: Seeds{1, 100_000}},
	} {
		if err := s.Check(); err == nil {
			t.Errorf("%v can be swept", s)
		}
	}
}

func FuzzParseAxes(f *testing.F) {
	for _, text := range []string{"a=b,c", "a[0].b=[1,2]", "a['x.y']='1,2'", "a=", "=", `a="\",`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		axes, err := ParseAxes([]string{text})
		if err != nil {
			return
		}
		for _, v := range axes[0].Values { // each can be given alone, as the replay line does
			again, err := ParseAxes([]string{axes[0].Key + "=" + v})
			if err != nil || len(again[0].Values) != 1 || again[0].Values[0] != v {
				t.Errorf("%q of %q is %v alone, %v", v, text, again, err)
			}
		}
	})
}
