package cli

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stickylab/sim"
)

// Whether the viewer quits or a signal comes, the cluster ends in order, and
// what was to be told meanwhile is written when the screen is gone.
func TestAServedScreenEnds(t *testing.T) {
	p, name, err := loadPlan(defaultServed, nil)
	if err != nil {
		t.Fatal(err)
	}
	end := func(how func(keys io.Writer, signal func())) {
		t.Helper()
		run, err := sim.Serve(p, sim.ServeOptions{Listen: "127.0.0.1:0"})
		if err != nil {
			t.Fatal(err)
		}
		var out output
		say := newLogWriter(&out)
		in, keys := io.Pipe()
		defer keys.Close()
		cmd := newServe()
		cmd.SetIn(in)
		cmd.SetOut(&out)
		ctx, signal := context.WithCancel(t.Context())
		defer signal()
		ended := make(chan error, 1)
		go func() { ended <- perform(ctx, cmd, run, job{source: source{name: name}, plan: p}, "about", say) }()
		out.await(t, `\x1b\[\?1049h`) // the screen is the program's
		ws := chat(t, run.Entry(), "ada")
		say.note("a step failed")
		how(keys, signal)
		if status := closing(t, ws); status < 0 { // as io.close() tells it
			t.Error("the client's connection was cut")
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ws.CloseNow()
		_, after, found := strings.Cut(out.String(), "\x1b[?1049l")
		if !found || !strings.Contains(after, "a step failed\nstopping\n") {
			t.Errorf("after the screen it says %q", after)
		}
	}
	quit := func(keys io.Writer, _ func()) { io.WriteString(keys, "q") }
	end(quit)
	before := runtime.NumGoroutine()
	end(quit)
	end(func(_ io.Writer, signal func()) { signal() })
	for late := time.Now().Add(timeout); runtime.NumGoroutine() > before+4; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// closing waits for the end of a connection, and returns its status: -1 when
// it was cut without one.
func closing(t *testing.T, ws *websocket.Conn) websocket.StatusCode {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	for {
		if _, _, err := ws.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}
