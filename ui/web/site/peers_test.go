//go:build peers

package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"stickylab/ui/internal/chromium"
	"stickylab/ui/web/board"
	"stickylab/ui/web/wire"
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

// quiet fails when the browser complained of anything.
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

var all = flag.Bool("lessons.all", false, "play all lessons of the road")

// right are the right answers of the lessons of the road.
var right = map[string][]string{
	"no-upgrade": nil, "upgrade-only": nil, "works-on-my-machine": nil, "redis-adapter": nil, "toggle-live": nil,
	"two-regions": {"Only Beijing", "None at all"},
}

// A lesson stops at its questions, says what came of the answers, and ends with the cause. Where no answers are
// given here the first choice is taken.
func TestPeersLessonsInATab(t *testing.T) {
	s := served(t)
	p := chromium.Start(t).Open(s.URL+"/", 1280, 800, false)
	for name, answers := range right {
		if !*all && answers == nil {
			continue
		}
		chromium.Eval[any](p, fmt.Sprintf("location.hash = %q", "#lesson/"+name))
		p.Until(fmt.Sprintf(`document.querySelector("#lesson .said") && document.title.startsWith(%s)`, title(t, name)))
		chromium.Eval[any](p, `(() => { const s = document.getElementById("speed"); s.value = "10"; s.dispatchEvent(new Event("change")); })()`)
		asked := 0
		for {
			whilePlaying(t, p, `document.querySelector("#lesson .end, #lesson .choices button:not(:disabled), #lesson .outcome.now button") !== null`)
			const next = `document.querySelector("#lesson .outcome.now button")`
			if chromium.Eval[bool](p, fmt.Sprintf(`(window.pressed = %[1]s) !== null && (%[1]s.click(), true)`, next)) {
				p.Until(`document.querySelector("#lesson .outcome.now button") !== window.pressed`)
				continue
			}
			if chromium.Eval[bool](p, `document.querySelector("#lesson .end") !== null`) {
				break
			}
			answer := `0`
			if asked < len(answers) {
				answer = fmt.Sprintf(`open.findIndex((b) => b.textContent === %q)`, answers[asked])
			}
			asked++
			chromium.Eval[any](p, fmt.Sprintf(`(() => { const open = [...document.querySelectorAll("#lesson .choices button:not(:disabled)")]; open[%s].click(); })()`, answer))
			p.Until(fmt.Sprintf(`document.querySelectorAll("#lesson .chosen").length === %d`, asked))
		}
		text := chromium.Eval[string](p, `document.getElementById("lesson").innerText`)
		if told := strings.Count(text, "Right.") + strings.Count(text, "Wrong."); asked != 2 || told != asked || strings.Count(text, "Right.") < len(answers) || !strings.Contains(text, "Why") {
			t.Errorf("%s: %d questions asked; the lesson says:\n%s", name, asked, text)
		}
	}
	quiet(t, p)
}

// whilePlaying waits until an expression is true, as long as time passes in the run.
func whilePlaying(t *testing.T, p *chromium.Tab, expression string) {
	t.Helper()
	const most = time.Minute
	at, since := "", time.Now()
	for !chromium.Eval[bool](p, expression) {
		if now := chromium.Eval[string](p, `document.getElementById("time").textContent`); now != at {
			at, since = now, time.Now()
		} else if time.Since(since) > most {
			t.Fatalf("not before the run stopped at %s: %s", at, expression)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// title is the title of a built-in scenario, quoted.
func title(t *testing.T, name string) string {
	t.Helper()
	list, err := board.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(e wire.Entry) bool { return e.Name == name })
	return strconv.Quote(list[i].Title)
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
				p.Screenshot(fmt.Sprintf("site-%s-%s-%d", view.name, scheme, size[0]))
			}
		}
	}
	quiet(t, p)
}
