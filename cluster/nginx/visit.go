package nginx

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Source has the variables of a request, by name without "$"; "" for what it does not
// have.
type Source interface{ Variable(name string) string }

// Visit is a request on its way through the phases of nginx up to its content: the
// rewriting of its URI, the search for its location, the files that are tried. The
// zero value is ready for Begin.
type Visit struct {
	config *Config
	source Source

	Server   *Server
	Location *Location // that of the server itself where none matches; nil before one is looked for
	Path     string    // $uri
	Args     string    // $args
	Length   int64     // of the body, -1 when it is not known
	Escaped  bool      // the request's path has escapes
	Plus     bool      // it has a "+"

	Rewritten bool // what is asked of an upstream is made of Path and Args, not what the client sent
	Cut       bool // the URI of a proxy_pass does not count: the location was left behind by break
	Internal  bool // inside a redirect of nginx's own
	Entered   bool // a location was found and may be used
	Fetch     bool // an error page at a URI is asked for: by GET, unless the request is HEAD

	left     int  // changes of the URI until it is taken for a cycle
	erred    bool // an error page was looked for
	changed  bool // by rewrite: a location is looked for again
	captures []string
	values   map[string]string // of set, named captures and maps
}

// maxChanges is how often a URI may change (NGX_HTTP_MAX_URI_CHANGES).
const maxChanges = 10

// Ending is how a phase answers a request itself; the zero value is that it does
// not, and Location has the content.
type Ending struct {
	Status   int    // of nginx's page, or of a redirect; 0 for none
	Redirect string // the value of Location
	Return   *Return
	Log      string // for the error log
}

// Begin finds the server of a request that came in on a local address.
func (v *Visit) Begin(c *Config, source Source, listen netip.AddrPort, host, path, args string) {
	*v = Visit{config: c, source: source, Path: path, Args: args, Length: v.Length, Escaped: v.Escaped, Plus: v.Plus, left: maxChanges + 1}
	servers := c.virtual(listen)
	if servers == nil {
		return
	}
	var by *pattern
	if v.Server, by = servers.find(hostName(host)); c.captures {
		v.match(by, hostName(host))
	}
}

// Inquire is Begin for a request that nginx itself makes to a URI, to ask about another one: the
// variables that the text sets are those of both (ngx_http_subrequest).
func (v *Visit) Inquire(of *Visit, source Source, uri string) {
	if of.values == nil {
		of.values = map[string]string{}
	}
	*v = Visit{config: of.config, source: source, Server: of.Server, Path: uri, left: maxChanges + 1, Internal: true, Rewritten: true, values: of.values}
}

// Set gives a variable of the text a value.
func (v *Visit) Set(name, value string) { v.keep(name, value) }

// Route runs the phases from the rewriting by the server up to the location's. It
// must follow Begin.
func (v *Visit) Route() Ending {
	if v.Server == nil {
		return Ending{Status: 404}
	}
	if end, _ := v.run(v.Server.ops); end != (Ending{}) {
		return end
	}
	v.changed = false
	return v.search()
}

// search finds the location of the URI, and again while rewrite changes it.
func (v *Visit) search() Ending {
	for {
		if end := v.find(); end != (Ending{}) {
			return end
		}
		if end, _ := v.run(v.Location.ops); end != (Ending{}) || !v.changed {
			return end
		}
		if v.changed = false; v.spent() {
			return cycle("processing", v.Path)
		}
	}
}

func cycle(doing, to string) Ending {
	return Ending{Status: 500, Log: "rewrite or internal redirection cycle while " + doing + " \"" + to + "\""}
}

func (v *Visit) spent() bool {
	v.left--
	return v.left == 0
}

// find looks for the location (ngx_http_core_find_config_phase).
func (v *Visit) find() Ending {
	l, slash, by := v.Server.find(v.Path)
	v.Location = &v.Server.own
	if l != nil {
		v.Location = l
		for _, p := range by {
			if v.config.captures {
				v.match(p, v.Path)
			}
		}
	}
	if v.Location.Internal && !v.Internal {
		return Ending{Status: 404}
	}
	v.enter()
	if most := v.Location.MaxBody; most > 0 && v.Length > most {
		return Ending{Status: 413, Log: "client intended to send too large body: " + strconv.FormatInt(v.Length, 10) + " bytes"}
	}
	if slash {
		to := EscapeURI(v.Path) + "/"
		if v.Args != "" {
			to += "?" + v.Args
		}
		return Ending{Status: 301, Redirect: to}
	}
	return Ending{}
}

// enter enters the location, or its limit_except where the method is not among those
// that it names (ngx_http_update_location_config).
func (v *Visit) enter() {
	v.Entered = true
	if l := v.Location; l.excepted != nil && !allows(l.methods, v.Variable("request_method")) {
		v.Location = l.excepted
	}
}

// TryFiles goes where try_files of the location leads when no file exists.
func (v *Visit) TryFiles() Ending {
	files := v.Location.TryFiles
	last := files[len(files)-1]
	if code, ok := strings.CutPrefix(last, "="); ok {
		n, _ := number(code)
		return Ending{Status: n}
	}
	return v.GoTo(v.Expand(last))
}

// GoTo redirects internally: to a named location, or to a URI.
func (v *Visit) GoTo(to string) Ending {
	if name, ok := strings.CutPrefix(to, "@"); ok {
		return v.named(name)
	}
	v.Path, v.Args, _ = strings.Cut(to, "?")
	if v.spent() {
		return cycle("internally redirecting to", v.Path)
	}
	v.Internal, v.Rewritten, v.Cut = true, true, false
	return v.Route()
}

