package nginx

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// mapPattern is a "~" line of a map.
type mapPattern struct {
	pattern *pattern
	value   string
}

// mapBlock reads a map block (ngx_http_map_module).
func (r *reader) mapBlock(d *syntax.Directive) {
	m := &Map{Pos: d.Pos, Source: d.Args[0].Text, exact: map[string]string{}, names: map[string]string{}}
	r.uses(d.Args[0])
	if !r.mapVariable(m, d.Args[1]) {
		return
	}
	hostnames := slices.ContainsFunc(d.Block, func(line *syntax.Directive) bool { return line.Name == "hostnames" && len(line.Args) == 0 })
	seen := map[string]bool{}
	for _, line := range d.Block {
		r.mapLine(m, line, hostnames, seen)
	}
}

// mapVariable reads the name of the variable that a block defines.
func (r *reader) mapVariable(m *Map, arg syntax.Word) bool {
	name, ok := strings.CutPrefix(arg.Text, "$")
	if !ok || !validVariable(name) {
		r.Fail(BadValue, arg.Pos, `it begins with "$"`, "invalid variable name %q", arg.Text)
		return false
	}
	if known, _ := r.table().find(name); known && !strings.HasPrefix(name, "http_") {
		r.Fail(Duplicate, arg.Pos, "nginx has a variable of this name", "the duplicate %q variable", name)
	}
	m.Variable = name
	r.config.Maps = append(r.config.Maps, m)
	return true
}

// Values returns what the variable can be, in the order of the text; "" among them
// where no line is sure to match. They may hold variables themselves.
func (m *Map) Values() []string {
	all, sure := slices.Clone(m.values), m.Default != ""
	for _, s := range m.shares {
		all, sure = append(all, s.value), sure || s.below == 0
	}
	if !sure {
		all = append(all, "")
	}
	var list []string
	for _, v := range all {
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

func (r *reader) mapLine(m *Map, d *syntax.Directive, hostnames bool, seen map[string]bool) {
	switch {
	case d.IsBlock:
		r.Fail(BadForm, d.Pos, "", `unexpected "{"`)
		return
	case len(d.Args) == 0 && (d.Name == "hostnames" || d.Name == "volatile"):
		return
	case d.Name == "include" && !d.Quoted:
		r.include(d)
		return
	case len(d.Args) != 1:
		r.Fail(BadForm, d.Pos, "a line is a key and a value", "invalid number of the map parameters")
		return
	}
	value := d.Args[0].Text
	r.uses(d.Args[0])
	switch key := d.Name; {
	case key == "default":
		if seen[key] {
			r.Fail(Duplicate, d.Pos, "", "duplicate default map parameter")
		}
		seen[key] = true
		m.Default = value
		m.values = append(m.values, value)
	case strings.HasPrefix(key, "~"):
		r.mapPattern(m, d, value)
	default:
		key, escaped := strings.CutPrefix(key, `\`)
		key = strings.ToLower(key)
		into := m.exact
		if hostnames && !escaped && (strings.HasPrefix(key, ".") || strings.Contains(key, "*")) {
			into = m.names
			if !validName(key) {
				r.Fail(BadValue, d.Pos, "", "invalid hostname or wildcard %q", d.Name)
			}
		}
		for _, taken := range taken(key, hostnames && !escaped) {
			if seen[taken] {
				r.Fail(Duplicate, d.Pos, "", "conflicting parameter %q", d.Name)
				return
			}
			seen[taken] = true
		}
		into[key] = value
		m.values = append(m.values, value)
	}
}

// taken lists what a key of a map takes, so that no other key may: ".x" is "x" and
// "*.x" (ngx_hash_add_key).
func taken(key string, hostnames bool) []string {
	if rest, ok := strings.CutPrefix(key, "."); ok && hostnames {
		return []string{"=" + rest, "=*." + rest}
	}
	return []string{"=" + key}
}

func (r *reader) mapPattern(m *Map, d *syntax.Directive, value string) {
	expr, fold := strings.CutPrefix(d.Name[1:], "*")
	p := r.pattern(d.Pos, fold, expr)
	if p == nil {
		return
	}
	m.patterns = append(m.patterns, mapPattern{p, value})
	m.values = append(m.values, value)
}

// find returns the value of a key: exact lines first, then host names, then
// patterns in order, then the default; by is the pattern that has found it, nil for none.
func (m *Map) find(key string) (value string, by *pattern) {
	switch {
	case m.shares != nil:
		return split(m.shares, key), nil
	case m.networks != nil:
		return m.place(key), nil
	}
	lower := strings.ToLower(key)
	if v, ok := m.exact[lower]; ok {
		return v, nil
	}
	best, rank, length := "", noMatch, 0
	for name, value := range m.names {
		if n := matchName(name, lower); n > rank || n == rank && n != noMatch && len(name) > length {
			best, rank, length = value, n, len(name)
		}
	}
	if rank != noMatch {
		return best, nil
	}
	for _, p := range m.patterns {
		if key != "" && p.pattern.matches(key) { // ngx_http_map_find tries none on an empty key
			return p.value, p.pattern
		}
	}
	return m.Default, nil
}
