package doctor

import (
	"fmt"
	"net/netip"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// rules are the allow and deny lines that apply to the site: those of the innermost block that has
// any.
func (g *target) rules() (lines []*syntax.Directive, rules []nginx.AccessRule) {
	for _, level := range g.levels() {
		for _, d := range level {
			if d.Name != "allow" && d.Name != "deny" {
				continue
			}
			lines = append(lines, d)
			if rule, ok := nginx.ReadAccessRule(d); ok {
				rules = append(rules, rule)
			}
		}
		if len(lines) > 0 {
			break
		}
	}
	return lines, rules
}

// perRange is how many addresses of each range are asked about.
const perRange = 8

// refusedByRule counts the addresses of the experiments' clients that the rules of the site refuse.
// line is the deny that refuses the first of them, nil when none does.
func (g *target) refusedByRule() (line *syntax.Directive, refused, all int) {
	lines, rules := g.rules()
	access := &nginx.Access{Rules: rules}
	var first netip.Addr
	for _, kind := range kinds {
		for _, origin := range []string{world, office, nat} {
			a := addresses(kind, origin).Prefix.Addr()
			for range perRange {
				all++
				if access.Permits(a, false) != 0 {
					if refused++; !first.IsValid() {
						first = a
					}
				}
				if origin == nat {
					break
				}
				a = a.Next()
			}
		}
	}
	for _, d := range lines {
		rule, ok := nginx.ReadAccessRule(d)
		if first.IsValid() && ok && !rule.Allow && (&nginx.Access{Rules: []nginx.AccessRule{rule}}).Permits(first, false) != 0 {
			return d, refused, all
		}
	}
	return nil, refused, all
}

// refusal is the hazard of allow and deny: for whom they are meant is not in the text.
func (x *examination) refusal(g *target) (Finding, bool) {
	line, refused, all := g.refusedByRule()
	if line == nil {
		return Finding{}, false
	}
	f := Finding{
		ID: "forbidden", Grade: If, Clients: []Affected{},
		Title:  "If clients come from addresses that deny refuses, requests of Socket.IO get 403",
		Cause:  g.at(line, fmt.Sprintf("it refuses %[2]d of the %[1]d addresses that were asked about", all, refused)),
		Settle: "do all clients come from the addresses that the allow lines name?",
	}
	if g.connects() {
		f.Title = "If clients come from addresses that deny refuses, their connections are closed"
	}
	return f, true
}
