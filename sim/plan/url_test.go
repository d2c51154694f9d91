package plan_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// A path goes out as it is written, its escapes too, while nginx looks for its location
// with the escapes decoded.
func TestPathsOfURLs(t *testing.T) {
	for _, tt := range []struct{ path, sent, location string }{
		{"", "/socket.io/", "/socket.io/"},
		{"/", "/socket.io/", "/socket.io/"},
		{"/chat", "/chat/", "/chat/"},
		{"/a%0ab/", "/a%0ab/", "/a\nb/"},
		{"/a%00/", "/a%00/", "/a\x00/"},
		{"/a%7f/", "/a%7f/", "/a\x7f/"},
		{"/100%25/", "/100%25/", "/100%/"},
		{"/%73ocket.io", "/%73ocket.io/", "/socket.io/"},
		{"/a%2Fb", "/a%2Fb/", "/a/b/"},
		{"/a b/", "/a%20b/", "/a b/"},
		{"/é/", "/%C3%A9/", "/é/"},
	} {
		src := fmt.Appendf(nil, small("", "url: %s\n"), strconv.Quote("http://im.example.com"+tt.path))
		p := mustResolve(t, mustParse(t, "url.yaml", src), nil)
		if p.Target.Path != tt.sent || p.Target.Location() != tt.location || p.Upstream != "im" {
			t.Errorf("%s: %q is sent, to %q of %q", tt.path, p.Target.Path, p.Target.Location(), p.Upstream)
		}
	}
}

// What is not a URL, or would not be sent as it is, is refused wherever one is named.
func TestURLsThatAreRefused(t *testing.T) {
	doors := map[string]string{
		"file":    small("", "url: %s\n"),
		"group":   small(", url: %s", ""),
		"add":     small("", "steps:\n  - {at: 1s, add: b, ip: 10.9.0.0/24, url: %s}\n"),
		"variant": small("", "variants:\n  v: {url: %s, expect: []}\n"),
	}
	known := mustResolve(t, mustParse(t, "a.yaml", []byte(small("", ""))), nil).Names()
	for url, want := range map[string]string{
		"im.example.com":                                     "is not a URL",
		"ftp://im.example.com/":                              "is not a URL",
		"http:///socket.io/":                                 "is not a URL",
		"http://im example.com/":                             "is not a URL",
		"http://im\"example.com/":                            "is not a URL",
		"http://im.example.com/a\nb/":                        "is not a URL",
		"http://im.example.com/\x7f":                         "is not a URL",
		"http://im.example.com/a%zz/":                        `"%zz" is not an escape`,
		"http://im.example.com/a%":                           `"%" is not an escape`,
		"http://im.example.com:0/":                           `"0" is not a port`,
		"http://im.example.com:65536/":                       `"65536" is not a port`,
		"http://im.example.com:x/":                           "is not a URL",
		"http://im.example.com:81/":                          "nothing listens on port 81",
		"http://im.example.org/":                             "no host",
		"http://ada:pass@im.example.com/":                    "do not send all of",
		"http://im.example.com/#rooms":                       "do not send all of",
		"http://im.example.com/?sid=1":                       `sets "sid" itself`,
		"http://im.example.com/?a=b c":                       "is not the query",
		"http://im.example.com/" + strings.Repeat("a", 4000): "at most 4000",
	} {
		for door, file := range doors {
			_, errs := plan.Parse("a.yaml", fmt.Appendf(nil, file, strconv.Quote(url)))
			if len(errs) != 1 || errs[0].Line == 0 || !strings.Contains(errs.Error(), want) {
				t.Errorf("%s: %q: %v, want %q", door, url, errs, want)
			}
		}
		if _, err := scenario.ParseStep(known, "add b 10.9.0.0/24 url "+strconv.Quote(url)); err == nil {
			t.Errorf("in words: %q is taken", url)
		}
	}
}
