package doctor

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/scenario"
)

// library reads and prepares each distinct text of an Examine once. It is safe
// for concurrent use.
type library struct {
	nginx.Cache
	version nginx.Version
	given   []scenario.Host // by the options

	mu       sync.Mutex
	prepared map[*syntax.Tree]*prepared
}

func newLibrary(v nginx.Version, given []scenario.Host) *library {
	return &library{version: v, given: given, prepared: map[*syntax.Tree]*prepared{}}
}

// prepare reads a text as far as it can be simulated. The problems are what
// nginx would refuse, and what cannot be diagnosed.
func (l *library) prepare(t *syntax.Tree) (*prepared, []syntax.Problem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.prepared[t]
	if p == nil {
		p = &prepared{library: l, tree: t, next: netip.AddrFrom4([4]byte{10, 99, 0, 1})}
		p.problems = p.prepare()
		l.prepared[t] = p
	}
	return p, p.problems
}

// prepared is a text made ready for the simulation: what cannot be simulated and
// decides nothing here is blanked out. Lines keep their numbers.
type prepared struct {
	*library
	*substitutes
	tree       *syntax.Tree
	config     *nginx.Config
	hosts      []scenario.Host
	sockets    map[string]string // by the address that is simulated in its place
	mapped     []string          // headers of proxies that maps read
	first      []Note            // what nginx refuses, or reads otherwise than meant
	notes      []Note
	dumped     bool // the text is the output of nginx -T
	repeated   int  // the line of a server that a template repeats, 0 without one
	overStream bool // connections are passed on, and no request is proxied
	bare       bool // the text has locations without a server block around them

	withheld []string // names of directives that are taken out, though the simulation has them

	next     netip.Addr       // for the next host name or socket
	problems []syntax.Problem // as prepare returned them
}

// A Note is something to know about the text that is no fault.
type Note struct {
	Line int    `json:"line,omitempty"` // 0 means of no line
	Text string `json:"text"`

	unread bool // it is about a file that was not read
	fatal  bool // nginx does not start
}

func (p *prepared) prepare() []syntax.Problem {
	p.dumped = p.tree.Whole()
	if len(p.tree.Problems) > 0 {
		return p.tree.Problems
	}
	p.substitutes = newSubstitutes(p.tree.Directives)
	p.sanitize()
	problems := p.parse()
	p.bare = p.config.Part == nginx.InsideServer || p.config.Part == nginx.InsideLocation
	for _, n := range p.config.Notes {
		if told[n.Code] {
			p.note(n.Pos.Line, "%s", n.Sentence())
		}
	}
	if unknown := p.suppose(); len(unknown) > 0 {
		p.tree = p.tree.Apply(unknown...)
		problems = p.parse()
	}
	p.name()
	p.misread()
	slices.SortStableFunc(p.notes, func(a, b Note) int { return a.Line - b.Line })
	return problems
}

func (p *prepared) parse() (problems []syntax.Problem) {
	p.config, problems = p.ParseTree(p.tree, p.version)
	return problems
}

// told are the notes of the reader that the report repeats.
var told = map[syntax.Code]bool{
	nginx.OfModule: true, nginx.Undefined: true, nginx.Placeholder: true, nginx.Substituted: true, nginx.NotSimulated: true,
}

// suppose puts one node into the proxy_pass lines that may lead to any.
func (p *prepared) suppose() []syntax.Change {
	lines := map[int]bool{}
	for _, x := range p.config.Notes {
		if x.Code == nginx.UnknownPass {
			lines[x.Pos.Line] = true
		}
	}
	var out []syntax.Change
	syntax.Each(p.tree.Directives, func(pass *syntax.Directive) {
		if pass.Name == "proxy_pass" && lines[pass.Pos.Line] && strings.Contains(pass.Arg(0), "$") {
			to := fmt.Sprintf("http://unknown-%d%s", pass.Pos.Line, portAtEnd.FindString(pass.Arg(0)))
			out = append(out, syntax.Replace(pass.Args[0], to))
			p.note(pass.Pos.Line, "where %s leads is known only when a request comes: one node is taken for it", pass.Arg(0))
		}
	})
	return out
}

// portAtEnd is the port that a proxy_pass ends with.
var portAtEnd = regexp.MustCompile(`:\d+$`)

func (p *prepared) note(line int, format string, args ...any) {
	p.add(Note{Line: line, Text: fmt.Sprintf(format, args...)})
}

func (p *prepared) add(n Note) {
	if !slices.Contains(p.notes, n) {
		p.notes = append(p.notes, n)
	}
}

// name gives each host that server lines name an address, but localhost, which has
// two; those in the options have what these say.
func (p *prepared) name() {
	known := map[string]bool{"": true, localhost: true}
	for _, h := range p.given {
		known[h.Name] = true
	}
	p.hosts = slices.Clone(p.given)
	for _, u := range p.config.Upstreams {
		for _, s := range u.Servers {
			if _, err := netip.ParseAddr(s.Host); err == nil || known[s.Host] {
				continue
			}
			known[s.Host] = true
			p.hosts = append(p.hosts, scenario.Host{Name: s.Host, Addresses: []netip.Addr{p.address()}})
		}
	}
}

// localhost is the name that has two addresses on most hosts, 127.0.0.1 and ::1.
const localhost = "localhost"

// settled reports whether the options say which addresses a host has.
func (l *library) settled(host string) bool {
	return slices.ContainsFunc(l.given, func(h scenario.Host) bool { return h.Name == host })
}

// address returns an address that no other host has.
func (p *prepared) address() netip.Addr {
	for slices.ContainsFunc(p.given, func(h scenario.Host) bool { return slices.Contains(h.Addresses, p.next) }) {
		p.next = p.next.Next()
	}
	a := p.next
	p.next = p.next.Next()
	return a
}

// unreadFiles reports whether a file that was not read may matter.
func (p *prepared) unreadFiles() bool {
	return slices.ContainsFunc(p.notes, func(n Note) bool { return n.unread })
}
