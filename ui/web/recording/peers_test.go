//go:build peers

package recording_test

import (
	"os"
	"path/filepath"
	"testing"

	"stickylab/ui/internal/chromium"
	"stickylab/ui/web/recording"
)

// A recording opens from disk: it plays, goes to any instant, and offers nothing that it cannot do.
func TestPeersRecordingFromDisk(t *testing.T) {
	page, err := recording.Of(t.Context(), "toggle-live", planned(t, "toggle-live"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "run.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	p := chromium.Start(t).Open("file://"+file, 1280, 800, false)
	p.Until(`document.querySelectorAll("#stage .client").length > 0 && document.getElementById("title").textContent !== ""`)
	p.Until(`document.querySelectorAll("#stage .dots circle:not([display])").length > 0`)
	seek := func(at string) {
		chromium.Eval[any](p, `(() => { const s = document.getElementById("scrub"); s.value = `+at+`; s.dispatchEvent(new Event("input")); s.dispatchEvent(new Event("change")); })()`)
	}
	seek("30000")
	p.Until(`document.querySelectorAll("#stage .link.on").length === 2 && document.getElementById("time").textContent.startsWith("0:30.0")`)
	seek("10000")
	p.Until(`document.querySelectorAll("#stage .link.on").length === 0 && document.querySelector("#last .loss")`)
	if chromium.Eval[bool](p, `document.getElementById("adapter").checkVisibility() || document.getElementById("share").checkVisibility()`) {
		t.Error("it offers what it cannot do")
	}
	p.Screenshot("recording")
	if c := p.Complaints(""); len(c) > 0 {
		t.Errorf("the browser complains: %q", c)
	}
}
