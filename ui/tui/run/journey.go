package run

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/ui/stage"
	"stickylab/ui/tui/style"
)

// journeyHeight returns how many lines the journey of a message takes, of nodes with receivers: the way to its node and the
// receivers there, Redis with the first of the others, the rest of them, and what came of it.
func journeyHeight(nodes, room int) int { return min(max(nodes, 2)+1, max(room, 3)) }

// journeyParts are the parts of the way, as wide as there is room for.
type journeyParts struct {
	f     *Frame
	j     *stage.Journey
	dots  []stage.Dot
	who   string // says what
	proxy string
	wide  int // cells that each arrow has besides the least
	bar   int // cells of the receivers' marks
	room  int // cells of all
}

// drawJourney draws the journey of a message: from its client to its node, to the receivers there, over Redis
// to the others, and why it did not get where it did not.
func drawJourney(f *Frame, j *stage.Journey, dots []stage.Dot, width, height int) []string {
	if j == nil {
		return []string{style.Paint(style.Dim, "nothing was said yet")}
	}
	p := journeyParts{f: f, j: j, dots: dots, room: width, proxy: "nginx", who: j.From}
	if j.Text != "" {
		p.who = j.From + " " + style.Cut(strconv.Quote(j.Text), 14)
	}
	if len(f.Live.Plan().Proxy) == 0 {
		p.proxy = ""
	}
	most := 0
	for _, b := range j.Branches {
		most = max(most, b.Due)
	}
	p.bar = min(most, 40)
	if width < p.width() {
		p.who = style.Cut(j.From, 18)
	}
	p.bar = max(p.bar-max(p.width()-width, 0), 0)
	if p.wide = min(max(width-p.width(), 0)/4, 10); len(j.Branches) > height-1 {
		p.wide = 0 // the others share a line
	}
	lines := p.rows(max(height-1, 1))
	return append(lines, fate(f, j, width))
}

// fate says what came of a message, in a line: what was lost, and why, is never cut off.
func fate(f *Frame, j *stage.Journey, width int) string {
	heard, lost := j.Fate(f.Palette.Letter)
	return fateLine("heard by ", heard, lost, width)
}

// fateLine writes what came of a message: what was heard goes first when there is no room, then the middle of why the rest was lost.
func fateLine(prefix, heard, lost string, width int) string {
	switch {
	case lost == "":
		return style.Cut(prefix+heard, width)
	case heard != "" && style.Width(prefix+heard+", "+lost) <= width:
		return prefix + heard + ", " + style.Paint(style.Loss, lost)
	case style.Width(prefix+lost) <= width:
		return prefix + style.Paint(style.Loss, lost)
	}
	if _, cause, ok := strings.Cut(lost, ": "); ok && style.Width(lost) > width {
		lost = cause
	}
	return style.Paint(style.Loss, style.Middle(lost, width))
}

// arrowLeast is the cells of the shortest arrow.
const arrowLeast = 3

// stemWidth is the width of the way to the node: who says it, the proxy, the node.
func (p *journeyParts) stemWidth() int {
	w := style.Width(p.who) + 1 + arrowLeast + p.wide + 1 + 1 + 1
	if p.proxy != "" {
		w += style.Width(p.proxy) + 1 + arrowLeast + p.wide + 1
	}
	if p.j.Server {
		w = style.Width(p.who) + 1 + 1 + 1
	}
	return w
}

const redisLabel = " redis "

// width is the width of all.
func (p *journeyParts) width() int {
	branch := 2 + arrowLeast - 1 + p.wide + len(redisLabel) + arrowLeast - 1 + p.wide
	return p.stemWidth() + branch + 3 + p.bar + 1 + p.countWidth()
}

func (p *journeyParts) countWidth() int {
	w := 0
	for _, b := range p.j.Branches {
		w = max(w, 2*len(format.Number(b.Due))+1)
	}
	return w
}

// rows draws the way and its branches.
func (p *journeyParts) rows(most int) []string {
	j := p.j
	var own *stage.Branch
	var others []*stage.Branch
	for i := range j.Branches {
		if b := &j.Branches[i]; j.Own(b) {
			own = b
		} else {
			others = append(others, b)
		}
	}
	slices.SortStableFunc(others, func(a, b *stage.Branch) int { return cmp.Compare(min(b.Missed, 1), min(a.Missed, 1)) }) // what was lost is seen first
	crosses := j.Crosses != stage.NeedsNone
	lead := len(redisLabel) + arrowLeast - 1 + p.wide // of the way over Redis, besides its first arrow
	first := p.stem()
	switch {
	case own != nil && crosses:
		first += "─┬" + p.arrow(arrowLeast-1+p.wide+lead, stage.ToReceivers, own.Node) + p.receivers(own)
	case own != nil:
		first += "──" + p.arrow(arrowLeast-1+p.wide+lead, stage.ToReceivers, own.Node) + p.receivers(own)
	case crosses:
		first += "─┐"
	}
	rows := []string{first}
	if !crosses {
		return append(rows, p.below(""))
	}
	room := max(most-1, 1) // rows for the others
	for i := 0; i < max(len(others), 1) && i < room; i++ {
		way := "  " + strings.Repeat(" ", arrowLeast-1+p.wide+len(redisLabel))
		if i == 0 {
			way = " └" + p.toRedis() + p.redis()
		}
		var what string
		switch {
		case i >= len(others):
		case i == room-1 && len(others) > room:
			what = p.together(others[i:])
		default:
			b := others[i]
			hop := p.arrow(arrowLeast-1+p.wide, stage.FromRedis, b.Node)
			if j.Crosses == stage.Stopped {
				hop = strings.Repeat(" ", arrowLeast-1+p.wide)
			} else if b.Pending == 0 && b.Arrived == 0 {
				hop = style.Paint(style.Border, strings.Repeat("─", arrowLeast-2+p.wide)) + style.Paint(style.Loss, "✗")
			}
			what = hop + p.receivers(b)
		}
		rows = append(rows, p.below(way+what))
	}
	return rows
}

