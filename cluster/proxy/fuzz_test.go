package proxy

import (
	"strings"
	"testing"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
)

// FuzzLookup promises that an argument or cookie is a piece of what the client
// sent, whatever that was.
func FuzzLookup(f *testing.F) {
	f.Add("EIO=4&sid=abc", "sid")
	f.Add("a; b=c; ;d=", "b")
	f.Add("&&=&=x", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		if v := nginx.Argument(text, name); !strings.Contains(text, v) || strings.Contains(v, "&") {
			t.Errorf("Argument(%q, %q) = %q", text, name, v)
		}
		if v := cookie(wire.Headers{{Name: "Cookie", Value: text}}, name); !strings.Contains(text, v) || strings.Contains(v, ";") {
			t.Errorf("cookie(%q, %q) = %q", text, name, v)
		}
	})
}
