package nginx

import (
	"slices"
	"strings"
)

// Expand replaces the variables of a value, "$name" and "${name}", by what
// lookup returns for the name. A "$" that begins no variable stays.
func Expand(value string, lookup func(name string) string) string {
	if strings.IndexByte(value, '$') < 0 {
		return value
	}
	var b strings.Builder
	for {
		start, end, name, wrong := nextVariable(value)
		if start < 0 {
			b.WriteString(value)
			return b.String()
		}
		if wrong != "" {
			b.WriteString(value[:end])
		} else {
			if start == 0 && end == len(value) && b.Len() == 0 {
				return lookup(name)
			}
			b.WriteString(value[:start])
			b.WriteString(lookup(name))
		}
		value = value[end:]
	}
}

// maxMapSteps ends maps that refer to each other in a circle, or multiply.
const maxMapSteps = 100

// Expand is like the function of that name, with the variables of the map
// blocks worked out; lookup is asked for the others only.
func (c *Config) Expand(value string, lookup func(name string) string) string {
	e := expansion{c, lookup, maxMapSteps}
	return Expand(value, e.variable)
}

type expansion struct {
	*Config
	lookup func(name string) string
	left   int // map look-ups until it is given up
}

func (e *expansion) variable(name string) string {
	// The last map of a name counts.
	for _, m := range slices.Backward(e.Maps) {
		if m.Variable != name {
			continue
		}
		if e.left--; e.left < 0 {
			return ""
		}
		value, _ := m.find(Expand(m.Source, e.variable))
		return Expand(value, e.variable)
	}
	return e.lookup(name)
}
