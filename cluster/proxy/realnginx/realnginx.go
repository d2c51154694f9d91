//go:build peers

// Package realnginx runs the system's nginx, for tests that compare with it. It is
// part of no build without the tag peers: packages of cluster, sim and ui share it,
// so that no internal directory can hold it.
package realnginx

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// timeout is how long nginx may take to start and to stop.
const timeout = time.Minute

// withParent makes a command end with the test binary.
var withParent = func(*exec.Cmd) {}

// Process is a running nginx.
type Process struct {
	cmd  *exec.Cmd
	stop func()
}

// Stop ends it.
func (p *Process) Stop() { p.stop() }

// Reload has it read its configuration again, as the signal HUP does. It fails when
// the process has ended.
func (p *Process) Reload() error { return p.cmd.Process.Signal(syscall.SIGHUP) }

// Start is Run, and fails as it does, for who only wants to stop it.
func Start(t testing.TB, addr, text string) (stop func(), err error) {
	p, err := Run(t, addr, text)
	if err != nil {
		return nil, err
	}
	return p.stop, nil
}

// Run starts an nginx with one worker, whose http block holds the text; one of
// its servers must listen on addr. It ends with Stop, or with the test. It fails when
// there is no nginx, or it does not come to listen.
func Run(t testing.TB, addr, text string) (*Process, error) {
	dir := t.TempDir()
	return run(t, addr, dir, configuration(dir, "http {\n"+temporary(dir)+text+"}\n"))
}

// RunStream is Run for a text that the stream block holds. It fails when nginx lacks the
// module, too.
func RunStream(t testing.TB, addr, text string) (*Process, error) {
	said, err := exec.Command("nginx", "-V").CombinedOutput()
	if err != nil {
		return nil, missing(err)
	}
	load := ""
	if built := string(said); strings.Contains(built, "--with-stream=dynamic") {
		_, path, _ := strings.Cut(built, "--modules-path=")
		path, _, _ = strings.Cut(path, " ")
		load = "load_module " + filepath.Join(path, "ngx_stream_module.so") + ";\n"
	}
	dir := t.TempDir()
	p, err := run(t, addr, dir, load+configuration(dir, "stream {\n"+text+"}\n"))
	if err != nil {
		return nil, fmt.Errorf("%w (Debian has the module in libnginx-mod-stream)", err)
	}
	return p, nil
}

func run(t testing.TB, addr, dir, whole string) (*Process, error) {
	bin, err := exec.LookPath("nginx")
	if err != nil {
		return nil, missing(err)
	}
	conf, log := filepath.Join(dir, "nginx.conf"), filepath.Join(dir, "error.log")
	if err := os.WriteFile(conf, []byte(whole), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(bin, "-p", dir, "-e", log, "-c", conf)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	withParent(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-ended:
			case <-time.After(timeout):
				t.Error("nginx does not stop")
				cmd.Process.Kill()
				<-ended
			}
			if said, err := os.ReadFile(log); t.Failed() && err == nil {
				t.Logf("nginx follows:\n%s\nand says:\n%.4000s", numbered(whole), said)
			}
		})
	}
	t.Cleanup(stop)
	if err := listens(addr, ended); err != nil {
		stop()
		return nil, fmt.Errorf("nginx: %w\n%s\n%s", err, &output, numbered(whole))
	}
	return &Process{cmd, stop}, nil
}

func configuration(dir, block string) string {
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n"
	}
	return user + "worker_processes 1;\ndaemon off;\npid " + filepath.Join(dir, "pid") + ";\nevents { worker_connections 8192; }\n" + block
}

// temporary keeps the files of the http block in a directory.
func temporary(dir string) string {
	var temp strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	return "access_log off;\n" + temp.String()
}

// listens waits until somebody listens at addr.
func listens(addr string, ended chan error) error {
	for deadline := time.Now().Add(timeout); ; {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			return c.Close()
		}
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("it ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return errors.New("it does not listen")
		}
	}
}

func numbered(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		fmt.Fprintf(&b, "%4d %s\n", i+1, line)
	}
	return b.String()
}

// addresses counts those of FreeAddr.
var addresses atomic.Uint32

// FreeAddr returns a loopback address that nobody listens on, nor will: its IP is
// given once, so that nobody takes the port before it is used, or while what listens
// there is stopped. It fails when there is no port left.
func FreeAddr() (string, error) {
	process := os.Getpid()
	l, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 64+process>>8%64, process%256, 1+addresses.Add(1)%254))
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// Version is that of the system's nginx, "1.22.1".
func Version(t testing.TB) string {
	t.Helper()
	output, err := exec.Command("nginx", "-v").CombinedOutput()
	if err != nil {
		t.Fatal(missing(err))
	}
	_, version, ok := strings.Cut(string(output), "nginx/")
	if !ok {
		t.Fatalf("nginx -v says %q", output)
	}
	return strings.Fields(version)[0]
}

func missing(err error) error {
	return fmt.Errorf("%w: install the system's package (apt-get install nginx)", err)
}
