package nginx

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Version is a version of nginx: a release such as "1.22.1", or a branch such as
// "1.30", which means its first stable release. The zero value is
// DefaultVersion.
type Version string

// DefaultVersion is the nginx that is simulated unless told otherwise.
const DefaultVersion Version = "1.30"

// Versions are those that a scenario or a command line may name.
var Versions = []string{string(DefaultVersion), "1.22"}

// ParseVersion reads one of Versions; "" is DefaultVersion. It fails for any other
// text.
func ParseVersion(s string) (Version, error) {
	if s == "" {
		return DefaultVersion, nil
	}
	if slices.Contains(Versions, s) {
		return Version(s), nil
	}
	return "", fmt.Errorf("%q is neither %s nor %s", s, Versions[0], Versions[1])
}

// Release returns the version with all three numbers, "1.30.0".
func (v Version) Release() string {
	n := v.numbers()
	return fmt.Sprintf("%d.%d.%d", n[0], n[1], n[2])
}

// Server returns how nginx names itself in the Server header, "nginx/1.30.0".
func (v Version) Server() string { return "nginx/" + v.Release() }

// Compare returns -1, 0 or 1 as v is older than w, the same release, or newer.
func (v Version) Compare(w Version) int {
	a, b := v.numbers(), w.numbers()
	return slices.CompareFunc(a[:], b[:], cmp.Compare[int])
}

func (v Version) atLeast(w Version) bool { return v.Compare(w) >= 0 }

// numbers returns the three numbers; what is no number counts as 0.
func (v Version) numbers() (n [3]int) {
	switch v { // those that are usual are asked for at every request
	case "", DefaultVersion:
		return [3]int{1, 30, 0}
	case "1.22":
		return [3]int{1, 22, 1} // the release that the recorded choices come from
	}
	for i, part := range strings.SplitN(string(v), ".", 3) {
		n[i], _ = strconv.Atoi(part)
	}
	return n
}

// Modern reports whether HTTP/1.1 and kept connections to the upstream are the
// default, as from 1.29.7 on.
func (v Version) Modern() bool { return v.atLeast("1.29.7") }

// JoinsHeaders reports whether a variable has the values of all headers of its name, not
// of the first alone, as from 1.23.0 on.
func (v Version) JoinsHeaders() bool { return v.atLeast("1.23.0") }

// Knows407 reports whether there are a status text and a page for 407, as from 1.29.7 on.
func (v Version) Knows407() bool { return v.atLeast("1.29.7") }

// StrictAnswers reports whether an upstream's answer is refused for the length or coding
// of its body, and a header that comes twice is dropped, as from 1.23.0 on.
func (v Version) StrictAnswers() bool { return v.atLeast("1.23.0") }

// EarlyHints reports whether 103 of an upstream is understood, as from 1.29.0 on.
func (v Version) EarlyHints() bool { return v.atLeast("1.29.0") }

// HasSticky reports whether an upstream may have sticky, and its servers route and
// drain, as from 1.29.6 on.
func (v Version) HasSticky() bool { return v.atLeast("1.29.6") }

// StrictHeads reports whether requests are read by the stricter rules that 1.29.3 to
// 1.29.8 brought: for the host, CONNECT, the ends of lines in chunked bodies, and the
// number of headers.
func (v Version) StrictHeads() bool { return v.atLeast("1.29.8") }

// hasHTTP2Upstream reports whether proxy_http_version may be 2.
func (v Version) hasHTTP2Upstream() bool { return v.atLeast("1.29.4") }

// hasResolve reports whether a server line may have resolve.
func (v Version) hasResolve() bool { return v.atLeast("1.27.3") }

// recent reports whether the version has the directives of the latest one rather
// than those of 1.24.
func (v Version) recent() bool { return v.atLeast("1.29.0") }
