package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/format"
	"stickylab/sim/scenario"
)

// A Report is the diagnosis of a text. Its JSON form, schema 2, is this type's
// with "schema" and "verdict" ("breaks", "costs" or "works") before it; see
// WriteJSON. A finding's grade is "breaks", "costs" or "if".
type Report struct {
	Source   string        `json:"source"`
	Version  nginx.Version `json:"nginx_version"`
	Sites    []*SiteReport `json:"sites"`
	First    []Note        `json:"first,omitempty"` // what nginx refuses, or reads otherwise than meant
	Left     []Note        `json:"left,omitempty"`  // what was not examined, and why
	Notes    []Note        `json:"notes,omitempty"`
	NotTried []string      `json:"not_tried"`

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
	Assumed      string    `json:"assumed,omitempty"`       // of each server, and what settles it
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
	Diff    string `json:"diff"` // "" when it is not one of the text; unified, against the text, or for a later finding against the text with the fixes before it
}

func newSiteReport(g *target, r results) *SiteReport {
	s := &SiteReport{
		Server: g.title(), Upstream: g.upstream.Name, Method: g.upstream.Method.String(), Nodes: g.machines(), Path: g.path,
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
	g.taken(s)
	for _, line := range g.unread() {
		advice := "was not read: paste the output of nginx -T, or insert the file's text there"
		if g.dumped {
			advice = "was not inserted: insert the file's text there"
		}
		s.Unread = append(s.Unread, Note{Line: line.Pos.Line, Text: fmt.Sprintf("include %s %s", line.Arg(0), advice)})
	}
	s.NotSimulated = slices.DeleteFunc(g.notSimulated(), func(name string) bool { return strings.HasPrefix(name, "deny ") }) // its addresses are judged: see refusal
	s.Assumed = g.assumed(r)
	g.servers(s)
	g.script(s)
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

// failTimeout is the longest fail_timeout of the servers in use.
func (s *site) failTimeout() time.Duration {
	longest := time.Duration(0)
	for _, u := range s.usable() {
		longest = max(longest, u.FailTimeout)
	}
	return longest
}

// taken notes where Socket.IO is taken to be, and why.
func (g *target) taken(s *SiteReport) {
	if g.location == nil {
		return
	}
	at, line := g.location.Path, g.location.Pos.Line
	node := "the nodes are asked for it as well"
	if to := g.arrives(); to != g.path && to != "" {
		node = "the nodes are asked for " + to
	}
	switch {
	case g.plain:
		s.note(line, "location %s is taken for a WebSocket that is not Socket.IO, at %s: one connection for each client, no polling. If it is Socket.IO: --path %[2]s", at, g.path)
		s.note(line, "a WebSocket that is quiet for %s is cut: the service has to send pings more often", format.Seconds(min(g.location.Proxy.ReadTimeout, g.location.Proxy.SendTimeout)))
	case g.sign == upgraded && g.path != scenario.DefaultPath:
		s.note(line, "location %s passes Upgrade on: clients are taken to ask for %s, and %s. If Socket.IO has another path: --path PATH", at, g.path, node)
	case g.nodePath() != scenario.DefaultPath:
		s.note(line, "the nodes are taken to have the path %s, which they are asked for (the option path of the server)", g.nodePath())
	}
}

// assumed says what each server is taken for, which the text does not settle.
func (g *target) assumed(r results) string {
	if g.plain || r[processes] != nil {
		return ""
	}
	var names []string
	one := "one process"
	for _, u := range g.usable() {
		socket := g.sockets[u.Host]
		names = append(names, cmp.Or(socket, u.Address))
		if u.Host != localhost && !g.settled(u.Host) && socket == "" {
			one = "one address and one process"
		}
	}
	name := names[0]
	if len(names) > 1 {
		name = "each server"
	}
	return name + " is taken for " + one + ". IF several (PM2, --scale): --processes N"
}

// twice notes a server line that names localhost.
func (g *target) twice(s *SiteReport) {
	for _, u := range g.usable() {
		if u.Host == localhost && !g.settled(localhost) {
			s.note(u.Pos.Line, "localhost has two addresses in most hosts files, [::1] and 127.0.0.1: nginx makes two servers of it, and when the node restarts it answers 502 for up to %s (fail_timeout) after that. 127.0.0.1 is one, which nginx never gives up; --host localhost=127.0.0.1 if it is one here", format.Seconds(u.FailTimeout))
			return
		}
	}
}

// servers notes what is unusual about the server lines.
func (g *target) servers(s *SiteReport) {
	g.twice(s)
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
	case s.Nodes > 1 && away == 0 && g.connects():
		s.note(g.server.Pos.Line, "stream passes whole connections on: a WebSocket is one, a client that polls has several")
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
	is := c.of(x, g, v)
	f := Finding{
		ID: c.id, Grade: is.grade, Title: is.title, Later: later, Experiment: c.experiment, Clients: v.judged, Seen: v.seen, Cause: c.cause(x, g, v),
		Settle: is.settle, Lesson: x.lesson(is.lessons),
	}
	if g.repeated > 0 && f.Grade == Breaks && (c.id == "sticky" || c.id == "death") {
		f.Grade, f.Settle = If, "fill the template in: of one server nothing else is chosen"
		f.Title = fmt.Sprintf("If the loop around line %d makes several servers, %s%s", g.repeated, strings.ToLower(f.Title[:1]), f.Title[1:])
	}
	if c.elsewhere != "" {
		f.Fix = &Fix{Summary: c.elsewhere}
		return f
	}
	if f.doubt(g) {
		return f
	}
	if verifiedFix != nil {
		f.Fix = &Fix{Summary: verifiedFix.summary, Diff: diff(x.options.name(), g.source.Text(), verifiedFix.text.Text())}
	}
	return f
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

// rank orders findings: the worst first.
func rank(f Finding) int {
	for i, v := range verdicts {
		if v.grade == f.Grade {
			return i
		}
	}
	return len(verdicts)
}

// conclude adds what all fixes together come to.
func (s *SiteReport) conclude(name string, from, to *target, last []verdict) {
	slices.SortStableFunc(s.Findings, func(a, b Finding) int { return rank(a) - rank(b) })
	s.Sound = true
	for i, v := range last {
		s.Sound = s.Sound && (!v.failed() || criteria[i].elsewhere != "")
	}
	fixes := 0
	for _, f := range s.Findings {
		if f.Fix != nil && f.Fix.Diff != "" {
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
