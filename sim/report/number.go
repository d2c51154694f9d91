package report

import (
	"fmt"
	"strconv"
	"time"
)

// Number writes a count with commas between thousands: "2,240".
func Number(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Percent writes a share, cut down to whole percents: "77 %". It is "0 %" or
// "100 %" only when it is exactly that, and "-" when there is nothing to have
// a share of.
func Percent(part, of int) string {
	switch {
	case of == 0:
		return "-"
	case part == 0:
		return "0 %"
	case part == of:
		return "100 %"
	}
	return strconv.Itoa(min(max(part*100/of, 1), 99)) + " %"
}

// Share writes counts with their percentage beside them: "31/40   77 %". What
// is pending counts in neither.
func Share(arrived, judged int) string {
	return fmt.Sprintf("%s/%s %6s", Number(arrived), Number(judged), Percent(arrived, judged))
}

// Clock writes an instant of a run as minutes and seconds, with a fraction
// only if there is one: "0:31", "1:04.25".
func Clock(d time.Duration) string {
	minutes, rest := d/time.Minute, d%time.Minute
	s := fmt.Sprintf("%d:%02d", minutes, rest/time.Second)
	if frac := rest % time.Second; frac != 0 {
		digits := fmt.Sprintf("%09d", frac)
		for digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
		s += "." + digits
	}
	return s
}

// Seconds writes a length of time: "60 s", "0.91 s", "1 h 4 min".
func Seconds(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return join(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	case d > 2*time.Minute:
		return join(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	case d >= 10*time.Second || d%time.Second == 0:
		return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s"
}

func join(n int, unit string, m int, smaller string) string {
	s := strconv.Itoa(n) + " " + unit
	if m > 0 {
		s += " " + strconv.Itoa(m) + " " + smaller
	}
	return s
}
