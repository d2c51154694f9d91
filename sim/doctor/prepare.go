package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/scenario"
)

// prepared is a text made ready for the simulation: what cannot be simulated and
// decides nothing here is blanked out. Lines keep their numbers.
type prepared struct {
	*substitutes
	text   string
	config *nginx.Config
	hosts  []scenario.Host
	mapped []string // headers of proxies that maps read
	notes  []Note
	old    bool // nginx before 1.29
	dumped bool // what nginx -T printed
	wrap   bool // the text has locations without a server block around them

	lost map[int]int // line of a location to that of its proxy_pass, which cannot be simulated

	next netip.Addr // for the next host name or socket
}

// A Note is something to know about the text that is no fault.
type Note struct {
	Line int    `json:"line,omitempty"` // 0 means of no line
	Text string `json:"text"`

	unread bool // it is about a file that was not read
}

// prepare reads a text as far as it can be simulated. The problems are what
// nginx would refuse, and what cannot be diagnosed.
func prepare(text string, version nginx.Version) (*prepared, []syntax.Problem) {
	tree, problems := scan(text)
	if len(problems) > 0 {
		return nil, problems
	}
	joined := undump(text, tree)
	dumped := joined != text
	if dumped {
		text = joined
		if tree, problems = scan(text); len(problems) > 0 {
			return nil, problems
		}
	}
	p := &prepared{substitutes: newSubstitutes(tree), text: text, old: !version.Modern(), dumped: dumped, next: netip.AddrFrom4([4]byte{10, 99, 0, 1})}
	b := &sanitizer{prepared: p, bytes: []byte(text), version: version, set: map[string]string{}}
	b.collect(tree)
	each(tree, func(s *syntax.Directive) {
		if s.Name == "map" {
			p.mapped = append(p.mapped, names(s.Arg(0))...)
		}
	})
	b.walk(tree, "")
	p.text = b.done()
	if p.wrap = wantsServer(tree); p.wrap {
		p.text = wrapped(p.text, tree)
	}
	p.define(tree, version)
	config, problems := nginx.Parse(p.text, nginx.Options{Version: version})
	if len(problems) > 0 && p.forget(problems) {
		config, problems = nginx.Parse(p.text, nginx.Options{Version: version})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	p.config = config
	p.name(config)
	slices.SortStableFunc(p.notes, func(a, b Note) int { return a.Line - b.Line })
	return p, nil
}

// forget blanks out proxy_pass lines whose variables cannot be simulated, if
// nothing else is wrong. The site that needs one cannot be examined.
func (p *prepared) forget(problems []syntax.Problem) bool {
	for _, x := range problems {
		if x.Code != nginx.UnknownPass {
			return false
		}
	}
	p.lost = map[int]int{}
	b := &sanitizer{bytes: []byte(p.text)}
	tree, _ := scan(p.text)
	each(tree, func(l *syntax.Directive) {
		for _, s := range l.Find("proxy_pass") {
			if slices.ContainsFunc(problems, func(x syntax.Problem) bool { return x.Pos.Line == s.Pos.Line && strings.Contains(s.Arg(0), "$") }) {
				b.blank(s.Start, s.End)
				p.lost[l.Pos.Line] = s.Pos.Line
				p.note(s.Pos.Line, "where %s leads is known only when a request comes; it was left out", s.Arg(0))
			}
		}
	})
	p.text = b.done()
	return true
}

func (p *prepared) note(line int, format string, args ...any) {
	p.add(Note{Line: line, Text: fmt.Sprintf(format, args...)})
}

func (p *prepared) add(n Note) {
	if !slices.Contains(p.notes, n) {
		p.notes = append(p.notes, n)
	}
}

// name gives each host that server lines name an address.
func (p *prepared) name(config *nginx.Config) {
	for _, u := range config.Upstreams {
		for _, s := range u.Servers {
			if _, err := netip.ParseAddr(s.Host); err == nil || s.Host == "" {
				continue
			}
			if slices.ContainsFunc(p.hosts, func(h scenario.Host) bool { return h.Name == s.Host }) {
				continue
			}
			a := netip.AddrFrom4([4]byte{127, 0, 0, 1})
			if s.Host != "localhost" {
				a = p.address()
				if u.Implicit {
					p.note(s.Pos.Line, "%q is assumed to have one address: with several, nginx would distribute requests among them round-robin, which was not tried", s.Host)
				}
			}
			p.hosts = append(p.hosts, scenario.Host{Name: s.Host, Addresses: []netip.Addr{a}})
		}
	}
}
