package nginx

import (
	"cmp"

	"stickylab/cluster/nginx/syntax"
)

// reader turns directives into a Config.
type reader struct {
	syntax.Report
	version Version
	config  *Config

	variables map[string]bool      // those that the text defines
	foreign   bool                 // they are defined in a text that is not here
	upstreams map[string]*Upstream // by name in lower case
	passes    []*pass              // proxy_pass lines, tied to upstreams at the end

	variablePasses []*pass // those with variables
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
	r := &reader{version: cmp.Or(version, DefaultVersion), config: &Config{Tree: t}, variables: map[string]bool{}, upstreams: map[string]*Upstream{}}
	r.Add(t.Problems...)
	list := syntax.Clone(t.Directives) // validation changes them
	top := fragmentContext
	if len(syntax.Find(list, "http")) > 0 {
		top = mainContext
	}
	list = r.validate(list, top)
	r.define(list)
	r.main(list, top)
	r.tie()
	r.choices()
	r.checkListens()
	r.config.Notes = r.Notes()
	return r.config, r.Problems()
}

func (r *reader) main(tree []*syntax.Directive, c context) {
	for _, d := range tree {
		switch {
		case d.Broken:
		case d.Name == "worker_shutdown_timeout":
			r.config.WorkerShutdownTimeout = r.duration(d)
		case d.Name == "http":
			r.http(d.Block)
		}
	}
	if c.bits == fragmentContext.bits {
		r.http(tree)
	}
}

// http reads the body of the http block. What is inherited is collected first,
// since the order of a block does not matter to nginx.
func (r *reader) http(block []*syntax.Directive) {
	level := r.level(block, defaults())
	for _, d := range block {
		if d.Broken {
			continue
		}
		switch d.Name {
		case "upstream":
			r.upstream(d)
		case "map":
			r.mapBlock(d)
		case "split_clients":
			r.splitClients(d)
		case "server":
			r.server(d, level)
		}
	}
}
