package nginx

import (
	"errors"
	"strings"
	"testing"

	"stickylab/cluster/spell"
)

func TestParseMethod(t *testing.T) {
	for _, s := range []string{
		"round_robin", "ip_hash", "least_conn", "random", "random two", "random two least_conn", "hash $remote_addr", "hash $arg_x$cookie_y consistent",
		`hash "a b"`, "hash $connection_key",
	} {
		m, err := ParseMethod(s)
		if err != nil || m.String() != s {
			t.Errorf("%q: got %q, %v", s, m, err)
		}
		if again, err := ParseMethod(" " + s + " ; "); err != nil || again.String() != s {
			t.Errorf("%q with a semicolon: got %q, %v", s, again, err)
		}
	}
	for s, want := range map[string]string{
		"":                    "empty",
		"iphash":              `did you mean "ip_hash"?`,
		"sticky cookie a":     "unknown method, it is round_robin, ip_hash, hash, least_conn or random",
		"ip_hash on":          "invalid number of arguments",
		"hash":                "invalid number of arguments",
		"hash $x maybe":       `invalid parameter "maybe"`,
		"hash ${x":            "the closing bracket",
		"random three":        `invalid parameter "three"`,
		"ip_hash; least_conn": "one directive is expected",
		"ip_hash }":           `unexpected "}"`,
		"hash {":              "one directive is expected",
		`hash "x`:             "the quote that opens here is not closed",
	} {
		if _, err := ParseMethod(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", s, err, want)
		}
	}
}

func TestAnUnknownMethodNamesTheNearest(t *testing.T) {
	_, err := ParseMethod("iphash")
	var wrong *spell.Unknown
	if !errors.As(err, &wrong) || wrong.Near != "ip_hash" || wrong.Problem != `balancing method "iphash": unknown method` {
		t.Errorf("%#v", err)
	}
	if got, want := err.Error(), `balancing method "iphash": unknown method, did you mean "ip_hash"?`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
