package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/plan"
	"stickylab/sim/population"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// A Scene is a scenario around an nginx.conf: the servers of one upstream are its nodes, and
// clients are in front of it. Nothing in it is judged.
type Scene struct {
	File  *scenario.File
	About string // what it is made around, and who its clients are
	First []Note // what nginx refuses, or reads otherwise than meant
	Left  []Note // where else clients might go
	Notes []Note // what was left out of the text or replaced, and what was taken for granted
}

// The lengths of what happens in a scene.
const (
	sceneLasts = time.Minute
	sceneSays  = 5 * time.Second // each client, again and again
)

// Around makes a scenario around an nginx.conf: that of the first route of Socket.IO clients
// that Examine would examine. Its base has the adapter of the options, none by default, and
// a variant has the other one. The problems are the faults that nginx itself would report;
// the error is ErrUnusable when there is nothing to make a scenario around.
func Around(text string, o Options) (*Scene, []syntax.Problem, error) {
	o.fill()
	texts := newLibrary(o.Version, o.Hosts)
	source := texts.Scan(strings.TrimPrefix(text, "\ufeff"))
	p, problems := texts.prepare(source)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	found := p.sites(choice{o.Path, o.Server, o.Upstream})
	if len(found.sites) == 0 {
		if len(found.left) > 0 {
			return nil, nil, fmt.Errorf("%w: nothing shows where Socket.IO is; line %d: %s", ErrUnusable, found.left[0].Line, found.left[0].Text)
		}
		return nil, nil, o.nothing(p)
	}
	x := newExamination(context.Background(), o, texts, found.sites[0])
	g := x.target(source)
	x.settleFrom(g.site)
	s := &Scene{First: p.first, Left: found.left, Notes: slices.Clone(p.notes)}
	if err := s.build(x, g); err != nil {
		return nil, nil, err
	}
	for _, other := range found.sites[1:] {
		s.Left = append(s.Left, Note{Line: other.server.Pos.Line, Text: other.title() + ": clients may go there, too" + other.toExamine()})
	}
	return s, nil, nil
}

// build makes the scenario and its variant.
func (s *Scene) build(x *examination, g *target) error {
	f := fileOf(g.prepared, g.site)
	f.Proxy.Nginx = withoutSpace(f.Proxy.Nginx)
	if !utf8.ValidString(f.Proxy.Nginx) {
		f.Proxy.Nginx = strings.ToValidUTF8(f.Proxy.Nginx, "?")
		s.Notes = append(s.Notes, Note{Text: "it is not text in UTF-8: what is not is ? here"})
	}
	f.Adapter = cmp.Or(x.options.Adapter, scenario.AdapterNone)
	f.Fronts = x.before(g.site)
	f.Title = x.options.name()
	f.Seed, f.Duration = x.options.Seed, sceneLasts
	var who []string
	f.Clients, who = g.sceneGroups()
	if x.options.Clients != nil {
		sample, err := x.population(f)
		if err != nil {
			return err
		}
		f.Clients, who = sample.Groups(g.sceneUser(sample.Clients())), []string{sample.Sentence(x.options.ClientsFile, x.options.Seed)}
		if left := sample.LeftOut(x.options.ClientsFile); left != "" {
			s.Notes = append(s.Notes, Note{Text: left})
		}
	}
	s.About = fmt.Sprintf("Made around %s: %s, upstream %s. Clients: %s.", x.options.name(), g.title(), g.upstream.Name, strings.Join(who, ", "))
	f.Summary = s.About
	if err := usable(f); err != nil {
		return err
	}
	s.File = f
	if p, _ := plan.Resolve(f, nil); x.options.Clients != nil {
		if text := population.Unreached(p.NoteTexts()); text != "" {
			s.Notes = append(s.Notes, Note{Text: text})
		}
	}
	if g.several() {
		s.vary(x.options.Adapter == "")
	}
	for _, front := range f.Fronts {
		s.Notes = append(s.Notes, Note{Text: fmt.Sprintf("clients come through a proxy in front, at %s", front.IP)})
	}
	if g.plain {
		s.Notes = append(s.Notes, Note{Line: g.location.Pos.Line, Text: fmt.Sprintf("%s is taken for a WebSocket that is not Socket.IO: its clients speak Socket.IO here, over WebSocket alone", g.path)})
	}
	if g.location == nil {
		s.Notes = append(s.Notes, Note{Line: g.server.Pos.Line, Text: fmt.Sprintf("no location that proxies takes %s: no client gets to a node", g.path)})
	}
	if idle := g.leftOut(); len(idle) > 0 {
		text := "without effect here: " + strings.Join(idle, ", ")
		s.Notes = append(s.Notes, Note{Text: text})
		f.Summary += " Of the file it is " + text + "."
	}
	return nil
}

// MostUsers is how many virtual clients stand for the users of a file at most.
const MostUsers = 200

