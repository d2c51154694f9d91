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
