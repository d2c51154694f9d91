package proxy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/trace"
)

// vectors is where the events recorded from a real nginx are (README.md there):
// those of the balance package, or a directory of the same files given in
// NGINX_VECTORS.
func vectors() string {
	if dir := os.Getenv("NGINX_VECTORS"); dir != "" {
		return dir
	}
	return "../balance/testdata"
}

// recording is an upstream of a configs*.json file with events.
type recording struct {
	ID      string
	Method  string
	Key     string
	Servers []struct {
		Name        string
		Weight      *int
		Down        bool
		Backup      bool
		MaxConns    int  `json:"max_conns"`
		MaxFails    *int `json:"max_fails"`
		FailTimeout *int `json:"fail_timeout_s"`
	}
	Vectors string
}

// text is the configuration, with the 1 s of proxy_read_timeout under which
// the events were recorded.
func (c recording) text() string {
	method := ""
	switch c.Method {
	case "round_robin":
	case "hash":
		method = "hash " + c.Key + ";"
	case "hash_consistent":
		method = "hash " + c.Key + " consistent;"
	default:
		method = c.Method + ";"
	}
	var servers strings.Builder
	for _, s := range c.Servers {
		fmt.Fprintf(&servers, "server %s", s.Name)
		for name, n := range map[string]*int{"weight": s.Weight, "max_fails": s.MaxFails, "fail_timeout": s.FailTimeout, "max_conns": &s.MaxConns} {
			if n != nil {
				fmt.Fprintf(&servers, " %s=%d", name, *n)
			}
		}
		if s.Down {
			servers.WriteString(" down")
		}
		if s.Backup {
			servers.WriteString(" backup")
		}
		servers.WriteString(";\n")
	}
	// Before the method a server line may be a backup under any of them.
	return fmt.Sprintf("upstream u_%s {\n%s%s\n}\nserver {\nlisten 80;\nlocation / {\nproxy_pass http://u_%s;\nproxy_read_timeout 1s;\n}\nlocation /held {\nproxy_pass http://u_%s;\nproxy_read_timeout 1d;\n}\n}\n",
		c.ID, servers.String(), method, c.ID, c.ID)
}

// occurrence is a line of vectors-fail.jsonl.
type occurrence struct {
	S, Ev, IP, M, Node, Mode, ID string
	T, Status                    int
	Trace                        []string
}

// TestGoldenFailures promises, through the whole proxy and to the second,
// nginx's attempts and statuses while nodes stop, hang and come back.
func TestGoldenFailures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectors(), "configs*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no configs*.json in %s: %v", vectors(), err)
	}
	played := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Configs []recording }
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range all.Configs {
			if !strings.HasSuffix(c.Vectors, ".jsonl") {
				continue
			}
			list := occurrences(t, c)
			played += len(list)
			t.Run(c.ID, func(t *testing.T) {
				act(t, "1.22", c.text(), func(s *stage) { (&replay{stage: s, c: c}).run(list) })
				if t.Failed() {
					t.Logf("under:\n%s", c.text())
				}
			})
		}
	}
	t.Logf("%d events", played)
}

func occurrences(t *testing.T, c recording) (list []occurrence) {
	t.Helper()
	f, err := os.Open(filepath.Join(vectors(), c.Vectors))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var o occurrence
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			t.Fatalf("%s: %v", c.Vectors, err)
		}
		if o.S == c.ID {
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		t.Errorf("no events of %q in %s", c.ID, c.Vectors)
	}
	return list
}

// replay plays the events of one configuration.
type replay struct {
	*stage
	c     recording
	by    map[string]*node
	modes map[string]string
	held  map[string]*held
	seen  int // events of the trace
}

// held is a request that a node answers when it is told to.
type held struct {
	client *client
	answer chan struct{}
}

func (p *replay) run(list []occurrence) {
	p.by, p.modes, p.held = map[string]*node{}, map[string]string{}, map[string]*held{}
	for _, s := range p.c.Servers {
		if p.by[s.Name] == nil {
			p.by[s.Name] = p.node(s.Name, func(c net.Conn, _ *bufio.Reader, head string) { p.answer(s.Name, c, head) })
		}
	}
	start := time.Now()
	for i, o := range list {
		time.Sleep(time.Until(start.Add(time.Duration(o.T) * time.Second)))
		synctest.Wait()
		if wrong := p.do(o); wrong != "" {
			p.t.Errorf("event %d, %+v: %s", i, o, wrong)
		}
	}
	for _, h := range p.held {
		close(h.answer)
	}
}

// answer is what a node does with a request in its mode.
func (p *replay) answer(name string, c net.Conn, head string) {
	target := strings.Fields(head)[1]
	if id, ok := strings.CutPrefix(target, "/held?"); ok {
		<-p.held[id].answer
		reply(c, 200, name)
		return
	}
	switch mode := p.modes[name]; mode {
	case "":
		reply(c, 200, name)
	case "close":
		c.Close()
	case "hang":
		io.Copy(io.Discard, c) // until the proxy gives up
	default:
		status := 0
		fmt.Sscan(mode, &status)
		reply(c, status, name)
	}
}

// do plays one event; the result is what is wrong.
func (p *replay) do(o occurrence) string {
	switch o.Ev {
	case "note":
	case "stop":
		p.by[o.Node].stop()
	case "start":
		p.by[o.Node].start()
	case "mode":
		p.modes[o.Node] = o.Mode
	case "close", "abort":
		h := p.held[o.ID]
		if h == nil {
			return ""
		}
		delete(p.held, o.ID)
		if o.Ev == "abort" {
			h.client.Close()
			synctest.Wait()
		}
		close(h.answer)
		synctest.Wait()
	case "open":
		h := &held{p.from(o.IP), make(chan struct{})}
		p.held[o.ID] = h
		fmt.Fprintf(h.client, "GET /held?%s HTTP/1.1\r\nHost: h\r\n\r\n", o.ID)
		synctest.Wait()
		dialed, _ := p.since()
		if o.Node != "" && (len(dialed) == 0 || dialed[len(dialed)-1] != o.Node) {
			return fmt.Sprintf("it went to %v", dialed)
		}
	case "req":
		method := o.M
		if method == "" {
			method = "GET"
		}
		c := p.from(o.IP)
		status, _ := c.ask(method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
		c.Close()
		synctest.Wait()
		dialed, none := p.since()
		if none {
			dialed = append(dialed, "u_"+p.c.ID)
		}
		if status != o.Status || !slices.Equal(dialed, o.Trace) {
			return fmt.Sprintf("status %d by %v", status, dialed)
		}
	default:
		return "unknown event"
	}
	return ""
}

// since returns what the proxy dialed since the last call, and whether it found
// no live upstreams.
func (p *replay) since() (dialed []string, none bool) {
	p.w.recorder.CloseStep()
	for _, e := range p.w.events[p.seen:] {
		none = none || e.Kind == trace.ProxyError && e.Text.String() == noLive
	}
	p.seen = len(p.w.events)
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	dialed, p.w.dialed = p.w.dialed, nil
	return dialed, none
}
