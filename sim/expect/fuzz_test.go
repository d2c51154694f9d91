package expect

import (
	"testing"
	"unicode/utf8"
)

// No expression makes the compiler panic or point outside of it; one that it accepts
// looks at something, and can be judged.
func FuzzCompile(f *testing.F) {
	for _, that := range []string{
		"delivery.cross.ratio == 1", "nodes['im-1'].up and not nodes['im-2'].up", "clients.away in [0, 1]", "max(1, clients.away) < 2 ? true : false",
		"latency.p50 < 1e3 || errors[\"Session ID unknown\"] > 0x1f", "groups.beijing.nodes['im-1'] == 1", "1 == 1", "a.b.c", "len(errors) > 0", "clients.away = 1",
		"clients?.away > 0", "let x = 1; x == clients.away", "clients.away / 0 > 1", "-clients.away ** 2 > 1 and 1..3 == clients.away", "((((", "'", "clients.away > 99999999999999999999",
	} {
		f.Add(that)
	}
	f.Fuzz(func(t *testing.T, that string) {
		check, flaws := Compile(that, Names{Nodes: []string{"im-1"}, Groups: []string{"beijing"}})
		if (check == nil) != (len(flaws) > 0) {
			t.Fatalf("a check %v with %d flaws", check != nil, len(flaws))
		}
		for _, flaw := range flaws {
			if n := utf8.RuneCountInString(that); flaw.At < 0 || flaw.At > n || flaw.Text == "" {
				t.Errorf("%+v of %d characters", flaw, n)
			}
		}
		if check == nil {
			return
		}
		if len(check.Names()) == 0 {
			t.Error("it looks at nothing")
		}
		if verdict, _, err := check.Eval(view()); err == nil && verdict == NotJudged {
			t.Error("it was not judged")
		}
	})
}
