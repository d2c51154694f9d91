package nginx

import (
	"regexp"
	"slices"
	"strings"
)

// mapPattern is a "~" line of a map.
type mapPattern struct {
	pattern *regexp.Regexp
	value   string
}

// mapBlock reads a map block (ngx_http_map_module).
func (r *reader) mapBlock(d *directive) {
	m := &Map{Pos: d.at, Source: d.args[0].text, exact: map[string]string{}, names: map[string]string{}}
	r.uses(d.args[0])
	if !r.mapVariable(m, d.args[1]) {
		return
	}
	hostnames := false
	for _, line := range d.block {
		hostnames = hostnames || line.text == "hostnames" && len(line.args) == 0
	}
	seen := once{}
	for _, line := range d.block {
		r.mapLine(m, line, hostnames, seen)
	}
}

// mapVariable reads the name of the variable that a block defines.
func (r *reader) mapVariable(m *Map, arg word) bool {
	name, ok := strings.CutPrefix(arg.text, "$")
	if !ok || !validVariable(name) {
		r.fail(arg.at, `it begins with "$"`, "invalid variable name %q", arg.text)
		return false
	}
	if builtin(name) && !strings.HasPrefix(name, "http_") {
		r.fail(arg.at, "nginx has a variable of this name", "the duplicate %q variable", name)
	}
	m.Variable = name
	r.config.Maps = append(r.config.Maps, m)
	return true
}

// Values are what the variable can be, in the order of the text; "" among them
// where no line is sure to match. They may hold variables themselves.
func (m *Map) Values() []string {
	var list []string
	add := func(v string) {
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	for _, v := range m.values {
		add(v)
	}
	for _, s := range m.shares {
		add(s.value)
	}
	if m.shares == nil && m.Default == "" || m.shares != nil && !slices.ContainsFunc(m.shares, func(s share) bool { return s.below == 0 }) {
		add("")
	}
	return list
}

func (r *reader) mapLine(m *Map, d *directive, hostnames bool, seen once) {
	switch {
	case d.isBlock:
		r.fail(d.at, "", `unexpected "{"`)
		return
	case len(d.args) == 0 && (d.text == "hostnames" || d.text == "volatile"):
		return
	case d.text == "include" && !d.quoted:
		r.fail(d.at, "put the lines themselves here", `"include" is not supported`)
		return
	case len(d.args) != 1:
		r.fail(d.at, "a line is a key and a value", "invalid number of the map parameters")
		return
	}
	value := d.args[0].text
	r.uses(d.args[0])
	switch key := d.text; {
	case key == "default":
		if seen[key] {
			r.fail(d.at, "", "duplicate default map parameter")
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
				r.fail(d.at, "", "invalid hostname or wildcard %q", d.text)
			}
		}
		if seen["="+key] {
			r.fail(d.at, "", "conflicting parameter %q", d.text)
			return
		}
		seen["="+key] = true
		into[key] = value
		m.values = append(m.values, value)
	}
}

func (r *reader) mapPattern(m *Map, d *directive, value string) {
	expr, flags := d.text[1:], ""
	if rest, ok := strings.CutPrefix(expr, "*"); ok {
		expr, flags = rest, "(?i)"
	}
	p := r.pattern(d.at, flags, expr)
	if p == nil {
		return
	}
	names, _ := variablesIn(value)
	for _, name := range names {
		if digits(name) || p.SubexpIndex(name) > 0 {
			r.fail(d.args[0].at, "give the value itself", "captures in a map are not simulated")
			return
		}
	}
	m.patterns = append(m.patterns, mapPattern{p, value})
	m.values = append(m.values, value)
}

// find returns the value of a key: exact lines first, then host names, then
// patterns in order, then the default.
func (m *Map) find(key string) string {
	if m.shares != nil {
		return split(m.shares, key)
	}
	lower := strings.ToLower(key)
	if v, ok := m.exact[lower]; ok {
		return v
	}
	best, rank, length := "", noMatch, 0
	for name, value := range m.names {
		if n := matchName(name, lower); n > rank || n == rank && n != noMatch && len(name) > length {
			best, rank, length = value, n, len(name)
		}
	}
	if rank != noMatch {
		return best
	}
	for _, p := range m.patterns {
		if p.pattern.MatchString(key) {
			return p.value
		}
	}
	return m.Default
}
