package proxy

import (
	"net/http"
	"strings"
	"testing"
)

// FuzzLookup promises that an argument or cookie is a piece of what the client
// sent, whatever that was.
func FuzzLookup(f *testing.F) {
	f.Add("EIO=4&sid=abc", "sid")
	f.Add("a; b=c; ;d=", "b")
	f.Add("&&=&=x", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		if v := argument(text, name); !strings.Contains(text, v) || strings.Contains(v, "&") {
			t.Errorf("argument(%q, %q) = %q", text, name, v)
		}
		if v := cookie(http.Header{"Cookie": {text}}, name); !strings.Contains(text, v) || strings.Contains(v, ";") {
			t.Errorf("cookie(%q, %q) = %q", text, name, v)
		}
	})
}

// FuzzTime promises that a time of the sticky directive is never negative.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"1h 30m", "90", "5m", "9999999999y", "x", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 16 {
			return
		}
		if d, ok := parseTime(s); ok && d < 0 {
			t.Errorf("parseTime(%q) = %v", s, d)
		}
	})
}
