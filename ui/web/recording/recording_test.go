package recording_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"stickylab/scenarios"
	"stickylab/sim/plan"
	"stickylab/ui/web/recording"
	"stickylab/ui/web/wire"
)

func planned(t *testing.T, name string) *plan.Plan {
	t.Helper()
	text, err := scenarios.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	f, problems := plan.Parse(name+".yaml", text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := plan.Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

var held = regexp.MustCompile(`<script type="text/plain" id="recording">([^<]*)</script>`)

// A recording holds the run from beginning to end, may reach no server, and is the same each time.
func TestRecording(t *testing.T) {
	page, err := recording.Of(t.Context(), "two-regions", planned(t, "two-regions"))
	if err != nil {
		t.Fatal(err)
	}
	if len(page) > 1_500_000 {
		t.Errorf("the file has %d bytes", len(page))
	}
	for _, bad := range []string{"src=\"main.js\"", "href=\"app.css\"", "connect-src", "'self'"} {
		if strings.Contains(string(page), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	m := held.FindSubmatch(page)
	if m == nil {
		t.Fatal("there is no recording in the page")
	}
	packed, err := base64.StdEncoding.DecodeString(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	lines := json.NewDecoder(unpacked)
	var opened wire.Opened
	if err := lines.Decode(&opened); err != nil || opened.Title == "" || opened.End != 62_000 {
		t.Fatalf("%v, %+v", err, opened)
	}
	var frame wire.Frame
	last, n := wire.Millis(0), 0
	for ; lines.More(); n++ {
		frame = wire.Frame{}
		if err := lines.Decode(&frame); err != nil {
			t.Fatal(err)
		}
		if frame.At <= last {
			t.Fatalf("frame %d is at %v, after %v", n, frame.At, last)
		}
		last = frame.At
	}
	if n != 249 || last != opened.End || !strings.HasPrefix(frame.Headline, "Half of all messages were lost (9,003 of 18,016 deliveries)") {
		t.Errorf("%d frames, the last at %v: %s", n, last, frame.Headline)
	}
	again, err := recording.Of(t.Context(), "two-regions", planned(t, "two-regions"))
	if err != nil || !bytes.Equal(page, again) {
		t.Errorf("another recording of the same run is another one (%v)", err)
	}
}

// Whoever stops it gets the reason.
func TestStopped(t *testing.T) {
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := recording.Of(ctx, "two-regions", planned(t, "two-regions")); !errors.Is(err, stop) {
		t.Error(err)
	}
}
