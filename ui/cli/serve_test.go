package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/coder/websocket"
)

const timeout = time.Minute

// program is the program, running.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   output
	errs  output
	ended chan error
}

// output is what a program has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await waits until what was written matches, and returns the match's groups.
func (o *output) await(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(timeout)
	for {
		o.mu.Lock()
		if o.more == nil {
			o.more = make(chan struct{})
		}
		more, found := o.more, re.FindStringSubmatch(o.text.String())
		o.mu.Unlock()
		if found != nil {
			return found
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("nothing matches %q in\n%s", pattern, o)
		}
	}
}

// begin starts the program.
func begin(t *testing.T, args ...string) *program {
	t.Helper()
	return beginAs(t, "stickylab", args...)
}

// beginAs starts the program by a command.
func beginAs(t *testing.T, name string, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(name, args...), ended: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.errs
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// stop sends a signal, unless it is nil, and checks the exit code.
func (p *program) stop(signal os.Signal, want int) {
	p.t.Helper()
	if signal != nil {
		p.cmd.Process.Signal(signal)
	}
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
		if got := p.cmd.ProcessState.ExitCode(); got != want {
			p.t.Errorf("exit %d, want %d\n%s%s", got, want, &p.out, &p.errs)
		}
	case <-time.After(timeout):
		p.t.Errorf("it does not end\n%s%s", &p.out, &p.errs)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	a, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s, %v", url, a.StatusCode, body, err)
	}
	return string(body)
}

// chat joins the lobby at an address, as a browser would over WebSocket.
func chat(t *testing.T, address, name string) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+address+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	quoted, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	speak(t, ws, fmt.Sprintf(`40{"name":%s}`, quoted))
	speak(t, ws, `420["join","lobby"]`)
	listen(t, ws, "430")
	return ws
}

func speak(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	if err := ws.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func listen(t *testing.T, ws *websocket.Conn, prefix string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	for {
		_, text, err := ws.Read(ctx)
		if err != nil {
			t.Fatalf("waiting for %q: %v", prefix, err)
		}
		if strings.HasPrefix(string(text), prefix) {
			return string(text)
		}
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	p := begin(t, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--json-events")
	url := p.errs.await(t, `open +(http://(\S+)/)\n`)
	control := p.errs.await(t, `control +(http://\S+)\n`)[1]
	for _, want := range []string{`im-3030 +127\.0\.0\.1:\d+`, `redis +127`, `import \{ io \}`, `joined lobby on im-3030`} {
		p.errs.await(t, want)
	}
	if body := get(t, url[1]); !strings.Contains(body, "<html") {
		t.Errorf("the page is %q", body)
	}
	ws := chat(t, url[2], "ada")
	p.errs.await(t, `ada joined lobby on im-`)
	p.out.await(t, `(?m)^\{"seq":\d+,.*"kind":"joined","node":"im-\d+","client":"ada"`)
	a, err := http.Post(control+"steps", "text/plain", strings.NewReader("kill im-5080"))
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatal(a, err)
	}
	a.Body.Close()
	p.out.await(t, `"kind":"node-down","node":"im-5080","text":"killed"`)
	p.errs.await(t, `im-5080 is down: killed`)
	_ = ws
	p.stop(syscall.SIGTERM, 143)
	for i, line := range strings.Split(strings.TrimSpace(p.out.String()), "\n") {
		var e struct{ Seq int }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Seq != i+1 {
			t.Fatalf("line %d is %s: %v", i+1, line, err)
		}
	}
}

func TestServeJudges(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "judged.yaml")
	text := `title: Judged
duration: 400ms
settle: 100ms
nodes: 2
proxy: {policy: ip_hash}
clients:
  beijing: {count: 2, ip: 203.0.113.0/24}
expect:
  - {at: end, that: "clients.connected == 2"}
  - {at: end, that: "clients.connected == 3"}
`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p := begin(t, "serve", file, "--listen", "127.0.0.1:0", "--judge")
	p.out.await(t, `pass: clients.connected == 2`)
	p.out.await(t, `fail: clients.connected == 3`)
	p.stop(os.Interrupt, ExitFailed)

	p = begin(t, "serve", file, "--listen", "127.0.0.1:0", "--no-clients")
	p.out.await(t, `open +http`)
	p.stop(os.Interrupt, 130)
	if strings.Contains(p.out.String(), "clients.connected") || strings.Contains(p.out.String(), "beijing") {
		t.Errorf("it says\n%s", &p.out)
	}
}

func TestServeOnATakenPort(t *testing.T) {
	t.Parallel()
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	address := strings.TrimPrefix(taken.URL, "http://")
	for _, args := range [][]string{
		{"serve", "--listen", address},
		{"serve", "--listen", "127.0.0.1:0", "--control", address},
		{"node", "--name", "im-1", "--listen", address},
	} {
		p := begin(t, args...)
		p.errs.await(t, "address already in use")
		p.stop(nil, ExitInput)
	}
}

// Nodes in separate processes meet at a Redis with a password, in the clear
// or over TLS.
func TestNodesMeetAtRedis(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		redis := miniredis.NewMiniRedis()
		redis.RequireUserAuth("lab", "s3cret")
		args := []string{}
		scheme := "redis"
		var err error
		if secure {
			borrowed := httptest.NewTLSServer(nil)
			defer borrowed.Close()
			ca := filepath.Join(t.TempDir(), "ca.pem")
			text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: borrowed.Certificate().Raw})
			if err := os.WriteFile(ca, text, 0o644); err != nil {
				t.Fatal(err)
			}
			scheme, args = "rediss", []string{"--redis-ca", ca}
			err = redis.StartTLS(&tls.Config{Certificates: borrowed.TLS.Certificates})
		} else {
			err = redis.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		defer redis.Close()
		args = append(args, "--redis", fmt.Sprintf("%s://lab:s3cret@%s", scheme, redis.Addr()))

		var users []*websocket.Conn
		var nodes []*program
		for _, name := range []string{"im-1", "im-2"} {
			p := begin(t, append([]string{"node", "--name", name, "--listen", "127.0.0.1:0", "--advertise", name + ".example.com:80"}, args...)...)
			address := p.out.await(t, `listens on (\S+); in an nginx upstream: server `+name+`\.example\.com:80;`)[1]
			p.out.await(t, name+" Redis link up")
			users, nodes = append(users, chat(t, address, "user-of-"+name)), append(nodes, p)
		}
		for i, from := range users {
			speak(t, from, fmt.Sprintf(`42["say",{"room":"lobby","text":"from %d"}]`, i))
			for _, to := range users {
				if got := listen(t, to, `42["said"`); !strings.Contains(got, fmt.Sprintf("from %d", i)) {
					t.Errorf("heard %s", got)
				}
			}
		}
		redis.Close()
		nodes[0].out.await(t, "im-1 Redis link down")
		users[0].CloseNow() // the other one does not answer the close
		for _, p := range nodes {
			p.stop(syscall.SIGTERM, 143)
			if strings.Contains(p.out.String()+p.errs.String(), "s3cret") {
				t.Error("the password is shown")
			}
		}
	}
}

