// Package recording writes a run as one HTML file, which any browser opens from disk: the page of ui/web/app with the
// frames of the run in it.
package recording

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"stickylab/sim/plan"
	"stickylab/ui/web/app"
	"stickylab/ui/web/board"
	"stickylab/ui/web/wire"
)

// Frames are every apart, and mostFrames at most: those of a longer run are further apart.
const (
	every      = 250 * time.Millisecond
	mostFrames = 400
)

// Of runs a plan from beginning to end and returns the file. name is that of the scenario. It fails with the error of
// the run, and with the cause of ctx when that ends.
func Of(ctx context.Context, name string, p *plan.Plan) ([]byte, error) {
	b := &board.Board{}
	defer b.Close()
	begun, err := b.OpenPlan(name, p)
	if err != nil {
		return nil, err
	}
	var frames bytes.Buffer
	packed, err := gzip.NewWriterLevel(&frames, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	out := json.NewEncoder(packed)
	if err := out.Encode(begun.Opened); err != nil {
		return nil, err
	}
	end := begun.Opened.End.Duration()
	apart := max(every, end/mostFrames)
	for at := time.Duration(0); ; at = min(at+apart, end) {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		r := b.Handle(wire.Request{Verb: wire.Show, At: wire.Of(at), Quick: true})
		if r.Error != "" {
			return nil, fmt.Errorf("at %v: %s", at, r.Error)
		}
		if err := out.Encode(r.Frame); err != nil {
			return nil, err
		}
		if at == end {
			break
		}
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	return app.OneFile(base64.StdEncoding.EncodeToString(frames.Bytes()))
}
