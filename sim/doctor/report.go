package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/format"
)

// A Report is the diagnosis of a text. Its JSON form, schema 2, is this type's
// with "schema" and "verdict" ("breaks", "costs" or "works") before it; see
// WriteJSON. A finding's grade is "breaks", "costs" or "if".
type Report struct {
	Source     string        `json:"source"`
	Version    nginx.Version `json:"nginx_version"`
	Sites      []*SiteReport `json:"sites"`
	Unexamined []string      `json:"unexamined,omitempty"` // sites beyond the limit of experiments
	Notes      []Note        `json:"notes,omitempty"`
	NotTried   []string      `json:"not_tried"`

	options Options
}

// A SiteReport is the diagnosis of one route of clients through the text.
type SiteReport struct {
	Server       string    `json:"server"` // "server im.example.com (line 12)"
	Upstream     string    `json:"upstream"`
	Method       string    `json:"method"`
	Nodes        int       `json:"nodes"` // servers in use while all are up
	Path         string    `json:"path"`  // that clients ask for
	Findings     []Finding `json:"findings"`
	Works        []string  `json:"works"`
	Tried        []string  `json:"tried"` // experiments, in words
	Notes        []Note    `json:"notes,omitempty"`
	Unread       []Note    `json:"unread,omitempty"`        // include lines whose files may matter and were not read
	NotSimulated []string  `json:"not_simulated,omitempty"` // directives that may stop requests: "limit_req (line 12)"

	// Together is the diff of all fixes together, when there are several; Sound
	// means that with them every experiment passes.
	Together string `json:"together,omitempty"`
	Sound    bool   `json:"sound"`
	Fixed    string `json:"fixed,omitempty"` // the whole text with all fixes
}

// A Finding is a fault with its evidence.
type Finding struct {
	ID         string     `json:"id"`
	Grade      Grade      `json:"grade"`
	Title      string     `json:"title"`
	Later      bool       `json:"later,omitempty"` // it shows only once the findings before it are fixed
	Experiment string     `json:"experiment"`      // by its name
	Clients    []Affected `json:"clients"`
	Seen       []string   `json:"seen,omitempty"` // "418 x Session ID unknown"
	Cause      Cause      `json:"cause"`
	Fix        *Fix       `json:"fix,omitempty"`    // nil means that none of those tried passes
	Settle     string     `json:"settle,omitempty"` // of grade "if": what settles it
	Lesson     string     `json:"lesson,omitempty"`

	unread bool // it depends on what was not read, not on what is in front
}

// A Fix is a change with which the same experiments pass.
type Fix struct {
	Summary string `json:"summary"`
	Diff    string `json:"diff"` // unified, against the text, or for a later finding against the text with the fixes before it
}

// Verdict returns the worst grade of all findings, or "works"; the grade If does
// not count.
func (r *Report) Verdict() string {
	verdict := "works"
	for _, s := range r.Sites {
		for _, f := range s.Findings {
			if f.Grade == Breaks {
				return string(Breaks)
			}
			if f.Grade == Costs {
				verdict = string(Costs)
			}
		}
	}
	return verdict
}

// Broken reports whether something breaks; the grades Costs and If do not count.
func (r *Report) Broken() bool { return r.Verdict() == string(Breaks) }

func newSiteReport(g *target, r results) *SiteReport {
	s := &SiteReport{
		Server: g.title(), Upstream: g.upstream.Name, Method: g.upstream.Method.String(), Nodes: len(g.usable()), Path: g.path,
		Findings: []Finding{}, Works: []string{}, Tried: []string{},
	}
	if g.bare {
		s.Server = "the locations of the text"
	}
	if st := g.upstream.Sticky; st != nil {
		s.Method = "sticky " + st.Mode + " over " + s.Method
	}
	s.Method = strings.ReplaceAll(s.Method, "round_robin", "round robin")
	for _, name := range order {
		if o := r[name]; o != nil {
			s.Tried = append(s.Tried, o.words())
		}
	}
	if g.assumed {
		s.note(g.location.Pos.Line, "clients are assumed to ask for %s, which the location cuts to /socket.io/", g.path)
	}
	for _, line := range g.unread() {
		advice := "was not read: paste the output of nginx -T, or insert the file's text there"
		if g.dumped {
			advice = "was not inserted: insert the file's text there"
		}
		s.Unread = append(s.Unread, Note{Line: line.Pos.Line, Text: fmt.Sprintf("include %s %s", line.Arg(0), advice)})
	}
	s.NotSimulated = g.notSimulated()
	s.adapter(r)
	s.lockout(g, r)
	g.servers(s)
	return s
}

func (o *outcome) words() string {
	text := descriptions[o.name]
	if o.name == idle {
		text = "for " + format.Seconds(o.duration) + " " + text
	}
	if o.name == large && o.plan.File.Clients[0].Size == tinyBody {
		text = "messages of 64 KB"
	}
	if o.name == death && o.duration > deathLasts {
		text = strings.Replace(text, "comes back", "comes back after "+format.Seconds(o.duration-deathLasts+16*time.Second), 1)
	}
	return fmt.Sprintf("%s: %s", o.name, text)
}

func (s *SiteReport) note(line int, text string, args ...any) {
	s.Notes = append(s.Notes, Note{Line: line, Text: fmt.Sprintf(text, args...)})
}

