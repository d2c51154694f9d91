package nginx

import (
	"cmp"
	"sync"

	"stickylab/cluster/nginx/syntax"
)

// reader turns directives into a Config.
type reader struct {
	syntax.Report
	version Version
	config  *Config

	variables map[string]bool     // those that the text defines
	foreign   bool                // they are defined in a text that is not here
	captures  bool                // some value holds captures of a regular expression
	unread    bool                // a file that is included is not in the text
	assumed   bool                // $connection_upgrade comes from the usual map
	resolver  bool                // nginx can look names up as it runs
	sets      map[string][]string // what set gives to variables
	zones     map[string]*LimitZone
	named     map[string]bool      // variables that are captures of regular expressions
	upstreams map[string]*Upstream // by name in lower case
	passes    []*pass              // proxy_pass lines, tied to upstreams at the end

	variablePasses []*pass // those with variables
	reachable      bool    // some server block listens on more than unix sockets
	connections    bool    // the stream context is read, not that of http
}

// Parse reads a whole nginx.conf or a fragment of one: upstream, server and
// map blocks without the http block around them, as they are pasted. The version
// decides which directives and parameters exist.
//
// All that nginx would refuse is returned, in the order of the text; so is
// what nginx accepts and this proxy cannot simulate. The Config is complete
// only if there are no problems, but never nil. Names of hosts are not
// resolved.
func Parse(text string, version Version) (*Config, []syntax.Problem) {
	return ParseTree(syntax.Scan(text), version)
}

// ParseTree is Parse for a text that is scanned already. It leaves the tree as it
// is.
func ParseTree(t *syntax.Tree, version Version) (*Config, []syntax.Problem) {
	r := &reader{
		version: cmp.Or(version, DefaultVersion), config: &Config{Tree: t, virtuals: &sync.Map{}}, variables: map[string]bool{}, upstreams: map[string]*Upstream{},
		sets: map[string][]string{}, zones: map[string]*LimitZone{}, named: map[string]bool{},
	}
	r.Add(t.Problems...)
	list := r.arrange(syntax.Clone(t.Directives)) // validation changes them
	top := fragmentContext
	if r.config.Part == Whole {
		top = mainContext
	}
	r.define(list)
	list = r.validate(list, top)
	r.define(list)
	r.main(list, top)
	r.assume()
	if at := (syntax.Pos{Line: 1, Column: 1}); t.Marked() {
		r.Note(Refused, "byte order mark", at, "save the file without it", "nginx refuses a text that begins with a byte order mark")
	}
	r.index()
	r.tie()
	r.choices()
	r.checkListens()
	r.checkSockets()
	r.config.Notes = r.Notes()
	return r.config, r.Problems()
}

// index prepares what requests look up.
func (r *reader) index() {
	r.config.byVariable = map[string]*Map{}
	for _, m := range r.config.Maps {
		r.config.byVariable[m.Variable] = m
	}
	r.config.captures = r.captures
}

func (r *reader) main(tree []*syntax.Directive, c context) {
	for _, d := range tree {
		switch {
		case d.Broken:
		case d.Name == "worker_shutdown_timeout":
			r.config.WorkerShutdownTimeout = r.duration(d)
		case d.Name == "http":
			r.http(d.Block)
		case d.Name == "stream":
			r.stream(d.Block)
		}
	}
	if c.bits == fragmentContext.bits {
		r.http(tree)
	}
}

// http reads the body of the http block. What is inherited is collected first,
// since the order of a block does not matter to nginx.
func (r *reader) http(block []*syntax.Directive) {
	for _, d := range block { // a zone may be used before it is defined
		if !d.Broken && (d.Name == "limit_req_zone" || d.Name == "limit_conn_zone") {
			r.zone(d)
		}
	}
	for _, d := range syntax.Find(block, "server") {
		r.reachable = r.reachable || !overUnix(d)
	}
	level := r.level(block, defaults(r.version))
	for _, d := range block {
		if d.Broken {
			continue
		}
		if d.Name == "server" {
			r.server(d, level)
		} else {
			r.shared(d)
		}
	}
}

// shared reads a block that http and stream share: an upstream, or what gives a variable
// its values. It leaves any other directive alone.
func (r *reader) shared(d *syntax.Directive) {
	switch d.Name {
	case "upstream":
		r.upstream(d)
	case "map":
		r.mapBlock(d)
	case "split_clients":
		r.splitClients(d)
	case "geo":
		r.geo(d)
	}
}
