//go:build peers

package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stickylab/scenarios"
	"stickylab/ui/web/board"
	"stickylab/ui/web/internal/module"
	"stickylab/ui/web/wire"
)

var all = flag.Bool("traces.all", false, "compare the traces of all built-in scenarios")

// The engine in WebAssembly makes the trace that this process makes, byte for byte.
func TestPeersSameTrace(t *testing.T) {
	names := []string{"no-upgrade", "two-regions", "redis-adapter", "toggle-live", "node-dies", "sticky-cookie"}
	if *all {
		names = scenarios.Names()
	}
	engine := filepath.Join(t.TempDir(), "engine.wasm")
	if err := module.Build(engine); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", append([]string{"testdata/traces.mjs", "../app/assets/wasi.js", engine}, names...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Fields(string(out))
	for i, name := range names {
		want := trace(t, name)
		if len(lines) < 2*i+2 || lines[2*i] != name {
			t.Fatalf("no trace of %s: %q", name, out)
		}
		if got := lines[2*i+1]; got != want {
			t.Errorf("%s: the trace in WebAssembly has the sum %s, here %s", name, got, want)
		}
	}
}

// trace returns the sum of the trace that this process makes of a scenario.
func trace(t *testing.T, name string) string {
	t.Helper()
	b := &board.Board{}
	defer b.Close()
	opened := b.Handle(wire.Request{Verb: wire.Open, Scenario: name})
	if opened.Error != "" {
		t.Fatal(opened.Error)
	}
	if end := b.Handle(wire.Request{Verb: wire.Show, At: opened.Opened.End}); end.Error != "" {
		t.Fatal(end.Error)
	}
	hash := sha256.New()
	for next := uint64(1); next > 0; {
		e := b.Handle(wire.Request{Verb: wire.Trace, From: next}).Trace
		hash.Write([]byte(e.Lines))
		next = e.Next
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}
