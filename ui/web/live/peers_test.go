//go:build peers

package live_test

import (
	"strings"
	"testing"

	"stickylab/ui/internal/chromium"
)

// The same page, with the engine in this process: it plays, and a message crosses once the adapter is on.
func TestPeersTwoRegionsLive(t *testing.T) {
	s := serve(t, 0)
	p := chromium.Start(t).Open(s.URL+"/?token="+token+"#two-regions", 1280, 800, false)
	p.Until(`document.querySelectorAll("#stage .client.ink-1").length === 20`)
	p.Until(`document.querySelector("#last .loss")?.textContent.includes("adapter off")`)
	if address := chromium.Eval[string](p, "location.href"); strings.Contains(address, token) {
		t.Errorf("the token stays in the address: %s", address)
	}
	chromium.Eval[any](p, `document.getElementById("adapter").click()`)
	p.Until(`document.querySelectorAll("#stage .link.on").length === 2 && !document.querySelector("#last .loss")`)
	chromium.Eval[any](p, `location.hash = "#lesson/redis-adapter"`)
	p.Until(`document.querySelectorAll("#lesson .choices button:not(:disabled)").length > 1`)
	if c := p.Complaints(""); len(c) > 0 {
		t.Errorf("the browser complains: %q", c)
	}
}

// Everything can be done with keys, has a name that is read out, and stays still for those who want that.
func TestPeersKeysAndNames(t *testing.T) {
	s := serve(t, 0)
	p := chromium.Start(t).Open(s.URL+"/?token="+token+"#two-regions", 1280, 800, false)
	key := func(on, key string) {
		chromium.Eval[any](p, `(`+on+`).dispatchEvent(new KeyboardEvent("keydown", { key: "`+key+`", bubbles: true, cancelable: true }))`)
	}
	p.Until(`document.querySelectorAll("#stage .client.ink-1").length === 20`)
	key("document.body", " ")
	p.Until(`document.getElementById("play").textContent === "Play"`)
	key("document.body", "a")
	p.Until(`document.getElementById("adapter").getAttribute("aria-pressed") === "true" && document.getElementById("note").textContent.includes("adapter redis")`)

	chromium.Eval[any](p, `document.querySelector("#stage .client").focus()`)
	for _, k := range []string{"ArrowRight", "ArrowRight", "ArrowLeft"} {
		key("document.activeElement", k)
	}
	second := chromium.Eval[string](p, `document.activeElement.dataset.key`)
	key("document.activeElement", "Enter")
	p.Until(`document.getElementById("closer-head")?.textContent.trim().endsWith("` + second + `")`)
	if !strings.HasSuffix(second, "-02") {
		t.Errorf("the arrow keys lead to %s", second)
	}
	key("document.body", "Escape")
	p.Until(`document.getElementById("closer").hidden`)

	if nameless := chromium.Eval[string](p, `[...document.querySelectorAll("button, select, input, [role=button]")]
		.filter((e) => e.checkVisibility() && !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML).join("\n")`); nameless != "" {
		t.Errorf("without a name:\n%s", nameless)
	}

	p.Prefer("prefers-reduced-motion", "reduce")
	key("document.body", " ")
	before := chromium.Eval[string](p, `document.getElementById("time").textContent`)
	p.Until(`parseFloat(document.getElementById("time").textContent.slice(2)) > parseFloat("` + strings.Fields(before)[0][2:] + `") + 1`)
	if moving := chromium.Eval[int](p, `document.querySelectorAll("#stage .dots circle:not([display])").length`); moving > 0 {
		t.Errorf("%d dots move", moving)
	}
	if c := p.Complaints(""); len(c) > 0 {
		t.Errorf("the browser complains: %q", c)
	}
}
