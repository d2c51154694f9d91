//go:build peers

package peers

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// timeout is how long anything may take that must happen.
const timeout = time.Minute

// A script is a running Node program; see rpc.mjs for how it talks.
type script struct {
	*testing.T
	name   string
	in     io.WriteCloser
	exited chan struct{}
	stderr bytes.Buffer // read after exited
	mayEnd bool         // the test ends it itself

	mu    sync.Mutex
	next  int
	calls map[int]chan reply
	told  map[string]chan string // by the first value
}

type reply struct {
	Result json.RawMessage
	Error  string
}

// scripts is the directory of the Node programs and of the packages that they use:
// this one, or that which PEERS_SCRIPTS names, which has other releases of the packages.
var scripts = cmp.Or(os.Getenv("PEERS_SCRIPTS"), ".")

// start runs a script until the end of the test; one that ends before fails it.
func start(t *testing.T, file string, args ...string) *script {
	t.Helper()
	s := &script{T: t, name: file, exited: make(chan struct{}), calls: map[int]chan reply{}, told: map[string]chan string{}}
	cmd := exec.Command("node", append([]string{file}, args...)...)
	cmd.Dir, cmd.Stderr = scripts, &s.stderr
	var err error
	if s.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: the suite needs node 20 or later", err)
	}
	go func() {
		s.listen(out)
		cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(func() {
		select {
		case <-s.exited:
			if s.mayEnd {
				return
			}
			t.Errorf("%s has ended by itself:\n%s", file, s.stderr.String())
			return
		default:
		}
		s.in.Close()
		select {
		case <-s.exited:
		case <-time.After(timeout):
			t.Errorf("%s does not end", file)
			cmd.Process.Kill()
		}
	})
	s.hears("script", `"ready"`)
	return s
}

// listen reads what the script writes.
func (s *script) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			ID   int
			Tell []json.RawMessage
			reply
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			s.Errorf("%s wrote %q", s.name, lines.Text())
			continue
		}
		if line.Tell == nil {
			s.mu.Lock()
			answered := s.calls[line.ID]
			s.mu.Unlock()
			answered <- line.reply
			continue
		}
		var who string
		json.Unmarshal(line.Tell[0], &who)
		event, _ := json.Marshal(line.Tell[1:])
		s.of(who) <- string(event[1 : len(event)-1])
	}
}

func (s *script) of(who string) chan string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told[who] == nil {
		s.told[who] = make(chan string, 10_000)
	}
	return s.told[who]
}

// try calls a method of the script.
func (s *script) try(method string, args ...any) reply {
	s.Helper()
	answered := make(chan reply, 1)
	s.mu.Lock()
	s.next++
	id := s.next
	s.calls[id] = answered
	s.mu.Unlock()
	if args == nil {
		args = []any{}
	}
	line, err := json.Marshal(map[string]any{"id": id, "call": method, "args": args})
	if err != nil {
		s.Fatal(err)
	}
	s.in.Write(append(line, '\n')) // an error is that of the process, which exited tells
	select {
	case r := <-answered:
		return r
	case <-s.exited:
		s.Fatalf("%s ended in %s%s:\n%s", s.name, method, args, s.stderr.String())
	case <-time.After(timeout):
		s.Fatalf("%s: no answer to %s%s", s.name, method, args)
	}
	panic("unreachable")
}

// hang calls a method that does not answer.
func (s *script) hang(method string) {
	s.in.Write([]byte(`{"id":0,"call":"` + method + `","args":[]}` + "\n"))
}

// call is try for what must succeed. It returns the result as JSON.
func (s *script) call(method string, args ...any) string {
	s.Helper()
	r := s.try(method, args...)
	if r.Error != "" {
		s.Fatalf("%s%v failed: %s", method, args, r.Error)
	}
	return string(r.Result)
}

// nextOf returns the next event that was told of who, as JSON values with
// commas between.
func (s *script) nextOf(who string) string {
	s.Helper()
	select {
	case event := <-s.of(who):
		return event
	case <-s.exited:
		s.Fatalf("%s ended:\n%s", s.name, s.stderr.String())
	case <-time.After(timeout):
		s.Fatalf("nothing more of %s", who)
	}
	panic("unreachable")
}

// hears fails the test unless exactly these events come next of who.
func (s *script) hears(who string, events ...string) {
	s.Helper()
	for _, want := range events {
		if got := s.nextOf(who); got != want {
			s.Fatalf("%s heard %s, want %s", who, got, want)
		}
	}
}

// until drops events of who up to one that begins so, which it returns.
func (s *script) until(who, prefix string) string {
	s.Helper()
	for {
		if event := s.nextOf(who); strings.HasPrefix(event, prefix) {
			return event
		}
	}
}