func (v *Visit) named(name string) Ending {
	if v.spent() {
		return cycle("redirect to named location", "@"+name)
	}
	if v.Path == "" {
		return Ending{Status: 500, Log: "empty URI in redirect to named location \"@" + name + "\""}
	}
	i := slices.IndexFunc(v.Server.Locations, func(l *Location) bool { return l.Modifier == "@" && l.Path == name })
	if i < 0 {
		return Ending{Status: 500, Log: "could not find named location \"@" + name + "\""}
	}
	v.Internal, v.changed, v.Location = true, false, v.Server.Locations[i]
	v.enter()
	if end, _ := v.run(v.Location.ops); end != (Ending{}) || !v.changed {
		return end
	}
	if v.changed = false; v.spent() {
		return cycle("processing", v.Path)
	}
	return v.search()
}

// ErrorPage goes where error_page leads for a status. status is the one to answer
// with instead, 0 for that of the page itself; ok is false when there is none.
func (v *Visit) ErrorPage(was int) (end Ending, status int, ok bool) {
	if v.Server == nil || v.erred || v.left == 0 {
		return Ending{}, 0, false
	}
	l := v.location()
	if len(l.ErrorPages) == 0 {
		return Ending{}, 0, false
	}
	v.erred = !l.recursive
	for _, p := range l.ErrorPages {
		if p.Status != was {
			continue
		}
		to := v.Expand(p.To)
		if status = was; p.Answer >= 0 {
			status = p.Answer
		}
		if strings.HasPrefix(to, "/") || strings.HasPrefix(to, "@") {
			v.Fetch = v.Fetch || to[0] == '/'
			return v.GoTo(to), status, true
		}
		if !slices.Contains([]int{301, 302, 303, 307, 308}, status) {
			status = 302
		}
		return Ending{Status: status, Redirect: to}, 0, true
	}
	return Ending{}, 0, false
}

// Target returns what a proxy_pass without variables asks its upstream for. raw is what
// the client asked for (ngx_http_proxy_create_request).
func (v *Visit) Target(p *ProxyPass, raw string) string {
	if p.URI == "" && !v.Rewritten {
		return raw
	}
	uri, rest := p.URI, v.Path
	switch {
	case v.Cut:
		uri = ""
	case uri != "":
		rest = strings.TrimPrefix(rest, v.Location.Path)
	}
	if v.Escaped || v.Internal {
		rest = EscapeURI(rest)
	}
	if v.Args == "" {
		return uri + rest
	}
	return uri + rest + "?" + v.Args
}

// URLs returns the rules for URLs where the request is.
func (v *Visit) URLs() URLs {
	switch {
	case v.Location != nil:
		return v.Location.URLs
	case v.Server != nil:
		return v.Server.own.URLs
	}
	return URLs{}
}

// Expand replaces the variables of a value.
func (v *Visit) Expand(value string) string {
	if strings.IndexByte(value, '$') < 0 {
		return value
	}
	return Expand(value, v.Variable)
}

// Variable returns the value of a variable for the request, "" for none.
func (v *Visit) Variable(name string) string { return v.variable(name, 0) }

func (v *Visit) variable(name string, depth int) string {
	if len(name) == 1 && digits(name) {
		if n := int(name[0] - '0'); n < len(v.captures) {
			return v.captures[n]
		}
		return ""
	}
	if value, ok := v.values[name]; ok {
		return value
	}
	switch name {
	case "uri", "document_uri":
		return v.Path
	case "args", "query_string":
		return v.Args
	case "request_method":
		if method := v.source.Variable(name); !v.Fetch || method == "HEAD" {
			return method
		}
		return "GET"
	case "is_args":
		if v.Args != "" {
			return "?"
		}
		return ""
	}
	if arg, ok := strings.CutPrefix(name, "arg_"); ok {
		return Argument(v.Args, arg)
	}
	if m := v.config.byVariable[name]; m != nil {
		if depth > maxMapDepth || v.spentOnMaps() {
			return ""
		}
		value := v.lookUp(m, depth)
		v.keep(name, value)
		return value
	}
	return v.source.Variable(name)
}

// maxMapDepth ends maps that refer to each other in a circle.
const maxMapDepth = 20

func (v *Visit) lookUp(m *Map, depth int) string {
	inner := func(name string) string { return v.variable(name, depth+1) }
	key := Expand(m.Source, inner)
	value, p := m.find(key)
	if m.shares != nil || m.networks != nil { // no variables there
		return value
	}
	if p != nil && v.config.captures {
		v.match(p, key)
	}
	return Expand(value, inner)
}

func (v *Visit) spentOnMaps() bool { return len(v.values) > maxMapSteps }

// keep remembers the value of a variable.
func (v *Visit) keep(name, value string) {
	if v.values == nil {
		v.values = map[string]string{}
	}
	v.values[name] = value
}

// match keeps the captures of an expression, those with names as variables; nil, or no
// match, leaves none.
func (v *Visit) match(p *pattern, text string) bool {
	if p == nil {
		return false
	}
	v.captures = p.find(text)
	if v.captures == nil {
		return false
	}
	for i, name := range p.names {
		if name != "" && i < len(v.captures) {
			v.keep(name, v.captures[i])
		}
	}
	return true
}
