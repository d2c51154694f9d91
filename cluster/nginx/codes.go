package nginx

import "stickylab/cluster/nginx/syntax"

// Codes of problems; that of the syntax is syntax.Malformed.
const (
	UnknownDirective syntax.Code = "unknown-directive" // nginx, or this version of it, does not have it
	UnknownVariable  syntax.Code = "unknown-variable"  // or a "$" that begins none
	UnknownHost      syntax.Code = "unknown-host"      // a name where an address is needed; also of a note
	UnknownPass      syntax.Code = "unknown-pass"      // where a proxy_pass with variables leads to cannot be known
	Misplaced        syntax.Code = "misplaced"         // not allowed where it stands
	BadForm          syntax.Code = "bad-form"          // the wrong number of arguments, or a block missing or too many
	BadValue         syntax.Code = "bad-value"         // an argument that nginx refuses
	Duplicate        syntax.Code = "duplicate"         // what may stand only once
	NoServers        syntax.Code = "no-servers"        // an upstream without any that is not a backup
	NotSimulated     syntax.Code = "not-simulated"     // nginx takes it, this proxy cannot
)

// Codes of notes. The Subject of a note is the directive, parameter or name that
// it is about.
const (
	NoEffect        syntax.Code = "no-effect"        // known to nginx, without effect here
	Unencrypted     syntax.Code = "unencrypted"      // TLS is simulated as plain text
	BadPass         syntax.Code = "bad-pass"         // a proxy_pass with variables can become what nginx refuses
	NeverMatches    syntax.Code = "never-matches"    // a location
	SuspiciousName  syntax.Code = "suspicious-name"  // a server_name
	MeaninglessBits syntax.Code = "meaningless-bits" // of a range of addresses
	Swallowed       syntax.Code = "swallowed"        // a directive taken as an argument of the one before
	Conflict        syntax.Code = "conflict"         // a server name that an earlier server has
	Redefined       syntax.Code = "redefined"        // a second balancing method
	LostKeepalive   syntax.Code = "lost-keepalive"   // keepalive before the balancing method
)
