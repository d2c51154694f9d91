//go:build peers

package peers

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// withParent makes a command end with the test binary.
var withParent = func(*exec.Cmd) {}

var (
	listenLine = regexp.MustCompile(`\blisten\s+[^;]+;`)
	serverLine = regexp.MustCompile(`(\bserver\s+)([^\s;{]+)`)
)

// harnessed is the scenario's text with what nginx needs on one machine: ports
// of loopback in the place of the addresses, and the lines with which each
// virtual client has an address of its own.
func harnessed(text, listen string, real func(node string) string) string {
	text = listenLine.ReplaceAllString(text, "listen "+listen+" proxy_protocol;\n"+
		"set_real_ip_from 127.0.0.0/8;\nreal_ip_header proxy_protocol;")
	return serverLine.ReplaceAllStringFunc(text, func(line string) string {
		part := serverLine.FindStringSubmatch(line)
		if addr := real(part[2]); addr != "" {
			return part[1] + addr
		}
		return line
	})
}

// realNginx returns what starts an nginx with one worker that follows the
// scenario's text, as sim.Options.Proxy takes it.
func realNginx(t *testing.T, text string) func(func(string) string) (string, func(), error) {
	return func(real func(string) string) (string, func(), error) {
		bin, err := exec.LookPath("nginx")
		if err != nil {
			return "", nil, fmt.Errorf("%w: install the system's package (apt-get install nginx)", err)
		}
		addr, err := freeAddr()
		if err != nil {
			return "", nil, err
		}
		dir := t.TempDir()
		user := ""
		if os.Getuid() == 0 {
			user = "user root;\n"
		}
		var temp strings.Builder
		for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			fmt.Fprintf(&temp, "%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
		}
		whole := user + "worker_processes 1;\ndaemon off;\npid " + filepath.Join(dir, "pid") + ";\nevents { worker_connections 8192; }\n" +
			"http {\naccess_log off;\n" + temp.String() + harnessed(text, addr, real) + "}\n"
		conf, log := filepath.Join(dir, "nginx.conf"), filepath.Join(dir, "error.log")
		if err := os.WriteFile(conf, []byte(whole), 0o600); err != nil {
			return "", nil, err
		}
		cmd := exec.Command(bin, "-p", dir, "-e", log, "-c", conf)
		var output bytes.Buffer
		cmd.Stdout, cmd.Stderr = &output, &output
		withParent(cmd)
		if err := cmd.Start(); err != nil {
			return "", nil, err
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		stop := func() {
			cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Error("nginx does not stop")
				cmd.Process.Kill()
				<-ended
			}
			if said, err := os.ReadFile(log); t.Failed() && err == nil {
				t.Logf("nginx follows:\n%s\nand says:\n%.2000s", whole, said)
			}
		}
		if err := listens(addr, ended); err != nil {
			stop()
			return "", nil, fmt.Errorf("nginx: %w\n%s\n%s", err, &output, whole)
		}
		return addr, stop, nil
	}
}

// listens waits until somebody listens at addr.
func listens(addr string, ended chan error) error {
	for deadline := time.Now().Add(10 * time.Second); ; {
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

// freeAddr is a loopback address that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// version is which of the versions that scenarios know the system's nginx
// behaves as.
func version(t *testing.T) string {
	t.Helper()
	output, err := exec.Command("nginx", "-v").CombinedOutput()
	_, text, ok := strings.Cut(string(output), "nginx/")
	var minor, patch int
	if _, bad := fmt.Sscanf(text, "1.%d.%d", &minor, &patch); err != nil || !ok || bad != nil {
		t.Fatalf("nginx -v: %v: %s: install the system's package (apt-get install nginx)", err, output)
	}
	if minor > 29 || minor == 29 && patch >= 7 { // where proxy_http_version became 1.1
		return "1.30"
	}
	return "1.22"
}
