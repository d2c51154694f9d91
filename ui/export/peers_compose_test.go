//go:build peers

package export

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/goccy/go-yaml"

	"stickylab/scenarios"
)

// timeout is how long anything may take that must happen.
const timeout = time.Minute

// The services of a compose file, each started on this machine as its container
// would be, are a cluster: clients of two regions hear each other through nginx,
// the nodes and Redis. What differs is where each service is, 127.77.0.N, and
// that the real_ip lines are the ones that the file's first lines tell of.
func TestPeersServicesOfAComposeFile(t *testing.T) {
	text, err := scenarios.Read("redis-adapter")
	if err != nil {
		t.Fatal(err)
	}
	p := planOf(t, "redis-adapter", text)
	out, _, err := Compose(Options{Plan: p, Name: "redis-adapter"})
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct{ Command []string }
		Configs  map[string]struct{ Content string }
	}
	if err := yaml.Unmarshal([]byte(out), &file); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "stickylab")
	if said, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "stickylab").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}

	redis := free(t, "127.77.0.1")
	host, port, _ := net.SplitHostPort(redis)
	begin(t, redis, "redis-server", "--bind", host, "--port", port, "--save", "", "--dir", dir)
	conf := strings.ReplaceAll(file.Configs["nginx"].Content, "$$", "$")
	for i, n := range p.Nodes {
		at := free(t, fmt.Sprintf("127.77.0.%d", i+2))
		listens := fmt.Sprintf(":%d", n.Listen.Port())
		args := file.Services[n.Name].Command
		for i, a := range args {
			args[i] = strings.NewReplacer("0.0.0.0"+listens, at, "redis:6379", redis).Replace(a)
		}
		begin(t, at, bin, args...)
		conf = strings.ReplaceAll(conf, n.Name+listens, at)
	}
	entry := free(t, "127.77.0.1")
	told := regexp.MustCompile(`(?m)^#   ((?:set_)?real_ip_.*;)$`).FindAllStringSubmatch(out, -1)
	if len(told) != 3 {
		t.Fatalf("the file tells of the lines %q", told)
	}
	lines := "listen " + entry + "; set_real_ip_from 127.0.0.0/8;"
	for _, l := range told {
		lines += l[1]
	}
	conf = strings.Replace(conf, "listen 80;", lines, 1)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	begin(t, entry, "nginx", "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", path,
		"-g", "daemon off; pid "+filepath.Join(dir, "pid")+";")

	ann, there := enter(t, entry, "203.0.113.7")
	bob, elsewhere := enter(t, entry, "192.0.2.7")
	if there == elsewhere {
		t.Errorf("both are on %s", there)
	}
	// The nodes may hear of Redis a moment later than of their clients.
	for i := 0; ; i++ {
		word := fmt.Sprintf("hello %d", i)
		write(t, ann, fmt.Sprintf(`42["say",{"room":"lobby","text":%q}]`, word))
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*200*time.Millisecond)
		_, said, err := bob.Read(ctx)
		cancel()
		if err == nil && strings.HasPrefix(string(said), `42["said"`) && strings.Contains(string(said), there) {
			break
		}
		if bob, _ = enter(t, entry, "192.0.2.7"); i > 20 {
			t.Fatalf("bob does not hear ann: %q, %v", said, err)
		}
	}
}

// free is a port of an address that nobody listens on.
func free(t *testing.T, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// begin starts a program until the end of the test, and waits until it listens.
func begin(t *testing.T, address, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		const terminated = 128 + int(syscall.SIGTERM) // as our nodes say; nginx and Redis end with 0
		if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != terminated || t.Failed() {
			t.Errorf("%s %q: %v\n%s", name, args, err, said.String())
		}
	})
	for end := time.Now().Add(timeout); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not listen on %s: %v", name, address, err)
		}
	}
}

// enter joins the lobby from an IP address, and tells on which node.
func enter(t *testing.T, entry, ip string) (*websocket.Conn, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+entry+"/socket.io/?EIO=4&transport=websocket",
		&websocket.DialOptions{HTTPHeader: http.Header{"X-Forwarded-For": {ip}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	write(t, ws, `40{"name":"x"}`)
	node := ""
	for {
		_, text, err := ws.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if welcome := regexp.MustCompile(`^42\["welcome",.*"node":"([^"]+)"`).FindSubmatch(text); welcome != nil {
			node = string(welcome[1])
			write(t, ws, `420["join","lobby"]`)
		}
		if strings.HasPrefix(string(text), "430") {
			return ws, node
		}
	}
}

func write(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	if err := ws.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}