// below puts a text below the stem, in whose second line the policy is.
func (p *journeyParts) below(text string) string {
	indent := p.stemWidth()
	if p.proxy == "" || p.j.Server || strings.HasPrefix(text, "  ") {
		return style.Fit("", indent) + text
	}
	policy, _, _ := strings.Cut(p.f.Policy, " ")
	at := style.Width(p.who) + 1 + arrowLeast + p.wide + 1
	return style.Fit("", at) + style.Paint(style.Dim, style.Fit(policy, indent-at)) + text
}

// stem draws the way to the node.
func (p *journeyParts) stem() string {
	j := p.j
	out := style.Paint(style.Strong, p.who) + " "
	if j.Server {
		return out + p.f.Palette.Mark(j.Node) + " "
	}
	out += p.arrow(arrowLeast+p.wide, stage.ToProxy, "") + " "
	if p.proxy != "" {
		out += p.proxy + " " + p.arrow(arrowLeast+p.wide, stage.ToNode, j.Node) + " "
	}
	return out + p.f.Palette.Mark(j.Node) + " "
}

// toRedis draws the way from the node to Redis, or where it ends.
func (p *journeyParts) toRedis() string {
	n := arrowLeast - 1 + p.wide
	switch p.j.Crosses {
	case stage.Stopped:
		return style.Paint(style.Border, strings.Repeat("─", n-1)) + style.Paint(style.Loss, "✗")
	case stage.Open:
		return style.Paint(style.Border, strings.Repeat("─", n-1)) + "·"
	}
	return p.arrow(n, stage.ToRedis, "")
}

func (p *journeyParts) redis() string {
	ink := style.Plain
	if p.j.Crosses == stage.Stopped {
		ink = style.Dim
	}
	if p.f.Stage.Redis.State == "down" {
		ink = style.Loss
	}
	return style.Paint(ink, redisLabel)
}

// arrow draws an arrow of some cells, and what moves along it.
func (p *journeyParts) arrow(cells int, leg stage.Leg, to string) string {
	line := []rune(strings.Repeat("─", cells-1) + "▶")
	out := painter{}
	for i, r := range line {
		ink := style.Border
		for _, d := range p.dots {
			if d.Message == p.j.ID && d.Leg == leg && (to == "" || d.To == to) && int(d.Along*float64(cells)) == i {
				r, ink = '●', style.Accent
			}
		}
		out.write(ink, string(r))
	}
	return out.String()
}

// receivers draws the receivers on a node: a mark for each, and how many of them heard it.
func (p *journeyParts) receivers(b *stage.Branch) string {
	count := format.Number(b.Arrived) + "/" + format.Number(b.Due)
	ink := style.Plain
	if b.Missed > 0 {
		ink = style.Loss
	}
	return " " + p.f.Palette.Mark(b.Node) + " " + drawReceivers(p.f.Palette, b, p.bar) + " " + style.Paint(ink, style.Right(count, p.countWidth()))
}

// drawReceivers draws a mark for each receiver on a node, or for as many as there is room: "●" heard it, of "○" it is not
// known yet, "·" missed it.
func drawReceivers(palette *style.Palette, b *stage.Branch, cells int) string {
	if cells <= 0 || b.Due == 0 {
		return ""
	}
	n := min(b.Due, cells)
	share := func(part int) int {
		if part == 0 {
			return 0
		}
		return max(part*n/b.Due, 1)
	}
	lost, open := share(b.Missed), share(b.Pending)
	heard := max(n-lost-open, 0)
	if b.Arrived == 0 {
		lost, heard = max(n-open, 0), 0
		if b.Missed == 0 {
			lost, open = 0, n
		}
	}
	out := palette.Paint(b.Node, strings.Repeat("●", heard)) + style.Paint(style.Dim, strings.Repeat("○", open)) + style.Paint(style.Loss, strings.Repeat("·", lost))
	return style.Fit(out, cells)
}

// together draws several nodes in a line.
func (p *journeyParts) together(branches []*stage.Branch) string {
	out := ""
	room := p.room - p.stemWidth() - 2 - (arrowLeast - 1 + p.wide) - len(redisLabel)
	for i, b := range branches {
		text := " " + p.f.Palette.Mark(b.Node) + " " + format.Number(b.Arrived) + "/" + format.Number(b.Due)
		more := ""
		if rest := len(branches) - i - 1; rest > 0 {
			more = " and " + strconv.Itoa(rest+1) + " more"
		}
		if style.Width(out+text+more) > room {
			return out + style.Paint(style.Dim, " and "+strconv.Itoa(len(branches)-i)+" more")
		}
		out += text
	}
	return out
}