// adapter notes what crosses between nodes, which does not depend on nginx.
func (s *SiteReport) adapter(r results) {
	arrived := func(o *outcome) string {
		if o == nil || o.all.Delivery.Cross.Due == 0 {
			return ""
		}
		return format.Number(o.all.Delivery.Cross.Arrived) + " of " + format.Number(o.all.Delivery.Cross.Due)
	}
	without, with := arrived(r[steady]), arrived(r[behind])
	if s.Nodes < 2 || without == "" {
		return
	}
	text := "Messages between nodes need an adapter, such as the Redis adapter, whatever this file contains: without it " + without + " arrived"
	if with != "" {
		text += ", with it " + with
	}
	s.note(0, "%s.", text)
}

// lockout notes how long no client gets in after all nodes were down.
func (s *SiteReport) lockout(g *target, r results) {
	o := r[death]
	if o == nil {
		return
	}
	longest := time.Duration(0)
	for _, u := range g.usable() {
		longest = max(longest, u.FailTimeout)
	}
	connected := func(mark int) (n int) {
		for _, c := range o.clients {
			if c.connected(2) && c.connected(mark) {
				n++
			}
		}
		return n
	}
	if before, soon, late := connected(2), connected(3), connected(4); soon < before/2 {
		s.note(0, "When all nodes are down for two seconds, %s of %s clients are back five seconds later and %s after seventeen: nginx answers 502 until fail_timeout (%s) is over.",
			format.Number(soon), format.Number(before), format.Number(late), format.Seconds(longest))
	}
}

// servers notes what is unusual about the server lines.
func (g *target) servers(s *SiteReport) {
	all, away := 0, 0
	for _, u := range g.pools() {
		all += len(u.Servers)
		for _, line := range u.Servers {
			if line.Down || line.Backup {
				away++
			}
		}
	}
	switch {
	case away > 0 && s.Nodes == 1:
		s.note(g.upstream.Pos.Line, "only one of %d servers is in use, the others are down or backups: which node a client gets was not tried", all)
	case away > 0:
		s.note(g.upstream.Pos.Line, "%d of %d servers are down or backups", away, all)
	case s.Nodes == 1:
		s.note(g.upstream.Servers[0].Pos.Line, "there is one node: sessions cannot be split, and no node takes over when it dies")
	}
}

// finding assembles the finding of a failed criterion.
func (x *examination) finding(c *criterion, g *target, v verdict, verifiedFix *verifiedFix, later bool) Finding {
	f := Finding{
		ID: c.id, Grade: c.grade, Title: c.fails, Later: later, Experiment: c.experiment, Clients: v.judged, Seen: v.seen, Cause: c.cause(x, g, v),
		Lesson: x.lesson(c.lessonsFor(x, g)),
	}
	f.specialize(x, g, v)
	if f.doubt(g) {
		return f
	}
	if verifiedFix != nil {
		f.Fix = &Fix{Summary: verifiedFix.summary, Diff: diff(x.options.name(), g.source.Text(), verifiedFix.text.Text())}
	}
	return f
}

// specialize refines the title and the grade by what is special about the site.
func (f *Finding) specialize(x *examination, g *target, v verdict) {
	if f.ID == "sticky" && g.alwaysUpgrades() != nil {
		f.Title = "Polls are taken for WebSocket requests, and refused"
	} else if f.ID == "sticky" && v.passed(polling) {
		f.Title = "Clients that return no cookies lose their session"
	}
	if f.ID == "upgrade" && v.passed(websocket) {
		f.Title = "Sessions stay on polling: the WebSocket goes to another node"
		f.Lesson = x.lesson([]string{"upgrade-elsewhere"})
	}
	if f.ID == death && !slices.ContainsFunc(v.judged, func(s Affected) bool { return s.Bad > s.failures[got502Later] }) {
		f.Title = "Every time nginx tries a dead node again, a client gets 502"
	}
	if f.ID == large && x.tiny {
		f.Grade, f.Title = Breaks, "Messages of 64 KB, or a few sent together, are refused for their size"
	}
	if f.ID == bypass {
		f.Settle = "--behind if no client bypasses it, --direct if there is none"
	}
	if f.ID == behind && !x.proxied {
		f.Grade, f.Title = If, "If a proxy, a CDN or a load balancer is in front, every client lands on one node"
		f.Settle = "--behind if there is one, --direct if there is not"
	}
}

func (o Options) name() string {
	if o.Source == "" || o.Source == "standard input" {
		return "nginx.conf"
	}
	return o.Source
}

// lesson returns the first of the names that is a known lesson, or "".
func (x *examination) lesson(names []string) string {
	for _, name := range names {
		if x.options.Lessons == nil || slices.Contains(x.options.Lessons, name) {
			return name
		}
	}
	return ""
}

// conditional is 1 for a finding that depends on what the text does not settle,
// 0 for one that is certain.
func conditional(f Finding) int {
	if f.Grade == If {
		return 1
	}
	return 0
}

// conclude adds what all fixes together come to.
func (s *SiteReport) conclude(name string, from, to *target, last []verdict) {
	slices.SortStableFunc(s.Findings, func(a, b Finding) int { return conditional(a) - conditional(b) })
	s.Sound = !slices.ContainsFunc(last, verdict.failed)
	fixes := 0
	for _, f := range s.Findings {
		if f.Fix != nil {
			fixes++
		}
	}
	if from != to {
		s.Fixed = to.source.Text()
		if fixes > 1 {
			s.Together = diff(name, from.source.Text(), to.source.Text())
		}
	}
}
