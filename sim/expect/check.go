package expect

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"stickylab/sim/ledger"
)

// Check is a compiled expression. It may be used by several goroutines.
type Check struct {
	Source  string
	program *vm.Program
	uses    []use
}

// Eval judges a view. Actual is the value of every name in the expression, such
// as "delivery.cross.ratio = 0 (0/2240)". When any of them had nothing to judge
// (no delivery due that is not pending, no request made, no latency measured)
// the verdict is Inconclusive, whatever the rest says. It fails when the expression
// does, as one that divides by zero.
func (c *Check) Eval(view *ledger.View) (verdict Verdict, actual Actual, err error) {
	conclusive := true
	for _, u := range c.uses {
		v := u.measure(view)
		actual = append(actual, v)
		conclusive = conclusive && v.Void == ""
	}
	if !conclusive {
		return Inconclusive, actual, nil
	}
	result, err := expr.Run(c.program, *view)
	if err != nil {
		return NotJudged, actual, fmt.Errorf("expression %q: %w", c.Source, err)
	}
	if met, _ := result.(bool); met {
		return Pass, actual, nil
	}
	return Fail, actual, nil
}

// Names returns the names that the expression uses, in its order.
func (c *Check) Names() []string {
	out := make([]string, len(c.uses))
	for i, u := range c.uses {
		out[i] = u.String()
	}
	return out
}

// use is a name in an expression, by its parts.
type use struct {
	path []string
	keys []bool // which parts are keys of maps
}

// Name is how one writes what a map has under a key: nodes['im-3030'].
func Name(of, key string) string {
	return of + "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(key) + "']"
}

// String is the name as one writes it: nodes['im-3030'].up.
func (u use) String() string {
	var b strings.Builder
	for i, part := range u.path {
		switch {
		case u.keys[i]:
			b.WriteString(Name("", part))
		case i > 0:
			b.WriteString("." + part)
		default:
			b.WriteString(part)
		}
	}
	return b.String()
}

func (u use) within() string {
	if len(u.path) == 0 {
		return ""
	}
	return " in " + u.String()
}

// under reports whether the name is that of a part of the run's, or of a
// group's, errors or requests.
func (u use) under(what string) bool {
	n := len(u.path)
	return n > 1 && u.path[n-2] == what && !u.keys[n-2]
}

// measure returns the value of the name.
func (u use) measure(view *ledger.View) Value {
	v := reflect.ValueOf(*view)
	var counts *ledger.Counts
	requests := view.Requests.Total // of whom the name is about
	for i, part := range u.path {
		if u.keys[i] {
			found := v.MapIndex(reflect.ValueOf(part))
			if !found.IsValid() {
				found = reflect.Zero(v.Type().Elem())
			}
			v = found
			if g, ok := v.Interface().(ledger.Group); ok {
				requests = g.Requests.Total
			}
			continue
		}
		f, _ := member(v.Type(), part)
		v = v.FieldByIndex(f.Index)
		if c, ok := v.Interface().(ledger.Counts); ok {
			counts = &c
		}
	}
	out, leaf := Value{Name: u.String(), Value: plain(v), Number: exact(v)}, u.path[len(u.path)-1]
	switch {
	case counts != nil:
		judged := counts.Due - counts.Pending
		switch {
		case leaf == "due" || leaf == "pending": // facts, also when they are 0
		case judged == 0:
			out.Void = "nothing was due"
		case leaf == "ratio":
			out.Value, out.Counts = Ratio(counts.Arrived, judged), fmt.Sprintf("%d/%d", counts.Arrived, judged)
		}
	case u.under("errors") || u.under("requests") && leaf == "failed":
		if requests == 0 {
			out.Void = "no request was made"
		}
	case u.path[0] == "nodes" && leaf == "share":
		if !slices.ContainsFunc(slices.Collect(maps.Values(view.Nodes)), func(n ledger.Node) bool { return n.Clients > 0 }) {
			out.Void = "no client was connected"
		}
	case u.path[0] == "recovery":
		if view.Recovery == (ledger.Recovery{}) {
			out.Void = "no client came back to a node that recovers connections"
		}
	case u.path[0] == "latency" && leaf != "count":
		if view.Latency.Count == 0 {
			out.Void = "nothing was measured"
		}
	}
	if u.path[0] == "groups" {
		out.Group = u.path[1]
	}
	out.Words = u.words(view, v, counts, out.Void)
	return out
}

// exact returns a number, or a truth value as 1 or 0. It is 0 for what is none.
func exact(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanFloat() && !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0):
		return v.Float()
	case v.Kind() == reflect.Bool && v.Bool():
		return 1
	}
	return 0
}

// plain writes a number or a truth value.
func plain(v reflect.Value) string {
	if v.Kind() == reflect.Float64 {
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return "-"
		}
		return strconv.FormatFloat(math.Round(f*1000)/1000, 'f', -1, 64)
	}
	return fmt.Sprint(v.Interface())
}

// Ratio writes part/whole with up to three decimals. It is "0" or "1" only when
// it is exactly that; very near them it is "<0.001" and ">0.999".
func Ratio(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	r := float64(part) / float64(whole)
	rounded := math.Round(r*1000) / 1000
	switch {
	case rounded == 0 && part > 0:
		return "<0.001"
	case rounded == 1 && part < whole:
		return ">0.999"
	case rounded == 1 && part > whole:
		return ">1"
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