// A served cluster can use a Redis outside; it cannot take that down.
func TestServeWithARedisOutside(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	p := begin(t, "serve", "redis-adapter", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--redis", "redis://"+redis.Addr())
	p.out.await(t, `redis +`+redis.Addr()+` \(outside\)`)
	p.out.await(t, `im-5080 Redis link up`)
	control := p.out.await(t, `control +(http://\S+)\n`)[1]
	a, err := http.Post(control+"steps", "text/plain", strings.NewReader("redis down"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if body, _ := io.ReadAll(a.Body); a.StatusCode != http.StatusConflict || !strings.Contains(string(body), "not the embedded one") {
		t.Errorf("%d %s", a.StatusCode, body)
	}
	p.stop(syscall.SIGTERM, 143)
}

func TestAnOpenPortIsWarnedOf(t *testing.T) {
	for address, want := range map[string]bool{"": false, "127.0.0.1:80": false, "[::1]:80": false, "localhost:80": false, "127.9.9.9:1": false, "0.0.0.0:80": true, ":80": true, "192.0.2.1:80": true, "[::]:80": true} {
		var said bytes.Buffer
		warnOpen(&said, "--listen", address)
		if (said.Len() > 0) != want {
			t.Errorf("%q: %q", address, &said)
		}
	}
}

// A flood of requests is a few lines in the log, and each has its answer.
func TestServeLogsAFloodInAFewLines(t *testing.T) {
	t.Parallel()
	p := begin(t, "serve", "--listen", "127.0.0.1:0", "--no-clients", "--headless")
	address := p.out.await(t, `open +http://(\S+)/\n`)[1]
	ws := chat(t, address, "ada")
	const most = 2000
	for i := range most {
		a, err := http.Get(fmt.Sprintf("http://%s/socket.io/?EIO=4&transport=polling&sid=nobody%d", address, i))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(a.Body)
		a.Body.Close()
		if a.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "Session ID unknown") {
			t.Fatalf("answered %d %s", a.StatusCode, body)
		}
	}
	speak(t, ws, `42["say",{"room":"lobby","text":"still here"}]`)
	listen(t, ws, `42["said"`)
	p.out.await(t, `more: clients refused on \S+: 400 Session ID unknown`)
	p.stop(syscall.SIGTERM, 143)
	if lines := strings.Count(p.out.String(), "\n"); lines > 100 {
		t.Errorf("%d lines for %d requests:\n%.2000s", lines, most, p.out.String())
	}
}
