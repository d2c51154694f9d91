package nginx

import (
	"math"
	"regexp"
	"strconv"
	"time"

	"stickylab/cluster/nginx/syntax"
)

// timeForm is nginx's form of a time: units in falling order, each once, or a
// number of seconds at the end.
var (
	timeForm  = regexp.MustCompile(`^(?:(\d+)y *)?(?:(\d+)M *)?(?:(\d+)w *)?(?:(\d+)d *)?(?:(\d+)h *)?(?:(\d+)m *)?(?:(?:(\d+)s *)?(?:(\d+)ms *)?|(\d+) *)$`)
	timeUnits = []time.Duration{
		365 * 24 * time.Hour, 30 * 24 * time.Hour, 7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second, time.Millisecond, time.Second,
	}
)

// ParseTime reads nginx's form of a time, "90", "1m30s", "1h 30m", by the rules
// of ngx_parse_time. whole is for times kept in seconds, which know no "ms"; the
// others know no "y".
func ParseTime(s string, whole bool) (time.Duration, bool) {
	found := timeForm.FindStringSubmatch(s)
	if s == "" || found == nil || whole && found[8] != "" || !whole && found[1] != "" {
		return 0, false
	}
	var total time.Duration
	for i, unit := range timeUnits {
		if found[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(found[i+1], 10, 64)
		if err != nil || n > int64((math.MaxInt64-total)/unit) {
			return 0, false
		}
		total += time.Duration(n) * unit
	}
	return total, true
}

// duration reads a directive whose only argument is a time, with milliseconds.
func (r *reader) duration(d *syntax.Directive) time.Duration {
	t, ok := ParseTime(d.Args[0].Text, false)
	if !ok {
		r.Fail(BadValue, d.Args[0].Pos, "a time is written as 60, 60s, 500ms or 1m30s", "%q directive invalid value", d.Name)
	}
	return t
}
