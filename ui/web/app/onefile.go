package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"path"
	"strings"
)

// Recorded is the engine of a page that holds the frames of a run itself.
const Recorded Engine = "recording"

// loader loads the modules of the page from the page itself, each after those that it imports.
const loader = `
const files = JSON.parse(document.getElementById("modules").textContent), urls = {};
const load = (name) => urls[name] ??= URL.createObjectURL(new Blob(
  [files[name].replace(/from "\.\/([\w-]+\.js)"/g, (_, other) => 'from "' + load(other) + '"')], { type: "text/javascript" }));
await import(load("main.js"));
`

// OneFile returns the page with everything in it. recording is its frames, as ui/web/recording makes them: lines of
// JSON, a wire.Opened and then wire.Frames, in gzip and base64. The page may load and reach nothing at all.
func OneFile(recording string) ([]byte, error) {
	files, err := Files(Recorded)
	if err != nil {
		return nil, err
	}
	modules := make(map[string]string)
	for name, text := range files {
		if path.Ext(name) == ".js" {
			modules[name] = string(text)
		}
	}
	embedded, err := json.Marshal(modules) // < is escaped, so that nothing ends the element
	if err != nil {
		return nil, err
	}
	css := string(files["app.css"])
	page := string(files["index.html"])
	m := policy.FindStringIndex(page)
	if m == nil {
		return nil, fmt.Errorf("index.html has no policy")
	}
	strict := fmt.Sprintf("default-src 'none'; script-src %s blob:; style-src %s; base-uri 'none'; form-action 'none'", sum(loader), sum(css))
	page = page[:m[0]] + fmt.Sprintf(`<meta http-equiv="Content-Security-Policy" content="%s">`, html.EscapeString(strict)) + page[m[1]:]
	for _, part := range []struct{ link, text string }{
		{`<link rel="icon" href="icon.svg">`, ""},
		{`<link rel="stylesheet" href="app.css">`, "<style>" + css + "</style>"},
		{`<script type="module" src="main.js"></script>`, `<script type="application/json" id="modules">` + string(embedded) + `</script>` +
			`<script type="text/plain" id="recording">` + recording + `</script>` + `<script type="module">` + loader + `</script>`},
	} {
		before, after, found := strings.Cut(page, part.link)
		if !found {
			return nil, fmt.Errorf("index.html has no %s", part.link)
		}
		page = before + part.text + after
	}
	return bytes.TrimSpace([]byte(page)), nil
}

// sum is the source of a policy that allows one text in the page.
func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(s[:]) + "'"
}
