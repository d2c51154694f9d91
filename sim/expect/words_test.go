package expect

import (
	"reflect"
	"strings"
	"testing"

	"stickylab/sim/ledger"
)

// Each name of the language has words for what was measured, and no words are of a name
// that there is not.
func TestEveryNameHasWords(t *testing.T) {
	left := make(map[string]bool)
	for name := range phrases {
		if !strings.HasSuffix(name, ".nothing") {
			left[name] = true
		}
	}
	var walk func(reflect.Type, string)
	walk = func(of reflect.Type, name string) {
		switch of.Kind() {
		case reflect.Struct:
			for _, part := range members(of) {
				f, _ := member(of, part)
				walk(f.Type, strings.TrimPrefix(name+"."+part, "."))
			}
		case reflect.Map:
			walk(of.Elem(), name+".*")
		default:
			if phrases[name] == "" {
				t.Errorf("no words for %s", name)
			}
			delete(left, name)
		}
	}
	walk(reflect.TypeFor[ledger.View](), "")
	for name := range left {
		t.Errorf("words for %s, which there is not", name)
	}
}

func TestWords(t *testing.T) {
	view := ledger.View{
		Delivery: ledger.Delivery{Cross: ledger.Counts{Due: 2300, Pending: 60, Arrived: 31}},
		Nodes:    map[string]ledger.Node{"a": {Up: true, Clients: 1, Share: 0.25}, "b": {}},
		Groups: map[string]ledger.Group{
			"office": {Count: 10, Connected: 4, Nodes: map[string]int{"a": 4}, Errors: map[string]int{"Bad request": 318}, Requests: ledger.GroupRequests{Total: 400}},
			"homes":  {Count: 1, Lost: 1},
		},
		Clients: ledger.Clients{Count: 11, Connected: 4},
		Latency: ledger.Latency{P95: 41.25, Count: 3},
		Counts:  map[string]ledger.RoomCount{"a": {Local: 3, Cluster: -1}},
	}
	for expression, want := range map[string]string{
		"groups['office'].connected == 0":                                               "office: 4 of 10 connected",
		"delivery.cross.ratio == 1":                                                     "31 of 2,240 deliveries across nodes arrived",
		"delivery.same.ratio == 1":                                                      "no delivery on the same node was due",
		"groups['office'].heard.ratio == 1":                                             "office: no delivery to it was due",
		"groups['office'].errors['Bad request'] > 0":                                    "office: 318 x Bad request",
		"groups['homes'].errors['Bad request'] > 0":                                     "homes: no request was made",
		"nodes['a'].up && !nodes['b'].up":                                               "a is up, b is not up",
		"nodes['a'].clients == 1 && nodes['a'].share > 0":                               "1 client on a, 25 % of the connected clients on a",
		"clients.connected > 3 || groups['homes'].lost > 0":                             "4 of 11 clients connected; homes: 1 session lost",
		"groups['office'].nodes['a'] > 0 && groups['office'].nodes['b'] == 0":           "office: 4 of 10 on a, 0 of 10 on b",
		"latency.p95 < 100 && redis.relayed == 0":                                       "95 % of the deliveries within 41 ms, 0 copies received by other nodes",
		"counts['a'].local == 3 && counts['a'].cluster == 3 && counts['b'].cluster > 0": "a counts 3 on itself, a has no count, b counts 0 in the cluster",
	} {
		check, flaws := Compile(expression, Names{})
		if flaws != nil {
			t.Fatal(expression, flaws)
		}
		_, actual, err := check.Eval(&view)
		if err != nil {
			t.Fatal(err)
		}
		if got := actual.Words(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", expression, got, want)
		}
	}
}
