package proxy

import (
	"strconv"
	"strings"
)

// version is an nginx version: three numbers.
type version [3]int

// parseVersion reads "1.22" or "1.31.5". Of a branch the first stable release
// is meant, for 1.22 the one that the recorded choices come from.
func parseVersion(s string) version {
	switch s {
	case "":
		s = "1.30.0"
	case "1.22":
		s = "1.22.1"
	}
	var v version
	for i, part := range strings.SplitN(s, ".", 3) {
		v[i], _ = strconv.Atoi(part)
	}
	return v
}

func (v version) String() string {
	return "nginx/" + strconv.Itoa(v[0]) + "." + strconv.Itoa(v[1]) + "." + strconv.Itoa(v[2])
}

func (v version) atLeast(w version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] > w[i]
		}
	}
	return true
}

// modern tells whether HTTP/1.1 and kept connections to the upstream are the
// default, as they are from 1.29.7 on.
func (v version) modern() bool { return v.atLeast(version{1, 29, 7}) }
