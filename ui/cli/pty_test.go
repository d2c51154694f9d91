//go:build linux

package cli

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudo is the program on a separate terminal, which answers no queries.
type pseudo struct {
	*program
	master *os.File
	before unix.Termios
}

// onTerminal starts the program on a terminal.
func onTerminal(t *testing.T, args ...string) *pseudo {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	err = errors.Join(err, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0), unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}))
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	p := &pseudo{program: &program{t: t, cmd: exec.Command("stickylab", args...), ended: make(chan error, 1)}, master: master}
	modes, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	p.before = *modes
	p.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "CI=", "XDG_STATE_HOME="+t.TempDir())
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 1<<16)
		for {
			n, err := master.Read(buf)
			p.out.Write(buf[:n])
			if err != nil { // EIO once the program is gone
				return
			}
		}
	}()
	go func() {
		err := p.cmd.Wait()
		<-read
		p.ended <- err
	}()
	return p
}

// types types a text.
func (p *pseudo) types(text string) {
	p.t.Helper()
	if _, err := p.master.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

// restored checks that the terminal of a program that has ended is as it was.
func (p *pseudo) restored() {
	p.t.Helper()
	out := p.out.String()
	for _, mode := range []struct{ on, off string }{
		{"\x1b[?1049h", "\x1b[?1049l"}, {"\x1b[?25l", "\x1b[?25h"}, {"\x1b[?1002h", "\x1b[?1002l"}, {"\x1b[?1006h", "\x1b[?1006l"}, {"\x1b[?2004h", "\x1b[?2004l"},
	} {
		if strings.LastIndex(out, mode.on) > strings.LastIndex(out, mode.off) {
			p.t.Errorf("%q stays on: the output ends with %q", mode.on, out[max(0, len(out)-400):])
		}
	}
	if modes, err := unix.IoctlGetTermios(int(p.master.Fd()), unix.TCGETS); err != nil || *modes != p.before {
		p.t.Errorf("the modes were %+v, are %+v, %v", p.before, modes, err)
	}
}

// within checks that the program ends soon after an instant, a second and what a
// busy machine takes, and returns how long it took.
func (p *pseudo) within(since time.Time, want int) time.Duration {
	p.t.Helper()
	p.stop(nil, want)
	took := time.Since(since)
	if took > 5*time.Second {
		p.t.Errorf("it ended %v later", took)
	}
	p.restored()
	return took
}
