//go:build peers

package doctor_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/proxy/realnginx"
	"stickylab/cluster/socketio"
	"stickylab/sim/doctor"
)

// met is what official clients of a kind met: how many connected, how many of those
// were disconnected again, and how many were on WebSocket in the end.
type met struct{ Of, Connected, Lost, Websocket int }

func (m met) held() bool { return m.Connected == m.Of && m.Lost == 0 }

// official is the Node program with the clients.
type official struct {
	sync.Mutex
	in      io.Writer
	waiting map[int]chan []byte
	n       int
}

func startOfficial(t *testing.T) *official {
	cmd := exec.Command("node", filepath.Join("testdata", "clients.mjs"))
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: the suite needs node 20 or later", err)
	}
	c := &official{in: in, waiting: map[int]chan []byte{}}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	go func() {
		for lines := bufio.NewReader(out); ; {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			var reply struct{ ID int }
			json.Unmarshal(line, &reply)
			c.Lock()
			if to := c.waiting[reply.ID]; to != nil {
				to <- line
			}
			c.Unlock()
		}
	}()
	return c
}

// try has clients of all kinds connect, and tells what they met, by kind.
func (c *official) try(t *testing.T, url, ip, path string, kinds []string, quiet time.Duration, size int) map[string]met {
	t.Helper()
	answer := make(chan []byte, 1)
	c.Lock()
	c.n++
	c.waiting[c.n] = answer
	line, _ := json.Marshal(map[string]any{"id": c.n, "call": "attempt", "args": []any{url, ip, path, kinds, quiet.Milliseconds(), size}})
	fmt.Fprintf(c.in, "%s\n", line)
	c.Unlock()
	var reply struct {
		Result map[string]met
		Error  string
	}
	if err := json.Unmarshal(<-answer, &reply); err != nil || reply.Error != "" {
		t.Fatalf("clients: %v %s", err, reply.Error)
	}
	return reply.Result
}

// serveNode starts a node with Socket.IO at a path, and returns its address.
func serveNode(t *testing.T, path string) (address string, server *http.Server) {
	t.Helper()
	sockets := socketio.NewServer(socketio.Config{})
	engine := engineio.NewServer(engineio.Config{Path: path, OnSession: sockets.Handle})
	server = &http.Server{Handler: engine}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { sockets.Close(); engine.Close(); server.Close() })
	return l.Addr().String(), server
}

// real runs a text on the system's nginx in front of our nodes. What findings of quiet
// connections, large messages and dead nodes say is provoked.
func real(t *testing.T, clients *official, text string, o doctor.Options, finds []string) map[string]met {
	t.Helper()
	parts, err := doctor.OnNginx(text, o, func(int) string { return "127.0.0.1:1" }, func(string) string { return "127.0.0.1:1" })
	if err != nil {
		t.Fatal(err)
	}
	address, err := realnginx.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	other, err := realnginx.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]string{}
	var first *http.Server
	parts, err = doctor.OnNginx(text, o, func(server int) string {
		if server == parts.Server {
			return address
		}
		return other
	}, func(name string) string {
		key := doctor.NodeKey(name)
		if nodes[key] == "" {
			var server *http.Server
			nodes[key], server = serveNode(t, parts.NodePath)
			first = cmp.Or(first, server)
		}
		return nodes[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	start := realnginx.Run
	if parts.Stream {
		start = realnginx.RunStream
	}
	running, err := start(t, address, parts.Text)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Stop()
	kinds := []string{"browser", "websocket", "polling", "native"}
	if parts.Plain {
		kinds = []string{"websocket"}
	}
	ip, port, _ := net.SplitHostPort(address)
	url := "http://" + net.JoinHostPort(cmp.Or(parts.Host, ip), port)
	quiet, size := time.Duration(0), 0
	switch {
	case slices.Contains(finds, "idle"):
		quiet = parts.Quiet + 3*time.Second
	case slices.Contains(finds, "large"), slices.Contains(finds, "large?"):
		size = 900_000
	case slices.Contains(finds, "death"):
		first.Close()
	}
	return clients.try(t, url, ip, parts.Path, kinds, quiet, size)
}

// Each file that is diagnosed does on the real nginx, to the official client, what
// the diagnosis says, as far as a few seconds show it: no request reaches a node,
// sessions break, WebSockets do not get through, or everything works.
func TestPeersDiagnoses(t *testing.T) {
	clients := startOfficial(t)
	type file struct {
		name  string
		text  string
		o     doctor.Options
		finds []string
	}
	var files []file
	for _, c := range cases {
		if c.path != "" && !c.unreal {
			files = append(files, file{c.file, read(t, filepath.Join("cases", c.file)), doctor.Options{Path: c.asked}, c.finds})
		}
	}
	for _, c := range configurations {
		if c.version == "" && !slices.Contains(laterThanSystem, c.name) {
			files = append(files, file{c.name, read(t, c.name), doctor.Options{Path: c.path}, c.finds})
		}
	}
	t.Run("files", func(t *testing.T) {
		for _, f := range files {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				seen := real(t, clients, f.text, f.o, f.finds)
				if said := contradiction(f.finds, seen); said != "" {
					t.Errorf("%s: found %q, and the official clients met %+v", said, f.finds, seen)
				}
			})
		}
	})
}

