//go:build peers

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"stickylab/ui/internal/chromium"
)

// site is built once for all tests.
var site = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "stickylab-site")
	if err != nil {
		return "", err
	}
	return folder, build(folder, io.Discard)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := site(); err == nil {
		os.RemoveAll(folder)
	}
	os.Exit(code)
}

// served is the site on a plain static host, which sets no header that the site needs.
func served(t *testing.T) *httptest.Server {
	t.Helper()
	folder, err := site()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(s.Close)
	return s
}

// fails when the browser complained of anything.
func quiet(t *testing.T, p *chromium.Tab) {
	t.Helper()
	if c := p.Complaints(""); len(c) > 0 {
		t.Errorf("the browser complains: %q", c)
	}
}

const click = `document.getElementById(%q).click()`

// The picture opens and plays in a tab; a message crosses once the adapter is on, and its dots are seen moving.
func TestPeersTwoRegionsInATab(t *testing.T) {
	s := served(t)
	p := chromium.Start(t).Open(s.URL+"/#two-regions", 1280, 800, false)
	p.Until(`document.querySelectorAll("#stage .client.ink-0").length === 20 && document.querySelectorAll("#stage .client.ink-1").length === 20`)
	p.Until(`document.querySelector("#last .loss")?.textContent.includes("adapter off")`)
	p.Until(`document.querySelectorAll("#stage .dots circle:not([display])").length > 0`)
	chromium.Eval[any](p, fmt.Sprintf(click, "adapter"))
	p.Until(`document.getElementById("adapter").getAttribute("aria-pressed") === "true"`)
	p.Until(`document.querySelectorAll("#stage .link.on").length === 2`)
	p.Until(`document.querySelectorAll("#last .branches li").length === 2 && !document.querySelector("#last .loss")`)
	p.Until(`document.getElementById("matrix-since").textContent.includes("since")`)

	chromium.Eval[any](p, `document.querySelector("#stage .client").dispatchEvent(new MouseEvent("click"))`)
	p.Until(`document.getElementById("closer").innerText.includes("% 6271 =")`)
	chromium.Eval[any](p, fmt.Sprintf(click, "play"))
	p.Until(`document.getElementById("play").textContent === "Play"`)
	chromium.Eval[any](p, `(() => { const s = document.getElementById("scrub"); s.value = 9000; s.dispatchEvent(new Event("input")); s.dispatchEvent(new Event("change")); })()`)
	p.Until(`document.getElementById("time").textContent.startsWith("0:09.0")`)
	quiet(t, p)
}

// A lesson stops at its question, says what came of the answer, and ends with the cause.
func TestPeersLessonInATab(t *testing.T) {
	s := served(t)
	p := chromium.Start(t).Open(s.URL+"/#lesson/two-regions", 1280, 800, false)
	answer := func(text string) {
		p.Until(`[...document.querySelectorAll("#lesson .choices button:not(:disabled)")].length > 1`)
		chromium.Eval[any](p, fmt.Sprintf(`[...document.querySelectorAll("#lesson .choices button:not(:disabled)")].find((b) => b.textContent === %q).click()`, text))
		p.Until(`document.querySelector("#lesson .outcome.now button")`)
		chromium.Eval[any](p, `document.querySelector("#lesson .outcome.now button").click()`)
	}
	p.Until(`document.querySelector("#lesson .said")`)
	chromium.Eval[any](p, `(() => { const s = document.getElementById("speed"); s.value = "10"; s.dispatchEvent(new Event("change")); })()`)
	answer("Only Beijing")
	answer("None at all")
	p.Until(`document.querySelector("#lesson .end")`)
	if text := chromium.Eval[string](p, `document.getElementById("lesson").innerText`); !strings.Contains(text, "unless an adapter tells it") || strings.Count(text, "Right.") != 2 {
		t.Errorf("the lesson says:\n%s", text)
	}
	quiet(t, p)
}

// The page reaches no other server, and neither does its worker: the browser refuses it.
func TestPeersNothingIsUploaded(t *testing.T) {
	reached := make(chan string, 10)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		reached <- r.URL.Path
	}))
	defer other.Close()
	s := served(t)
	p := chromium.Start(t).Open(s.URL+"/", 1280, 800, false)
	p.Until(`document.querySelector("#catalogue a")`)
	outcome := chromium.Eval[string](p, fmt.Sprintf(`fetch(%q).then(() => "reached", () => "refused")`, other.URL+"/page"))
	inWorker := chromium.Eval[string](p, fmt.Sprintf(`new Promise((resolve) => {
		const code = "fetch(%s).then(() => postMessage('reached'), () => postMessage('refused'))";
		const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { type: "module" });
		worker.onmessage = ({ data }) => resolve(data);
		worker.onerror = () => resolve("error");
	})`, "'"+other.URL+"/worker'"))
	if outcome != "refused" || inWorker != "refused" {
		t.Errorf("from the page: %s, from the worker: %s", outcome, inWorker)
	}
	select {
	case path := <-reached:
		t.Errorf("the other server was asked for %s", path)
	default:
	}
}

// Screenshots for people to look at: light and dark, in three sizes.
func TestPeersLooks(t *testing.T) {
	s := served(t)
	b := chromium.Start(t)
	p := b.Open(s.URL+"/", 1280, 800, false)
	p.Until(`document.querySelector("#catalogue a")`)
	for _, view := range []struct{ name, hash, ready string }{
		{"picker", "", `document.querySelector("#catalogue a")`},
		{"run", "two-regions@16.4s", `document.getElementById("time").textContent.startsWith("0:16.4") && !document.getElementById("run").hidden`},
		{"lesson", "lesson/two-regions", `document.querySelector("#lesson .choices button:not(:disabled)")`},
	} {
		chromium.Eval[any](p, fmt.Sprintf(`location.hash = %q`, view.hash))
		p.Until(view.ready)
		for _, scheme := range []string{"light", "dark"} {
			p.Prefer("prefers-color-scheme", scheme)
			for _, size := range [][2]int{{1280, 800}, {1920, 1080}, {390, 844}} {
				p.Resize(size[0], size[1], size[0] < 500)
				p.Until(`document.documentElement.scrollWidth <= innerWidth`)
				p.Screenshot(filepath.Base(fmt.Sprintf("site-%s-%s-%d", view.name, scheme, size[0])))
			}
		}
	}
	quiet(t, p)
}
