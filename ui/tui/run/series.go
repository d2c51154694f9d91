package run

import (
	"slices"
	"strings"
	"time"

	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// seriesLabel and seriesRate are the cells left and right of the sparklines.
const (
	seriesLabel = 11
	seriesRate  = 9
)

// drawSeries draws what arrived, what was missed and who reconnected over the whole run
// or, when that continues beyond its end, the last stretch as long as that,
// its rates at the right, and below it the instants worth knowing.
func drawSeries(f *Frame, end time.Duration, width int) []string {
	room := width - seriesLabel - seriesRate
	if room < 10 || end <= 0 {
		return nil
	}
	from := max(f.Cursor.At-end, 0) // a served run has no end
	end += from
	arrived, missed, back := make([]int, room), make([]int, room), make([]int, room)
	var now ledger.Slice // the sums of the last moments
	for _, s := range f.series {
		if s.From < from {
			continue
		}
		i := min(int(int64(s.From-from)*int64(room)/int64(end-from)), room-1)
		arrived[i] += s.Arrived
		missed[i] += s.Missed
		back[i] += s.Reconnects
		if s.From >= f.Cursor.At-lately {
			now.Arrived += s.Arrived
			now.Missed += s.Missed
			now.Reconnects += s.Reconnects
		}
	}
	most, span := max(slices.Max(arrived), slices.Max(missed)), min(f.Cursor.At, lately)
	row := func(label string, ink style.Ink, values []int, most, count int) string {
		return style.Fit(style.Paint(style.Dim, label), seriesLabel) + style.Paint(ink, style.Spark(values, most)) + style.Right(style.Rate(count, span), seriesRate)
	}
	lines := []string{
		row("arrived", style.Plain, arrived, most, now.Arrived),
		row("missed", style.Loss, missed, most, now.Missed),
		row("reconnects", style.Plain, back, slices.Max(back), now.Reconnects),
	}
	return append(lines, drawAxis(f, from, end, room)...)
}

// drawAxis draws the time below the sparklines: a tick for each step, and where
// the cursor is.
func drawAxis(f *Frame, from, end time.Duration, room int) []string {
	at := func(t time.Duration) int { return min(int(int64(t-from)*int64(room-1)/int64(end-from)), room-1) }
	line := []rune(strings.Repeat("─", room))
	line[0], line[room-1] = '├', '┤'
	for _, s := range f.Live.Plan().Steps {
		if s.At >= from {
			line[at(s.At)] = '┴'
		}
	}
	for _, s := range f.Live.Hand() {
		if s.At >= from {
			line[at(s.At)] = '╨'
		}
	}
	here := at(f.Cursor.At)
	before, after := string(line[:here]), string(line[here+1:])
	axis := style.Paint(style.Border, before) + style.Paint(style.Accent, "┼") + style.Paint(style.Border, after)
	margin := strings.Repeat(" ", seriesLabel)

	first, now, last := "0:00", style.Minutes(f.Cursor.At), style.Minutes(end)
	if from > 0 {
		first = style.Minutes(from)
	}
	labels := []rune(strings.Repeat(" ", room))
	put := func(x int, text string) {
		x = min(max(x, 0), room-len(text))
		for i := max(x-1, 0); i < min(x+len(text)+1, room); i++ {
			if labels[i] != ' ' {
				return
			}
		}
		copy(labels[x:], []rune(text))
	}
	put(here-2, now)
	put(0, first)
	put(room, last)
	return []string{margin + axis, margin + style.Paint(style.Dim, string(labels))}
}
