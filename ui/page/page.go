// Package page is the chat page that a node serves to browsers.
//
// Its client is the official one: dist/socket.io.esm.min.js of the npm package
// socket.io-client 4.8.4, byte for byte, with its licence next to it. What the
// page shows of a broken session is then what a developer's own client would
// say ("xhr poll error", "transport close"), and a browser that chats through
// the proxy is proof that the real client can. It costs 41 kB; own code would be
// smaller, would have to be kept like the real one, and would prove nothing.
// Everything else is a few small modules that the browser loads as they are:
// there is no build step.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"time"
)

//go:embed assets
var assets embed.FS

var index = template.Must(template.ParseFS(assets, "assets/index.html"))

// types are the media types by extension. The system's table is not asked: it
// differs from machine to machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// policy lets the page load and reach nothing but its own origin; 'self'
// includes WebSockets to it (CSP Level 3, section 6.7.2.8). Nothing may put
// text where it would run, and no other page may frame this one.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// headers are on every answer.
var headers = map[string]string{
	"Content-Security-Policy":      policy,
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// A file is one file of the page, as it is sent.
type file struct {
	name string
	body []byte
	tag  string // the entity tag
}

// Handler serves the page: the HTML at "/", its parts at "/page.css",
// "/client.js" and so on; 404 for other paths, 405 for methods other than GET
// and HEAD. Browsers ask again before they use what they kept (the names stay
// the same when the program changes) and are then told 304.
//
// The nodes are those of the cluster, in its order: the first is A in the
// first colour, as in the terminal. A node that is not among them, which is
// every one when none are given, gets a letter made from its name, the same in
// every browser.
func Handler(nodes ...string) http.Handler {
	files := load(nodes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range headers {
			h.Set(name, value)
		}
		f := files[r.URL.Path]
		switch {
		case f == nil:
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		default:
			h.Set("Cache-Control", "no-cache")
			h.Set("ETag", f.tag)
			h.Set("Content-Type", types[path.Ext(f.name)])
			http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.body))
		}
	})
}

// load returns the files by the path that they are served at. It panics when
// the program was built without them.
func load(nodes []string) map[string]*file {
	entries, err := assets.ReadDir("assets")
	if err != nil {
		panic(fmt.Sprintf("page: %v", err))
	}
	files := make(map[string]*file, len(entries))
	for _, e := range entries {
		body, err := assets.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(fmt.Sprintf("page: %v", err))
		}
		at := "/" + e.Name()
		if e.Name() == "index.html" {
			at, body = "/", render(nodes)
		}
		sum := sha256.Sum256(body)
		files[at] = &file{e.Name(), body, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	}
	return files
}

// render returns the HTML with the nodes in it.
func render(nodes []string) []byte {
	if nodes == nil {
		nodes = []string{}
	}
	list, err := json.Marshal(nodes)
	if err != nil {
		panic(fmt.Sprintf("page: %v", err))
	}
	var b bytes.Buffer
	if err := index.Execute(&b, string(list)); err != nil {
		panic(fmt.Sprintf("page: %v", err))
	}
	return b.Bytes()
}
