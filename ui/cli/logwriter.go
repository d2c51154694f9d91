package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/network"
	"stickylab/sim/scenario"
	"stickylab/ui/control"
)

// logWriter writes whole lines, from any goroutine.
type logWriter struct {
	mu    sync.Mutex
	w     io.Writer
	held  bytes.Buffer // what is kept back,
	notes chan string  // and sent here too; nil means that nothing is kept back
}

func newLogWriter(w io.Writer) *logWriter { return &logWriter{w: w} }

// line writes what happened at a time of the run.
func (s *logWriter) line(at time.Duration, text string) {
	s.write(fmt.Sprintf("%9.3fs  %s\n", at.Seconds(), format.Line(text)))
}

// note writes a line without a time.
func (s *logWriter) note(text string) { s.write(text + "\n") }

func (s *logWriter) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notes == nil {
		io.WriteString(s.w, text)
		return
	}
	s.held.WriteString(text)
	select {
	case s.notes <- strings.TrimSpace(text):
	default: // it is read later
	}
}

// hold keeps back all lines until release, so that they do not tear a screen,
// and hands them out meanwhile.
func (s *logWriter) hold() <-chan string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = make(chan string, 16)
	return s.notes
}

// release writes what was kept back.
func (s *logWriter) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.notes)
	s.notes = nil
	s.held.WriteTo(s.w)
}

// describe returns the addresses of everything, and a client to begin with.
func describe(run *sim.Served, j job, port *control.Server, o sim.ServeOptions) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "serving %s: %s\n\n  %-10s http://%s/\n", j.name, format.Line(j.plan.File.Title), "open", run.Entry())
	for _, p := range run.Places() {
		fmt.Fprintf(&b, "  %-10s %s\n", p.Host, whereabouts(p))
	}
	if o.RedisAddress != "" {
		fmt.Fprintf(&b, "  %-10s %s (outside)\n", "redis", o.RedisAddress)
	}
	if port != nil {
		fmt.Fprintf(&b, "  %-10s http://%s/\n", "control", port.Addr())
	}
	fmt.Fprintf(&b, "\n%s\n", snippet(run.Entry(), j.plan.Target.Path))
	return b.String()
}

// whereabouts is where a host listens, and why there.
func whereabouts(p network.Place) string {
	text := p.Real
	if p.Virtual != p.Real && p.Host != "redis" {
		text += " for " + p.Virtual
	}
	if p.Wanted != p.Real && !strings.HasSuffix(p.Wanted, ":0") {
		text += " (" + p.Wanted + " is taken)"
	}
	return text
}

// snippet is a client to begin with.
func snippet(entry, path string) string {
	options := `{ auth: { name: "ada" } }`
	if path != scenario.DefaultPath {
		options = fmt.Sprintf(`{ path: %q, auth: { name: "ada" } }`, path)
	}
	return fmt.Sprintf(`  import { io } from "socket.io-client";
  const socket = io("http://%s", %s);
  socket.on("welcome", ({ node }) => console.log("on", node));
  socket.on("said", ({ from, text, node }) => console.log(from, "on", node, "says", text));
  socket.on("connect", () => socket.emit("join", "lobby", () => socket.emit("say", { room: "lobby", text: "hello" })));
`, entry, options)
}
