package expect

import "strings"

// Value is what was measured for one name of an expression.
type Value struct {
	Name   string
	Value  string  // "0.775"
	Counts string  // of a ratio: "31/40"
	Void   string  // why there was nothing to judge, "" when there was
	Group  string  // of clients, that the name is about; "" means none
	Number float64 // the value, not rounded; a truth is 1 or 0
	Words  string  // for people, without the group: "31 of 40 deliveries across nodes arrived"
}

// String returns the value with its name: "delivery.cross.ratio = 0.775 (31/40)".
func (v Value) String() string {
	text := v.Name + " = " + v.Value
	if about := v.Counts + v.Void; about != "" { // of which there is one at most
		text += " (" + about + ")"
	}
	return text
}

// Actual is what was measured for the names of an expression, in its order.
type Actual []Value

// String returns the values with their names.
func (a Actual) String() string {
	parts := make([]string, len(a))
	for i, v := range a {
		parts[i] = v.String()
	}
	return strings.Join(parts, ", ")
}

// Brief returns what was measured without the name, as counts if there are any:
// "31/40", "0". It is "" for several names, and when there was nothing to judge.
func (a Actual) Brief() string {
	switch {
	case len(a) != 1 || a[0].Void != "":
		return ""
	case a[0].Counts != "":
		return a[0].Counts
	}
	return a[0].Value
}
