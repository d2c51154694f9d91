// Package export writes a scenario for the real programs: nginx, Redis and
// nodes that run alone.
package export

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"stickylab/cluster/nginx/edit"
	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Options say what is written. Plan and Name must be set.
type Options struct {
	Plan   *plan.Plan
	Name   string // of the scenario
	Listen string // where clients connect; default 127.0.0.1:8080. Not of Kubernetes
	Image  string // of stickylab; default DefaultImage. Of Kubernetes alone
}

const defaultListen = "127.0.0.1:8080"

// place is the address of a node outside the simulation.
type place struct {
	node    scenario.Node
	address string
}

// proxyText returns the proxy's configuration with other addresses: listen maps
// those of listen directives, places has those of the nodes. It fails when a server
// line stands for several nodes.
func proxyText(p *plan.Plan, places []place, listen func(string) string) (*syntax.Tree, error) {
	var lost error
	t, err := edit.Relocate(p.Config.Tree, listen, func(address string) string {
		to, err := locate(p, places, address)
		lost = cmp.Or(err, lost)
		return to
	})
	return t, cmp.Or(err, lost)
}

// locate returns the new address of the node that an address leads to; one that
// leads to none stays. It fails when the address leads to several.
func locate(p *plan.Plan, places []place, address string) (string, error) {
	host, port := cut(address)
	addresses, ok := p.LookupHost(host)
	if !ok {
		a, err := netip.ParseAddr(host)
		if err != nil {
			return address, nil
		}
		addresses = []netip.Addr{a}
	}
	var found []string
	for _, a := range addresses {
		for _, at := range places {
			if at.node.Listen == netip.AddrPortFrom(a, uint16(port)) {
				found = append(found, at.address)
			}
		}
	}
	switch len(found) {
	case 0:
		return address, nil
	case 1:
		return found[0], nil
	}
	return address, fmt.Errorf("server %s resolves to several nodes (%s): list them", address, strings.Join(found, ", "))
}

// cut takes an address apart as nginx does: a host, a port, or both.
func cut(written string) (host string, port int) {
	if n, err := strconv.Atoi(written); err == nil {
		return "", n
	}
	host, own, err := net.SplitHostPort(written)
	if n, wrong := strconv.Atoi(own); err == nil && wrong == nil {
		return host, n
	}
	return strings.Trim(written, "[]"), 80
}

// notes returns what the real programs will do differently.
func notes(p *plan.Plan) []string {
	var list []string
	for _, f := range p.Fronts {
		list = append(list, fmt.Sprintf("the front (%s) is left out: clients connect to the proxy", f.Name))
	}
	if a := p.File.Adapter; a != scenario.AdapterNone && a != scenario.AdapterRedis {
		list = append(list, fmt.Sprintf("stickylab node has no adapter %s: no message crosses nodes", a))
	}
	for _, u := range p.Config.Upstreams {
		if u.Sticky != nil {
			list = append(list, fmt.Sprintf("upstream %q uses sticky: nginx 1.29.6 or newer has it", u.Name))
		}
		if u.Method.Name == "hash" && len(u.Method.Args) > 1 {
			list = append(list, fmt.Sprintf("the ring of upstream %q is made of the server lines as written: with other addresses clients land elsewhere", u.Name))
		}
	}
	for _, s := range p.Config.Servers {
		for _, l := range s.Listen {
			if l.TLS {
				list = append(list, fmt.Sprintf("port %d speaks TLS: nginx needs the certificates that the configuration names", l.Port))
			}
		}
	}
	if len(p.Steps) > 0 {
		list = append(list, "the steps are left out: do them yourself")
	}
	return list
}

// head returns the comment at the beginning of a file.
func head(o Options, more ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, from the scenario %s of stickylab.\n", format.Line(o.Plan.File.Title), format.Line(o.Name))
	for _, line := range more {
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	return b.String()
}

// plain matches names that YAML takes for nothing but text.
var plain = regexp.MustCompile(`^[A-Za-z]+-[A-Za-z0-9-]*$|^[A-Za-z]{3,}[0-9]+$`)

// key returns a name as a key or an entry of a list in YAML.
func key(name string) string {
	if plain.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

var filled = regexp.MustCompile(`(?m)^.*\S`)

// indented puts a margin before each line that is not empty.
func indented(text, margin string) string {
	text = filled.ReplaceAllStringFunc(text, func(line string) string { return margin + line })
	return strings.TrimRight(text, "\n") + "\n"
}
