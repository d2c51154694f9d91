package nginx

import (
	"math"
	"stickylab/cluster/nginx/syntax"
	"time"
)

var timeUnits = []struct {
	name string
	size time.Duration
}{
	{"y", 365 * 24 * time.Hour}, {"M", 30 * 24 * time.Hour}, {"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour},
	{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// parseTime reads nginx's form of a time, "90", "1m30s", "1h 30m", by the rules
// of ngx_parse_time: units in falling order, each once, seconds when there is
// none. whole is for times kept in seconds, which know no "ms"; the others know
// no "y".
func parseTime(s string, whole bool) (time.Duration, bool) {
	var total time.Duration
	next := 0
	if !whole {
		next = 1
	}
	if s == "" {
		return 0, false
	}
	for i := 0; i < len(s); {
		start, value := i, time.Duration(0)
		for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
			if value > math.MaxInt64/100 {
				return 0, false
			}
			value = value*10 + time.Duration(s[i]-'0')
		}
		if i == start {
			return 0, false
		}
		unit, width := 6, 0
		switch {
		case i == len(s):
		case s[i] == ' ':
			width = 1
		default:
			unit, width = findUnit(s[i:])
		}
		if unit < next || unit < 0 || whole && unit == 7 {
			return 0, false
		}
		next = unit + 1
		if width == 0 || s[i] == ' ' {
			next = len(timeUnits)
		}
		if value > (math.MaxInt64-total)/timeUnits[unit].size {
			return 0, false
		}
		total += value * timeUnits[unit].size
		for i += width; i < len(s) && s[i] == ' '; i++ {
		}
	}
	return total, true
}

func findUnit(s string) (index, width int) {
	if len(s) > 1 && s[:2] == "ms" {
		return 7, 2
	}
	for i, u := range timeUnits {
		if s[:1] == u.name {
			return i, 1
		}
	}
	return -1, 0
}

// duration reads a directive whose only argument is a time, with milliseconds.
func (r *reader) duration(d *syntax.Directive, seen once, otherwise time.Duration) time.Duration {
	if r.isDuplicate(d, seen) {
		return otherwise
	}
	t, ok := parseTime(d.Args[0].Text, false)
	if !ok {
		r.Fail(BadValue, d.Args[0].Pos, "a time is written as 60, 60s, 500ms or 1m30s", "%q directive invalid value", d.Name)
		return otherwise
	}
	return t
}
