package socketio

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"stickylab/cluster/engineio"
)

// A world is a server with clients on the polling transport, whose requests are
// handed to the Engine.IO server directly. It lives in a bubble: whoever waits
// for a message that never comes gets the next ping, 25 virtual seconds later.
type world struct {
	t      *testing.T
	engine *engineio.Server
	*Server
}

// inWorld runs f in a bubble.
func inWorld(t *testing.T, c Config, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, Server: NewServer(c)}
		w.engine = engineio.NewServer(engineio.Config{OnSession: w.Handle})
		f(w)
		w.Server.Close()
		w.engine.Close()
	})
}

// A peer is one session, seen from the client.
type peer struct {
	w     *world
	url   string
	inbox []string
}

// What recv returns besides the Socket.IO frames.
const (
	ping   = "(ping)"
	closed = "(closed)"
)

// open starts a session and sends frames.
func (w *world) open(frames ...string) *peer {
	w.t.Helper()
	p := &peer{w: w, url: "/socket.io/?EIO=4&transport=polling"}
	status, body := p.request("GET", "")
	var open engineio.OpenPacket
	if err := json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &open); err != nil || status != http.StatusOK {
		w.t.Fatalf("handshake: %d %q", status, body)
	}
	p.url += "&sid=" + open.SID
	p.send(frames...)
	return p
}

// join starts a session that has joined the namespaces.
func (w *world) join(namespaces ...string) *peer {
	w.t.Helper()
	p := w.open()
	for _, name := range namespaces {
		p.send(frames(must(Encode(Packet{Type: Connect, Namespace: name})))...)
		if got := p.recv(); !strings.HasPrefix(got, "0") {
			w.t.Fatalf("CONNECT to %s: %s", name, got)
		}
	}
	return p
}

func (p *peer) request(method, body string) (status int, answer string) {
	r := httptest.NewRequest(method, p.url, strings.NewReader(body))
	recorder := httptest.NewRecorder()
	p.w.engine.ServeHTTP(recorder, r)
	return recorder.Code, recorder.Body.String()
}

// send posts frames, binary ones after a "#", each in its own request. The
// server has handled them when it returns.
func (p *peer) send(frames ...string) {
	for _, f := range frames {
		if data, binary := strings.CutPrefix(f, "#"); binary {
			p.request("POST", "b"+base64.StdEncoding.EncodeToString([]byte(data)))
		} else {
			p.request("POST", "4"+f)
		}
	}
	synctest.Wait()
}

// recv returns the next frame.
func (p *peer) recv() string {
	for len(p.inbox) == 0 {
		status, body := p.request("GET", "")
		if status != http.StatusOK {
			return closed
		}
		p.inbox = strings.Split(body, "\x1e")
	}
	packet := p.inbox[0]
	p.inbox = p.inbox[1:]
	switch packet[0] {
	case '1':
		return closed
	case '2':
		p.request("POST", "3")
		return ping
	case '4':
		return packet[1:]
	case '6': // the server is about to close
		return p.recv()
	case 'b':
		data, _ := base64.StdEncoding.DecodeString(packet[1:])
		return "#" + string(data)
	}
	p.w.t.Fatalf("unexpected packet %q", packet)
	return ""
}

// want checks that the next frames are these.
func (p *peer) want(frames ...string) {
	p.w.t.Helper()
	for _, f := range frames {
		if got := p.recv(); got != f {
			p.w.t.Errorf("received %s, want %s", got, f)
			return
		}
	}
}

// leave ends the session as a client does that closes its transport.
func (p *peer) leave() {
	p.request("POST", "1")
	synctest.Wait()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// named returns a lookup of the sockets by the name that the client gave when it
// connected.
func named(w *world, namespace string) func(name string) *Socket {
	sockets := map[string]*Socket{}
	w.Of(namespace).OnConnection(func(s *Socket) {
		if name, ok := s.Auth()["name"].(string); ok {
			sockets[name] = s
		}
	})
	return func(name string) *Socket { return sockets[name] }
}

// three connects the clients a, b and c to "/" and returns their sockets.
func three(w *world) (peers map[string]*peer, sockets map[string]*Socket) {
	w.t.Helper()
	socket := named(w, "/")
	peers, sockets = map[string]*peer{}, map[string]*Socket{}
	for _, name := range []string{"a", "b", "c"} {
		p := w.open(`0{"name":"` + name + `"}`)
		p.recv()
		peers[name], sockets[name] = p, socket(name)
	}
	return peers, sockets
}

// got says which of the peers a, b and c receive something now.
func got(w *world, peers map[string]*peer, do func()) string {
	w.t.Helper()
	do()
	synctest.Wait()
	names := ""
	for _, name := range []string{"a", "b", "c"} {
		if peers[name].recv() != ping {
			names += name
			peers[name].want(ping)
		}
	}
	return names
}
