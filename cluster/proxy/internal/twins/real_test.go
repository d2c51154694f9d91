//go:build peers

package twins

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// timeout is how long anything may take.
const timeout = 10 * time.Second

// errRefused is that a configuration is refused.
var errRefused = errors.New("the configuration is refused")

// real is a running nginx: one process, or where it reloads a master and a worker.
type real struct {
	master bool

	dir   string
	cmd   *exec.Cmd
	ended chan struct{}
	said  bytes.Buffer // before it ends
	ready string       // the address at which it says how often it has loaded
	loads int
	log   *os.File
}

// startReal starts nginx in a directory. The error is errRefused when nginx refuses
// the text, with its words.
func startReal(dir, ready, text string, reloads bool) (*real, error) {
	n := &real{master: reloads, dir: dir, ready: ready, ended: make(chan struct{})}
	if err := n.write(text); err != nil {
		return nil, err
	}
	n.cmd = exec.Command("nginx", "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", filepath.Join(dir, "nginx.conf"))
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	n.cmd.Stderr = &n.said
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		n.cmd.Wait()
		close(n.ended)
	}()
	if err := n.loaded(); err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

// write writes the configuration around the text.
func (n *real) write(text string) error {
	n.loads++
	var temp strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s;\n", kind, filepath.Join(n.dir, kind))
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n"
	}
	if !n.master {
		user += "master_process off;\n"
	}
	whole := user + "daemon off;\npid " + filepath.Join(n.dir, "pid") + ";\nevents { worker_connections 256; }\nhttp {\naccess_log off;\n" +
		temp.String() + "root " + filepath.Join(n.dir, "files") + ";\nadd_header X-Upstream $upstream_addr always;\n" +
		fmt.Sprintf("server { listen %s; add_header X-Loads %d; return 204; }\n", n.ready, n.loads) + text + "}\n"
	return os.WriteFile(filepath.Join(n.dir, "nginx.conf"), []byte(whole), 0o600)
}

// loaded waits until the configuration that was written is in effect.
func (n *real) loaded() error {
	wanted := fmt.Sprintf("X-Loads: %d\r\n", n.loads)
	for deadline := time.Now().Add(timeout); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if c, err := net.Dial("tcp", n.ready); err == nil {
			c.SetDeadline(deadline)
			c.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
			b := make([]byte, 1024)
			size, _ := c.Read(b)
			c.Close()
			if strings.Contains(string(b[:size]), wanted) && n.alone() {
				return nil
			}
			if log := n.words(); strings.Contains(log, "[emerg]") {
				return fmt.Errorf("%w: %s", errRefused, log)
			}
			continue
		}
		select {
		case <-n.ended:
			if strings.Contains(n.said.String(), "[emerg]") {
				return fmt.Errorf("%w: %s", errRefused, n.said.String())
			}
			return fmt.Errorf("nginx has ended: %s", n.said.String())
		default:
		}
	}
	return errors.New("nginx does not listen")
}

// alone reports whether no worker but the newest is left.
func (n *real) alone() bool {
	if !n.master {
		return true
	}
	workers, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", n.cmd.Process.Pid))
	return err == nil && len(strings.Fields(string(workers))) == 1
}

// reload has it read another text.
func (n *real) reload(text string) error {
	n.words()
	if err := n.write(text); err != nil {
		return err
	}
	if err := n.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	return n.loaded()
}

// words returns what it has logged since the last call.
func (n *real) words() string {
	if n.log == nil {
		n.log, _ = os.Open(filepath.Join(n.dir, "error.log"))
	}
	var b bytes.Buffer
	b.ReadFrom(n.log)
	return b.String()
}

func (n *real) stop() {
	syscall.Kill(-n.cmd.Process.Pid, syscall.SIGKILL) // the worker too
	<-n.ended
	if n.log != nil {
		n.log.Close()
	}
}
