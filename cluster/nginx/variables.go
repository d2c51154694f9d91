package nginx

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

func validVariable(name string) bool {
	for i := range len(name) {
		if !variableByte(name[i]) {
			return false
		}
	}
	return name != ""
}

func variableByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// nextVariable finds the first variable of a value: value[start:end] is its
// text with "$" and braces. wrong is what nginx says about a bad one
// (ngx_http_script_compile).
func nextVariable(value string) (start, end int, name, wrong string) {
	start = strings.IndexByte(value, '$')
	if start < 0 {
		return -1, -1, "", ""
	}
	i := start + 1
	if i < len(value) && '1' <= value[i] && value[i] <= '9' {
		return start, i + 1, value[i : i+1], ""
	}
	braced := i < len(value) && value[i] == '{'
	if braced {
		i++
	}
	end = i
	for end < len(value) && variableByte(value[end]) {
		end++
	}
	name = value[i:end]
	if braced {
		if end == len(value) || value[end] != '}' {
			return start, end, name, fmt.Sprintf("the closing bracket in %q variable is missing", name)
		}
		end++
	}
	if name == "" {
		return start, end, "", "invalid variable name"
	}
	return start, end, name, ""
}

// variablesIn lists the variables of a value, up to the first that is wrong.
func variablesIn(value string) (names []string, wrong string) {
	for {
		start, end, name, wrong := nextVariable(value)
		if start < 0 || wrong != "" {
			return names, wrong
		}
		names = append(names, name)
		value = value[end:]
	}
}

// uses checks that the variables of an argument exist. In a part of a configuration
// they may be defined elsewhere.
func (r *reader) uses(w syntax.Word) { r.check(w, r.partial()) }

// decides is uses where an empty value would choose another server.
func (r *reader) decides(w syntax.Word) { r.check(w, r.unread) }

func (r *reader) check(w syntax.Word, elsewhere bool) {
	names, wrong := variablesIn(w.Text)
	if wrong != "" {
		r.Fail(UnknownVariable, w.Pos, `"$" begins a variable`, "%s", wrong)
	}
	for _, name := range names {
		known, has := r.table().find(name)
		since := r.sinceVersion(name)
		if known && !r.version.atLeast(since) && since != "" && !r.variables[name] {
			r.Fail(UnknownVariable, w.Pos, fmt.Sprintf("nginx %s does not have it, it came with %s", r.version, since), "unknown %q variable", name)
			continue
		}
		if known && !has && !r.variables[name] {
			r.Note(NotSimulated, "$"+name, w.Pos, "", "$%s is not simulated: it is empty here", name)
		}
		capture := len(name) == 1 && digits(name)
		r.captures = r.captures || capture || r.named[name]
		if !r.foreign && !known && !capture && !r.variables[name] {
			near, hint := r.nearVariable(name)
			if elsewhere && !near {
				r.undefined(name, w.Pos)
				continue
			}
			r.Fail(UnknownVariable, w.Pos, hint, "unknown %q variable", name)
		}
	}
}

// nearVariable returns a hint about an unknown variable, and whether it is nearly
// one that exists.
func (r *reader) nearVariable(name string) (near bool, hint string) {
	if r.Full() {
		return false, ""
	}
	var candidates []string
	if !r.connections {
		candidates = append(candidates, "http_upgrade", "http_host", "http_connection", "http_x_forwarded_for", "http_x_real_ip", "http_cookie")
	}
	for name := range r.table().names {
		if since := r.sinceVersion(name); since == "" || r.version.atLeast(since) {
			candidates = append(candidates, name)
		}
	}
	candidates = slices.AppendSeq(candidates, maps.Keys(r.variables))
	slices.Sort(candidates)
	if near := spell.Nearest(name, candidates); near != "" {
		return true, spell.Meant("$" + near)
	}
	if name == "connection_upgrade" {
		return false, "it comes from a map: " + usualMap
	}
	return false, ""
}

// defining are the directives that define variables with their arguments.
var defining = map[string]bool{
	"map": true, "geo": true, "split_clients": true, "set": true, "perl_set": true, "js_set": true, "js_var": true, "auth_request_set": true,
	"keyval": true, "auth_jwt_claim_set": true, "auth_jwt_header_set": true, "set_by_lua": true, "set_by_lua_block": true, "set_by_lua_file": true,
	"geoip2": true, "otel_trace": true,
}

// captures finds the named ones of a regular expression.
var captures = regexp.MustCompile(`\(\?P?<(\w{1,63})>`)

// define collects the variables that the text defines, also those that are
// named captures of regular expressions.
func (r *reader) define(list []*syntax.Directive) {
	for _, d := range list {
		r.defineAll(d, defining[d.Name])
		switch {
		case d.Name == "set" && len(d.Args) == 2:
			name := strings.TrimPrefix(d.Arg(0), "$")
			if v := d.Arg(1); !slices.Contains(r.sets[name], v) {
				r.sets[name] = append(r.sets[name], v)
			}
		case d.Name == "resolver":
			r.resolver = true
		}
		r.define(d.Block)
	}
}

func (r *reader) defineAll(d *syntax.Directive, defines bool) {
	if d.Name == "geoip2" {
		for _, line := range d.Block {
			r.defineWord(line.Name)
		}
	}
	first := 0
	if d.Name == "map" || d.Name == "split_clients" {
		first = 1 // the source comes before
	}
	for i, arg := range d.Args {
		if defines && i >= first {
			r.defineWord(arg.Text)
		}
		r.defineCaptures(arg.Text)
	}
	r.defineCaptures(d.Name) // the line of a map
}

func (r *reader) defineCaptures(text string) {
	if !strings.Contains(text, "(?") {
		return
	}
	for _, found := range captures.FindAllStringSubmatch(text, -1) {
		r.defineWord("$" + found[1])
		r.named[found[1]] = true
	}
}

func (r *reader) defineWord(text string) {
	name, ok := strings.CutPrefix(text, "$")
	if ok && validVariable(name) {
		r.variables[name] = true
	}
}
