package scenario

import (
	"regexp"
	"strings"
	"time"
)

const ADuration = "a duration such as 500ms, 5s or 1m30s"

// parseDuration reads a duration in Go's syntax, not negative. The hint is how
// the text was probably meant.
func parseDuration(text string) (d time.Duration, hint string, ok bool) {
	d, err := time.ParseDuration(text)
	if err == nil && d >= 0 {
		return d, "", true
	}
	if meant := repairDuration(text); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	return 0, hint, false
}

var (
	amounts = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*`)
	units   = map[string]string{
		"": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "s": "s",
		"min": "m", "mins": "m", "minute": "m", "minutes": "m", "m": "m",
		"hour": "h", "hours": "h", "hr": "h", "h": "h",
		"msec": "ms", "msecs": "ms", "millis": "ms", "milliseconds": "ms", "ms": "ms",
		"usec": "us", "micros": "us", "microseconds": "us", "us": "us", "µs": "us",
	}
)

// repairDuration guesses what "60", "5 sec" or "1 min 30" stand for; "" when it
// cannot.
func repairDuration(text string) string {
	rest, out := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "-"), ""
	for rest != "" {
		m := amounts.FindStringSubmatch(rest)
		if m == nil || units[m[2]] == "" {
			return ""
		}
		out += m[1] + units[m[2]]
		rest = rest[len(m[0]):]
	}
	if d, err := time.ParseDuration(out); out == "" || err != nil || d < 0 {
		return ""
	}
	return out
}

// parseSpan reads "500us" or "20ms..60ms".
func parseSpan(text string) (s Span, hint string, ok bool) {
	low, high, ranged := strings.Cut(text, "..")
	if !ranged {
		s.Min, hint, ok = parseDuration(strings.TrimSpace(low))
		s.Max = s.Min
		return s, hint, ok
	}
	var ends [2]string
	repaired := false
	for i, end := range []string{low, high} {
		ends[i] = strings.TrimSpace(end)
		if _, _, ok := parseDuration(ends[i]); !ok {
			ends[i], repaired = repairDuration(end), true
		}
	}
	if ends[0] == "" || ends[1] == "" {
		return Span{}, "", false
	}
	s.Min, _ = time.ParseDuration(ends[0])
	s.Max, _ = time.ParseDuration(ends[1])
	switch {
	case s.Max < s.Min:
		return Span{}, "the smaller one first: " + ends[1] + ".." + ends[0], false
	case repaired:
		return Span{}, "did you mean " + ends[0] + ".." + ends[1] + "?", false
	}
	return s, "", true
}

// String is the span as a file has it.
func (s Span) String() string {
	if s.Min == s.Max {
		return FormatDuration(s.Min)
	}
	return FormatDuration(s.Min) + ".." + FormatDuration(s.Max)
}

// FormatDuration writes a duration without the zero units at its end: 1m
// instead of 1m0s.
func FormatDuration(d time.Duration) string {
	s := strings.ReplaceAll(d.String(), "µs", "us")
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
