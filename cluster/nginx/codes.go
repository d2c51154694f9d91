package nginx

import "stickylab/cluster/nginx/syntax"

// Codes of problems; that of the syntax is syntax.Malformed.
const (
	UnknownDirective syntax.Code = "unknown-directive" // nginx, or this version of it, does not have it
	UnknownVariable  syntax.Code = "unknown-variable"  // or a "$" that begins none
	UnknownHost      syntax.Code = "unknown-host"      // a name where an address is needed; also of a note
	UnknownPass      syntax.Code = "unknown-pass"      // where a proxy_pass with variables leads to cannot be known
	UnknownZone      syntax.Code = "unknown-zone"      // of limit_req or limit_conn
	Misplaced        syntax.Code = "misplaced"         // not allowed where it stands
	BadForm          syntax.Code = "bad-form"          // the wrong number of arguments, or a block missing or too many
	BadValue         syntax.Code = "bad-value"         // an argument that nginx refuses
	Duplicate        syntax.Code = "duplicate"         // what may stand only once
	NoServers        syntax.Code = "no-servers"        // an upstream without any that is not a backup
	NotSimulated     syntax.Code = "not-simulated"     // nginx takes it, this proxy cannot; also of a note
)

// Codes of notes. The Subject of a note is the directive, parameter or name that
// it is about.
const (
	NoEffect        syntax.Code = "no-effect"        // known to nginx, without effect here
	OfModule        syntax.Code = "of-module"        // a directive of a module that is built apart
	Refused         syntax.Code = "refused"          // nginx refuses it, and so the whole text; it can be read all the same
	NoFiles         syntax.Code = "no-files"         // it depends on files, of which there are none here
	NotRead         syntax.Code = "not-read"         // a file that is included
	Undefined       syntax.Code = "undefined"        // a variable of a part that is not in the text
	Placeholder     syntax.Code = "placeholder"      // of a template that is not filled in
	Substituted     syntax.Code = "substituted"      // something else is simulated in its place
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
