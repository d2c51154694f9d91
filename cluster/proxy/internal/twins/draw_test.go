//go:build peers

package twins

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A drawing is one play while it is drawn.
type drawing struct {
	*rand.Rand
	seed, number uint64 // of the play: they decide about its addresses, so that plays can run at one time

	b         strings.Builder
	depth     int
	upstreams []string
	maps      int
	geos      int
	splits    int
	named     []string        // locations of the server that is drawn, where their names are known before they are
	listens   []string        // addresses that clients connect to
	names     []string        // of servers
	kept      bool            // upstreams may keep connections
	pages     bool            // error pages of all servers have URIs
	errs      bool            // those of this one
	reloads   bool            // another configuration follows
	block     map[string]bool // directives that the block has, of which nginx wants one
}

// draw draws the play of that number of a series.
func draw(seed uint64, number int) *play {
	d := &drawing{Rand: rand.New(rand.NewPCG(seed, uint64(number))), seed: seed, number: uint64(number)}
	d.reloads = d.chance(20)
	p := &play{text: d.configuration()}
	first := *d // the requests after a reload may be for servers that were
	count := 10 + d.IntN(30)
	for range count {
		if d.reloads && d.chance(5) {
			next := &drawing{Rand: d.Rand, seed: d.seed, number: d.number, reloads: true}
			p.steps = append(p.steps, step{verb: reload, reload: next.configuration()})
			next.listens = append(next.listens, first.listens...)
			d = next
		}
		p.steps = append(p.steps, d.steps()...)
	}
	return p
}

func (d *drawing) chance(percent int) bool { return d.IntN(100) < percent }

// pick draws one of some.
func (d *drawing) pick(from ...string) string { return from[d.IntN(len(from))] }

// ip is an address of the play.
func (d *drawing) ip(n int) string {
	return fmt.Sprintf("127.%d.%d.%d", 65+(d.seed*37+d.number/250)%180, 1+d.number%250, n)
}

// node is the address of a node.
func (d *drawing) node(n int) string { return fmt.Sprintf("%s:220%02d", d.ip(1+n/2), n) }

// port is one that servers listen on, some of them on all addresses.
func (d *drawing) port(n int) int { return 23000 + int((d.seed*977+d.number)%3500)*2 + n }

// nodes is how many a play has.
const nodes = 6

// line writes a line of the configuration.
func (d *drawing) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.depth))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// within writes a block.
func (d *drawing) within(head string, inside func()) {
	d.line("%s {", head)
	outer := d.block
	d.block = map[string]bool{}
	d.depth++
	inside()
	d.depth--
	d.block = outer
	d.line("}")
}

// once writes a directive that a block may hold once; now and then it does so again.
func (d *drawing) once(name, format string, args ...any) {
	if !d.block[name] || d.IntN(2000) == 0 {
		d.block[name] = true
		d.line(name+" "+format, args...)
	}
}

// some calls one of the functions, up to most times.
func (d *drawing) some(most int, of ...func()) {
	for range d.IntN(most + 1) {
		of[d.IntN(len(of))]()
	}
}

// configuration draws what is in an http block.
func (d *drawing) configuration() string {
	d.kept, d.block = d.chance(15), map[string]bool{}
	for range 1 + d.IntN(3) {
		d.upstream()
	}
	for range d.IntN(3) {
		d.mapping()
	}
	for range d.IntN(2) {
		d.geo()
	}
	for range d.IntN(2) {
		d.split()
	}
	if d.chance(40) {
		d.some(2, d.header, d.realIP, d.nextUpstream, d.errorPageURL, d.access, d.version, d.heads, d.bodySize)
		d.pages = d.errs
	}
	for range 1 + d.IntN(4) {
		d.server()
	}
	return d.completed()
}

// completed adds what defines variables that are used.
func (d *drawing) completed() string {
	text := d.b.String()
	for _, name := range []string{"s1", "s2"} {
		if strings.Contains(text, "$"+name) && !strings.Contains(text, "set $"+name+" ") {
			at := strings.LastIndex(text, "server_name")
			text = text[:at] + "set $" + name + " x;\n  " + text[at:]
		}
	}
	for _, name := range []string{"rest", "top", "sub"} {
		if strings.Contains(text, "$"+name) && !strings.Contains(text, "(?<"+name+">") {
			text = "map $http_x_none $no_" + name + " { \"~(?<" + name + ">.)\" 1; }\n" + text
		}
	}
	return text
}

func (d *drawing) anUpstream() string { return d.pick(d.upstreams...) }
