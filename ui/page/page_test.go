package page_test

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"stickylab/ui/page"
)

func ask(h http.Handler, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAnswers(t *testing.T) {
	h := page.Handler()
	for _, c := range []struct {
		method, path string
		status       int
		media        string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/?name=ann", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/page.css", 200, "text/css; charset=utf-8"},
		{"GET", "/client.js", 200, "text/javascript; charset=utf-8"},
		{"HEAD", "/client.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/icon.svg", 200, "image/svg+xml"},
		{"GET", "/socket.io.LICENSE.txt", 200, "text/plain; charset=utf-8"},
		{"GET", "/index.html", 404, "text/plain; charset=utf-8"},
		{"GET", "/assets/", 404, "text/plain; charset=utf-8"},
		{"GET", "/favicon.ico", 404, "text/plain; charset=utf-8"},
		{"GET", "/../page.go", 404, "text/plain; charset=utf-8"},
		{"GET", "//", 404, "text/plain; charset=utf-8"},
		{"POST", "/nowhere", 404, "text/plain; charset=utf-8"},
		{"POST", "/", 405, "text/plain; charset=utf-8"},
		{"DELETE", "/client.js", 405, "text/plain; charset=utf-8"},
	} {
		r := ask(h, c.method, c.path)
		text := body(t, r)
		if r.StatusCode != c.status || r.Header.Get("Content-Type") != c.media {
			t.Errorf("%s %s: got %d %q, want %d %q", c.method, c.path, r.StatusCode, r.Header.Get("Content-Type"), c.status, c.media)
		}
		if c.method == "HEAD" && (text != "" || r.Header.Get("Content-Length") == "0") {
			t.Errorf("HEAD %s: %d bytes, Content-Length %q", c.path, len(text), r.Header.Get("Content-Length"))
		}
		if allow := r.Header.Get("Allow"); (c.status == 405) != (allow == "GET, HEAD") {
			t.Errorf("%s %s: Allow %q", c.method, c.path, allow)
		}
		if p := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'; ") ||
			strings.Contains(p, "unsafe") || strings.Contains(p, "*") || strings.Contains(p, "http") {
			t.Errorf("%s %s: policy %q", c.method, c.path, p)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: types may be guessed", c.method, c.path)
		}
	}
}

func TestWhatABrowserKeptIsAskedFor(t *testing.T) {
	h := page.Handler("im-3030")
	for _, p := range []string{"/", "/page.css", "/socket.io.esm.min.js"} {
		first := ask(h, "GET", p)
		tag := first.Header.Get("ETag")
		if tag == "" || first.Header.Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: ETag %q, Cache-Control %q", p, tag, first.Header.Get("Cache-Control"))
		}
		again := ask(h, "GET", p, "If-None-Match", tag)
		if text := body(t, again); again.StatusCode != 304 || text != "" || again.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s again: got %d and %d bytes, want 304 with the policy", p, again.StatusCode, len(text))
		}
		if r := ask(h, "GET", p, "If-None-Match", `"old"`); r.StatusCode != 200 {
			t.Errorf("%s with an old tag: got %d", p, r.StatusCode)
		}
	}
	if a, b := ask(h, "GET", "/").Header.Get("ETag"), ask(page.Handler(), "GET", "/").Header.Get("ETag"); a == b {
		t.Error("the page of other nodes has the same tag")
	}
}

func TestTheNodesAreInThePage(t *testing.T) {
	attribute := regexp.MustCompile(`data-nodes="([^"]*)"`)
	for _, c := range []struct {
		nodes []string
		want  string
	}{
		{nil, `[]`},
		{[]string{"im-3030", "im-5080"}, `["im-3030","im-5080"]`},
		{[]string{`"><script>`}, `["\"\u003e\u003cscript\u003e"]`},
	} {
		text := body(t, ask(page.Handler(c.nodes...), "GET", "/"))
		m := attribute.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%q: no attribute", c.nodes)
		}
		if got := html.UnescapeString(m[1]); got != c.want {
			t.Errorf("%q: got %s, want %s", c.nodes, got, c.want)
		}
	}
}

// Whatever a file of the page refers to is served, in a type that browsers
// accept with nosniff; nothing comes from elsewhere or appears where the policy
// forbids it.
func TestThePageIsComplete(t *testing.T) {
	h := page.Handler()
	refers := regexp.MustCompile(`(?:src|href)="(/[^"]*)"|from "\.(/[^"]*)"|import "\.(/[^"]*)"`)
	seen := map[string]bool{}
	var visit func(p string)
	visit = func(p string) {
		if seen[p] {
			return
		}
		seen[p] = true
		r := ask(h, "GET", p)
		if r.StatusCode != 200 {
			t.Errorf("%s: status %d", p, r.StatusCode)
			return
		}
		if path.Base(p) == "socket.io.esm.min.js" {
			return
		}
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || strings.HasSuffix(p, ".js") != (media == "text/javascript") {
			t.Errorf("%s: type %q", p, media)
		}
		text := body(t, r)
		for _, bad := range []string{" style=", " onclick=", "<style", "innerHTML", "eval(", "@import", "url("} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q", p, bad)
			}
		}
		for _, m := range refers.FindAllStringSubmatch(text, -1) {
			visit(m[1] + m[2] + m[3])
		}
	}
	visit("/")
	entries, err := os.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "index.html" && !seen["/"+e.Name()] {
			t.Errorf("nothing refers to %s", e.Name())
		}
	}
}

// The official client is the published file: its digest is that of
// dist/socket.io.esm.min.js in socket.io-client 4.8.4.
func TestTheClientIsTheOfficialOne(t *testing.T) {
	const digest = "771c3872e7d9bf81020615fda67ef0fd2aa61fcaf1990100714a46fa2c39f8a1"
	h := page.Handler()
	text := body(t, ask(h, "GET", "/socket.io.esm.min.js"))
	if sum := sha256.Sum256([]byte(text)); hex.EncodeToString(sum[:]) != digest {
		t.Errorf("its digest is %x", sum)
	}
	version := "4.8.4"
	if !strings.Contains(text[:100], "Socket.IO v"+version) {
		t.Error("its banner names another version")
	}
	for p, want := range map[string]string{
		"/":                      "socket.io-client " + version,
		"/socket.io.LICENSE.txt": "socket.io-client " + version,
	} {
		if !strings.Contains(body(t, ask(h, "GET", p)), want) {
			t.Errorf("%s does not name %s", p, want)
		}
	}
	if !strings.HasPrefix(body(t, ask(h, "GET", "/socket.io.LICENSE.txt")), "The MIT License (MIT)") {
		t.Error("its licence is not next to it")
	}
}