// population draws the clients of a scenario from the users of the options. It fails when none
// of them can be one.
func (x *examination) population(f *scenario.File) (*population.Sample, error) {
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrUnusable, problems[0].Text)
	}
	s := x.options.Clients.Sample(MostUsers, x.options.Seed, func(a netip.Addr) bool { return !p.Taken(a) })
	if s.Total == 0 {
		return nil, fmt.Errorf("%w: no client is left: %s", ErrUnusable, s.LeftOut(x.options.ClientsFile))
	}
	return s, nil
}

// sceneUser is a user of a file of so many: all together say as much as few do.
func (g *target) sceneUser(of int) scenario.Group {
	u := scenario.NewGroup("users")
	for g.named(u.Name) {
		u.Name += "-here"
	}
	u.Connect = scenario.Span{Max: 3 * time.Second}
	u.Say = max(sceneSays, time.Duration(of/8)*time.Second)
	if g.plain {
		u.Transports = []string{scenario.Websocket}
	}
	return u
}

// leftOut lists the directives around the site that have no effect in a scene: "deny (line 7)".
func (g *target) leftOut() []string {
	out := g.notSimulated()
	for _, d := range slices.Concat(g.levels()...) {
		has := func(s string) bool { return strings.HasPrefix(s, d.Name+" (") }
		if slices.Contains(g.withheld, d.Name) && d.Arg(0) != "off" && !slices.ContainsFunc(out, has) {
			out = append(out, fmt.Sprintf("%s (line %d)", d.Name, d.Pos.Line))
		}
	}
	return out
}

// vary adds the variant with the other adapter; open means that the file's is taken for granted.
func (s *Scene) vary(open bool) {
	other := *s.File
	other.Of, other.Adapter, other.Summary = "with-adapter", scenario.AdapterRedis, "The same with the Redis adapter."
	if s.File.Adapter == scenario.AdapterRedis {
		other.Of, other.Adapter, other.Summary = "without-adapter", scenario.AdapterNone, "The same without an adapter."
	}
	s.File.Variants = []scenario.Variant{{Name: other.Of, File: &other}}
	if open {
		s.Notes = append(s.Notes, Note{Text: "whether the nodes share an adapter is not known: the scenario has none, its variant " + other.Of + " has one"})
	}
}

// withoutSpace takes the space from the ends of lines: what was taken out of a text leaves it there.
func withoutSpace(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.Join(lines, "\n")
}

// usable reports why a scenario cannot be run or written, as ErrUnusable.
func usable(f *scenario.File) error {
	text, err := plan.Marshal(f)
	if problems := (yamltree.Errors)(nil); errors.As(err, &problems) {
		return fmt.Errorf("%w: %s", ErrUnusable, problems[0].Text)
	} else if err != nil {
		return fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	if _, problems := plan.Parse("", text); len(problems) > 0 {
		return fmt.Errorf("%w: %s", ErrUnusable, problems[0].Text)
	}
	return nil
}

// sceneGroups are users of many networks, of one office and behind one address, and some whose
// network lets no WebSocket through; with who they are.
func (g *target) sceneGroups() (out []scenario.Group, who []string) {
	add := func(count int, what, name string, transports []string, ip ...scenario.Range) {
		for g.named(name) {
			name += "-users"
		}
		one := scenario.NewGroup(name)
		one.Count, one.IP, one.Say = count, ip, sceneSays
		one.Connect = scenario.Span{Max: 3 * time.Second}
		if transports != nil {
			one.Transports = transports
		}
		out = append(out, one)
		who = append(who, fmt.Sprintf("%d %s", count, what))
	}
	var usual []string
	if g.plain {
		usual = []string{scenario.Websocket}
	}
	add(16, "of many networks", world, usual, addresses(browser, world), addresses(websocket, world), addresses(native, world))
	add(8, "of one /24", office, usual, scenario.Range{Prefix: netip.MustParsePrefix("203.0.113.0/24")})
	add(8, "behind one address", nat, usual, addresses(browser, nat))
	if !g.plain {
		add(8, "that only poll", polling, []string{scenario.Polling}, addresses(polling, world))
	}
	return out, who
}

// named reports whether a host of the text has a name.
func (g *target) named(name string) bool {
	for _, u := range g.config.Upstreams {
		for _, s := range u.Servers {
			if strings.EqualFold(s.Host, name) {
				return true
			}
		}
	}
	return slices.ContainsFunc(g.prepared.hosts, func(h scenario.Host) bool { return strings.EqualFold(h.Name, name) })
}

// Sentences say what is to be known of a scene, as the report of the doctor does: "line 3: ...".
func (s *Scene) Sentences() (out []string) {
	for _, part := range []struct {
		head string
		list []Note
	}{{"First: ", s.First}, {"Left: ", s.Left}, {"Note: ", s.Notes}} {
		for _, n := range part.list {
			out = append(out, part.head+n.String())
		}
	}
	return out
}

// String is the note with its line, if it has one.
func (n Note) String() string {
	if n.Line == 0 {
		return n.Text
	}
	return fmt.Sprintf("line %d: %s", n.Line, n.Text)
}
