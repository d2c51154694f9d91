package nginx

import crossplane "github.com/nginxinc/nginx-go-crossplane"

// The bits of crossplane's directive table, which are those of nginx's
// ngx_conf_file.h in the lower half. crossplane does not export them: a test
// compares them with directives whose form is known.
const (
	argBlock = 0x100
	argExpr  = 0x200
	argFlag  = 0x400
	argAny   = 0x800
	arg1More = 0x1000
	arg2More = 0x2000

	inMgmt        = 0x20000
	inMain        = 0x40000
	inEvents      = 0x80000
	inMail        = 0x100000
	inMailServer  = 0x200000
	inStream      = 0x400000
	inStreamSrv   = 0x800000
	inStreamUps   = 0x1000000
	inHTTP        = 0x2000000
	inServer      = 0x4000000
	inLocation    = 0x8000000
	inUpstream    = 0x10000000
	inServerIf    = 0x20000000
	inLocationIf  = 0x40000000
	inLimitExcept = 0x80000000
	inOIDC        = 0x100000000
)

// origin is where a directive comes from.
type origin byte

const (
	fromNginx  origin = iota
	fromPlus          // nginx's commercial version
	fromModule        // a module that is built apart
	fromNewer         // an nginx newer than the one asked for
	fromOlder         // one that is older: it was removed
)

// source is a part of crossplane's table.
type source struct {
	match crossplane.MatchFunc
	from  origin
}

// Where a directive is looked for, first in newest or oldest, as the version is.
var (
	newest  = []source{{crossplane.MatchOssLatest, fromNginx}, {crossplane.MatchOss124, fromOlder}}
	oldest  = []source{{crossplane.MatchOss124, fromNginx}, {crossplane.MatchOssLatest, fromNewer}}
	further = []source{
		{crossplane.MatchNginxPlusLatest, fromPlus},
		{crossplane.MatchNjsLatest, fromModule},
		{crossplane.MatchLuaLatest, fromModule},
		{crossplane.MatchHeadersMoreLatest, fromModule},
		{crossplane.MatchGeoip2Latest, fromModule},
		{crossplane.MatchOtelLatest, fromModule},
	}
)

// lookup returns the places and arguments of a directive, one mask for each
// form that it has; nil when it is unknown. With fromNewer it is unknown to the
// version.
func (v Version) lookup(name string) ([]uint, origin) {
	first := newest
	if !v.recent() {
		first = oldest
	}
	for _, list := range [][]source{first, further} {
		for _, s := range list {
			if masks, ok := s.match(name); ok {
				if name == "least_time" { // it came after the stable 1.30
					return masks, fromNewer
				}
				return masks, s.from
			}
		}
	}
	return nil, fromNginx
}

// takes reports whether a form of a directive takes that many arguments.
func takes(mask uint, n int) bool {
	return n <= 7 && mask>>n&1 != 0 ||
		mask&argAny != 0 ||
		mask&arg1More != 0 && n >= 1 ||
		mask&arg2More != 0 && n >= 2 ||
		mask&argFlag != 0 && n == 1
}

// context is the kind of block that a directive is in.
type context struct {
	bits  uint // 0 for a body without directives, or one that is not looked into
	name  string
	quiet bool // not simulated, so that a note on its block is enough
}

var (
	mainContext     = context{bits: inMain, name: "main"}
	fragmentContext = context{bits: inMain | inHTTP, name: "main"}
	httpContext     = context{bits: inHTTP, name: "http"}
	upstreamContext = context{bits: inUpstream, name: "upstream"}
	serverContext   = context{bits: inServer, name: "server"}
	locationContext = context{bits: inLocation, name: "location"}
)

// blocks are the contexts of the blocks that are looked into. The first of a name
// whose parent fits counts.
var blocks = []struct {
	name    string
	parent  uint // that the block must be in; 0 means any
	context context
}{
	{"http", 0, httpContext},
	{"events", 0, context{bits: inEvents, name: "events"}},
	{"mail", 0, context{inMail, "mail", true}},
	{"stream", 0, context{bits: inStream, name: "stream"}},
	{"mgmt", 0, context{inMgmt, "mgmt", true}},
	{"oidc_provider", 0, context{inOIDC, "oidc_provider", true}},
	{"server", inStream, context{bits: inStreamSrv, name: "server"}},
	{"upstream", inStream, context{bits: inStreamUps, name: "upstream"}},
	{"server", inMail, context{inMailServer, "server", true}},
	{"if", inServer, context{inServerIf, "if", true}},
	{"if", inLocation, context{inLocationIf, "if", true}},
	{"limit_except", 0, context{inLimitExcept, "limit_except", true}},
	{"upstream", 0, upstreamContext},
	{"server", 0, serverContext},
	{"location", 0, locationContext},
}

// enter returns the context of a directive's block. Where the directive was
// not allowed it is the one that its author must have meant.
func (c context) enter(name string) context {
	for _, b := range blocks {
		if b.name == name && (b.parent == 0 || b.parent == c.bits) {
			return b.context
		}
	}
	return context{name: name, quiet: true}
}

// places names the blocks in which a directive with these masks may stand;
// those outside of http only when there are no others.
func places(masks []uint) []string {
	var names []string
	for i, place := range []struct {
		bit  uint
		name string
	}{
		{inMain, "the top level"}, {inEvents, "events"}, {inHTTP, "http"}, {inUpstream, "upstream"}, {inServer, "server"}, {inLocation, "location"},
		{inServerIf | inLocationIf, "if"}, {inLimitExcept, "limit_except"}, {inStream | inStreamSrv | inStreamUps, "stream"}, {inMail | inMailServer, "mail"},
		{inMgmt, "mgmt"}, {inOIDC, "oidc_provider"},
	} {
		if i >= 8 && len(names) > 0 {
			break
		}
		if allowed(masks, context{bits: place.bit}) {
			names = append(names, place.name)
		}
	}
	return names
}

// IsDirective reports whether nginx, of any version, or a module that many builds have, has a
// directive of that name.
func IsDirective(name string) bool {
	masks, _ := DefaultVersion.lookup(name)
	return masks != nil
}
