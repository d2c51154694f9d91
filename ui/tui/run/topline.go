package run

import (
	"fmt"
	"strings"

	"stickylab/sim/expect"
	"stickylab/ui/tui/style"
)

// item is a part of the top line: what it says, in ever shorter forms, and what
// each of them is worth. The form of the least worth is given up first; after
// the last one there is nothing.
type item struct {
	forms []string
	worth []int
}

// drawTop draws the top line: what matters least is shortened first, and left
// out when that is not enough.
func drawTop(f *Frame, t top, folded bool, width int) string {
	items := topItems(f, t, folded)
	form := make([]int, len(items))
	for {
		line, left := joined(items, form, width-1)
		if left >= 0 {
			return " " + line
		}
		least := -1
		for i, x := range items {
			if form[i] < len(x.forms) && (least < 0 || x.worth[form[i]] < items[least].worth[form[least]]) {
				least = i
			}
		}
		if least < 0 {
			return " " + style.Fit(line, width-1)
		}
		form[least]++
	}
}

// joined puts the items in a line, with equal gaps of two cells or more. left
// is how many cells are left over, less than none when it does not fit.
func joined(items []item, form []int, width int) (line string, left int) {
	var words []string
	total := 0
	for i, x := range items {
		if form[i] < len(x.forms) && x.forms[form[i]] != "" {
			words = append(words, x.forms[form[i]])
			total += style.Width(x.forms[form[i]])
		}
	}
	if len(words) == 0 {
		return style.Fit("", width), width
	}
	gaps := len(words) - 1
	left = width - total - 2*gaps
	if left < 0 || gaps == 0 {
		return style.Fit(strings.Join(words, "  "), width), left
	}
	gap := min(2+left/gaps, 5)
	// What is left over goes before the verdicts, which stand at the right end.
	rest := width - total - gap*gaps
	last := len(words) - 1
	return strings.Join(words[:last], strings.Repeat(" ", gap)) + strings.Repeat(" ", gap+rest) + words[last], left
}

func topItems(f *Frame, t top, folded bool) []item {
	dim := func(s string) string { return style.Paint(style.Dim, s) }
	strong := func(s string) string { return style.Paint(style.Strong, s) }
	clock := strong(style.Clock(t.at))
	run := ">"
	if !t.playing {
		run = "||"
	}
	items := []item{
		{[]string{style.Paint(style.Accent, "stickylab")}, []int{0}},
		{[]string{strong(t.name)}, []int{11}},
		{[]string{clock + dim(" / "+style.Minutes(t.end)), clock}, []int{3, 18}},
		{[]string{run + " " + style.Fit(t.speed, 5), run + " " + t.speed}, []int{1, 17}},
	}
	if t.end == 0 {
		items[2] = item{[]string{clock}, []int{18}}
	}
	if t.url != "" {
		items = append(items, item{[]string{style.Paint(style.Accent, t.url)}, []int{6}})
	}
	if back := t.head - t.at; back > 0 {
		ago := style.Paint(style.Accent, fmt.Sprintf("<< %.1f s back", back.Seconds()))
		items = append(items, item{[]string{ago, style.Paint(style.Accent, "<<")}, []int{8, 16}})
	}
	if t.branches > 1 {
		items = append(items, item{[]string{dim("branch ") + fmt.Sprintf("%d of %d", t.branch, t.branches), fmt.Sprintf("b%d/%d", t.branch, t.branches)}, []int{4, 12}})
	}
	if t.readOnly {
		items = append(items, item{[]string{dim("read only")}, []int{2}})
	}
	policy, _, _ := strings.Cut(f.Policy, " ")
	items = append(items,
		item{[]string{dim("policy ") + f.Policy, f.Policy, policy}, []int{5, 7, 15}},
		item{[]string{dim("adapter ") + strong(f.Adapter())}, []int{20}},
	)
	if folded {
		state, links, adapters := redisState(f)
		text, worth := state, 10
		if state != "up" {
			text, worth = style.Paint(style.Loss, state), 16
		}
		items = append(items, item{[]string{dim("redis ") + text + dim(fmt.Sprintf(" %d/%d", links, adapters)), dim("redis ") + text}, []int{2, worth}})
	}
	return append(items, item{verdicts(f), []int{9, 13}})
}

// verdicts counts what became of the expectations.
func verdicts(f *Frame) []string {
	if len(f.Expect) == 0 {
		if len(f.Live.Plan().Expect) > 0 {
			return []string{style.Paint(style.Dim, "not judged"), ""}
		}
		return []string{style.Paint(style.Dim, "nothing expected"), ""}
	}
	if f.aside > 0 && f.tally[expect.NotJudged] == len(f.Expect) {
		return []string{style.Paint(style.Dim, "expectations set aside"), style.Paint(style.Dim, "set aside")}
	}
	ok, fail, void, open := f.tally[expect.Pass], f.tally[expect.Fail], f.tally[expect.Inconclusive], f.tally[expect.NotJudged]
	failing := fmt.Sprintf("fail %d", fail)
	if fail > 0 {
		failing = style.Paint(style.Loss, failing)
	}
	long := fmt.Sprintf("ok %d  %s  open %d", ok, failing, open)
	if void > 0 {
		long = fmt.Sprintf("ok %d  %s  n/a %d  open %d", ok, failing, void, open)
	}
	short := fmt.Sprintf("%d/%d ok", ok, len(f.Expect))
	if open == len(f.Expect) {
		short = fmt.Sprintf("%d open", open)
	}
	if fail > 0 {
		short = style.Paint(style.Loss, fmt.Sprintf("%d fail", fail))
	}
	return []string{long, short}
}
