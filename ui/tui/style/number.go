package style

import (
	"fmt"
	"strconv"
	"time"

	"stickylab/sim/format"
)

// Count writes a count right-aligned in width cells: "2,240". When it does not
// fit it is rounded down: "12k", "3M".
func Count(n, width int) string {
	s := format.Number(n)
	for _, unit := range []string{"k", "M", "G"} {
		if len(s) <= width || n < 1000 && n > -1000 {
			break
		}
		n /= 1000
		s = format.Number(n) + unit
	}
	return Right(s, width)
}

// Rate writes how many there are in a second: "80/s", "0.4/s", "0/s".
func Rate(count int, in time.Duration) string {
	if in <= 0 || count == 0 {
		return "0/s"
	}
	r := float64(count) / in.Seconds()
	if r < 10 {
		if s := strconv.FormatFloat(r, 'f', 1, 64); s != "0.0" {
			return s + "/s"
		}
		return "<0.1/s"
	}
	return format.Number(int(r+0.5)) + "/s"
}

// Percent writes a share in five cells: "100 %", " 77 %", "    -".
func Percent(part, of int) string { return Right(format.Percent(part, of), 5) }

// Clock writes the time of a run to a tenth of a second: "00:31.4".
func Clock(d time.Duration) string {
	d = max(d, 0)
	return fmt.Sprintf("%02d:%02d.%d", d/time.Minute, d%time.Minute/time.Second, d%time.Second/(100*time.Millisecond))
}

// Minutes writes the time of a run to a second: "01:00".
func Minutes(d time.Duration) string {
	d = max(d, 0)
	return fmt.Sprintf("%02d:%02d", d/time.Minute, d%time.Minute/time.Second)
}

// Brief writes when something happened, to a second: "0:31".
func Brief(d time.Duration) string {
	d = max(d, 0)
	return fmt.Sprintf("%d:%02d", d/time.Minute, d%time.Minute/time.Second)
}

// Instant writes when something happened, to a millisecond: "0:31.402".
func Instant(d time.Duration) string {
	d = max(d, 0)
	return fmt.Sprintf("%d:%02d.%03d", d/time.Minute, d%time.Minute/time.Second, d%time.Second/time.Millisecond)
}

// Span writes a length of time in milliseconds or seconds: "0.5 ms", "41 ms",
// "4.2 s".
func Span(d time.Duration) string {
	switch {
	case d >= time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d >= 10*time.Millisecond:
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
}