// laterThanSystem are the files with directives that the system's nginx, 1.22, lacks:
// sticky came with 1.29.6.
var laterThanSystem = []string{"good-cookie", "native-clients"}

// contradiction says what of the findings is not what clients met; "" means that they
// agree. What depends on something that a text does not say is not judged.
func contradiction(finds []string, seen map[string]met) string {
	has := func(id string) bool { return slices.Contains(finds, id) }
	if slices.ContainsFunc(finds, func(id string) bool {
		return slices.Contains([]string{"reach?", "sticky?", "upgrade?", "bypass?", "credentials?"}, id)
	}) {
		return ""
	}
	anyone := 0
	for _, m := range seen {
		anyone += m.Connected
	}
	polls := func(yes bool) bool {
		for _, kind := range []string{"browser", "polling", "native"} {
			if m, ok := seen[kind]; ok && m.held() != yes {
				return false
			}
		}
		return true
	}
	websockets := seen["websocket"].held() && (seen["browser"].Of == 0 || seen["browser"].Websocket == seen["browser"].Of)
	switch {
	case has("idle"):
		for _, m := range seen {
			if m.Lost < m.Of {
				return "quiet connections stay"
			}
		}
	case has("large"), has("large?"):
		if seen["polling"].Lost == 0 {
			return "large messages get through"
		}
	case has("death"):
		if polls(true) {
			return "another node takes over"
		}
	case has("severed"):
		if polls(true) && websockets {
			return "nothing is severed"
		}
	case has("reach"):
		if anyone > 0 {
			return "a request reaches a node"
		}
	case has("sticky") && polls(true):
		return "all sessions hold"
	case has("upgrade") && websockets:
		return "WebSockets get through"
	case !has("sticky") && !polls(true):
		return "sessions break"
	case !has("upgrade") && !has("sticky") && !websockets:
		return "WebSockets do not get through"
	case !has("upgrade") && !seen["websocket"].held():
		return "clients with nothing but WebSocket do not connect"
	}
	return ""
}

// What a diagnosis is compared with can fail.
func TestPeersContradictions(t *testing.T) {
	good := map[string]met{"browser": {3, 3, 0, 3}, "websocket": {3, 3, 0, 3}, "polling": {3, 3, 0, 0}, "native": {3, 3, 0, 0}}
	for _, finds := range [][]string{{"reach"}, {"sticky"}, {"upgrade"}} {
		if contradiction(finds, good) == "" {
			t.Errorf("%q agrees with clients that all work", finds)
		}
	}
	none := map[string]met{"browser": {Of: 3}, "websocket": {Of: 3}, "polling": {Of: 3}, "native": {Of: 3}}
	if contradiction(nil, none) == "" || contradiction([]string{"sticky"}, none) == "" || contradiction([]string{"reach"}, none) != "" {
		t.Error("clients that do not connect")
	}
	if strings.Join([]string{contradiction(nil, good)}, "") != "" {
		t.Error("nothing found, all work")
	}
}
