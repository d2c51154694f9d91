package format

import (
	"fmt"
	"strconv"
	"strings"
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

// Plural writes a count with its noun in the right number: "1 step", "2,240
// clients", "3 proxies", "0 addresses".
func Plural(n int, noun string) string {
	last := func(letters string) bool { return strings.HasSuffix(noun, letters) }
	switch {
	case n == 1:
	case last("s") || last("x") || last("ch") || last("sh"):
		noun += "es"
	case last("y") && !last("ay") && !last("ey") && !last("oy"):
		noun = noun[:len(noun)-1] + "ies"
	default:
		noun += "s"
	}
	return Number(n) + " " + noun
}

var ordinals = []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}

// Ordinal writes a position counted from 1: "first" to "tenth", "11th", "22nd".
func Ordinal(n int) string {
	ending := "th"
	switch {
	case n >= 1 && n <= len(ordinals):
		return ordinals[n-1]
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		ending = "st"
	case n%10 == 2:
		ending = "nd"
	case n%10 == 3:
		ending = "rd"
	}
	return Number(n) + ending
}

// Percent writes a share, rounded down to whole percents: "77 %". It is "0 %" or
// "100 %" only when it is exactly that, and "-" when of is 0.
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

// Share writes counts followed by their percentage: "31/40   77 %". What is in
// flight counts in neither.
func Share(arrived, judged int) string {
	return fmt.Sprintf("%s/%s %6s", Number(arrived), Number(judged), Percent(arrived, judged))
}

// Clock writes an instant of a run as minutes and seconds, with a fraction
// only if there is one: "0:31", "1:04.25".
func Clock(d time.Duration) string {
	minutes, rest := d/time.Minute, d%time.Minute
	s := fmt.Sprintf("%d:%02d", minutes, rest/time.Second)
	if frac := rest % time.Second; frac != 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%09d", frac), "0")
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

// join writes a length of time in two units, the smaller one only if needed.
func join(n int, unit string, m int, smaller string) string {
	s := strconv.Itoa(n) + " " + unit
	if m > 0 {
		s += " " + strconv.Itoa(m) + " " + smaller
	}
	return s
}
