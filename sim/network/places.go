package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Place is a port that an address of the simulation stands for.
type Place struct {
	Host    string `json:"host"`    // "proxy", "im-3030", "redis"
	Virtual string `json:"address"` // "192.168.33.10:80"; ":80" for any address
	Real    string `json:"listen"`  // "127.0.0.1:8080"
	Wanted  string `json:"-"`       // where it would have listened if that had been free
}

// places are the ports of a network and the wishes for them.
type places struct {
	anyPort bool

	mu     sync.Mutex
	wishes []wish
	list   []Place
}

// wish is the port that an address should have.
type wish struct {
	virtual netip.AddrPort
	real    string
	must    bool
}

// Want decides where an address listens: on a real one such as
// "127.0.0.1:8080". must says that nothing else will do. Without a wish it is
// the same port of 127.0.0.1 (8000 more below 1024), or the next that is free.
func (ps *places) Want(virtual netip.AddrPort, real string, must bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.wishes = append(ps.wishes, wish{virtual, real, must})
}

// Places returns where the simulation listens, in the order in which it began
// to.
func (ps *places) Places() []Place {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return slices.Clone(ps.list)
}

// Real returns the port that an address stands for, "" if none does.
func (ps *places) Real(virtual string) string {
	p, _ := ps.placeOf(virtual)
	return p.Real
}

// placeOf returns the place that connections to an address reach, if there is one.
func (ps *places) placeOf(addr string) (p Place, ok bool) {
	_, port, err := net.SplitHostPort(addr)
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.list {
		if p.Virtual == addr || err == nil && p.Virtual == ":"+port {
			return p, true
		}
	}
	return Place{}, false
}

// nearby is the number of ports after the wanted one that are tried before any.
const nearby = 20

// open listens on the port of an address, and finds one if it has none yet.
func (ps *places) open(host, at string) (net.Listener, error) {
	ps.mu.Lock()
	w, known := ps.wanted(at), Place{}
	if i := slices.IndexFunc(ps.list, func(p Place) bool { return p.Virtual == at }); i >= 0 {
		known = ps.list[i]
	}
	ps.mu.Unlock()
	if known.Real != "" {
		return net.Listen("tcp", known.Real)
	}
	inner, err := net.Listen("tcp", w.real)
	if err != nil && w.must {
		return nil, err
	}
	for i := 1; errors.Is(err, syscall.EADDRINUSE) && i <= nearby; i++ {
		inner, err = net.Listen("tcp", shifted(w.real, i))
	}
	if err != nil {
		if inner, err = net.Listen("tcp", anyPort); err != nil {
			return nil, err
		}
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.list = append(ps.list, Place{Host: host, Virtual: at, Real: inner.Addr().String(), Wanted: w.real})
	return inner, nil
}

// anyPort is any free port of this machine.
const anyPort = "127.0.0.1:0"

// wanted returns the wish for an address, or the default.
func (ps *places) wanted(at string) wish {
	_, text, _ := net.SplitHostPort(at)
	port, _ := strconv.ParseUint(text, 10, 16)
	for _, w := range ps.wishes {
		if w.virtual.String() == at || at == ":"+strconv.Itoa(int(w.virtual.Port())) {
			return w
		}
	}
	switch {
	case ps.anyPort:
		return wish{real: anyPort}
	case port < 1024:
		port += 8000
	}
	return wish{real: fmt.Sprintf("127.0.0.1:%d", port)}
}

// shifted returns the address with its port raised by a number.
func shifted(addr string, by int) string {
	host, text, _ := net.SplitHostPort(addr)
	port, _ := strconv.Atoi(text)
	if port+by > 65535 {
		return net.JoinHostPort(host, "0")
	}
	return net.JoinHostPort(host, strconv.Itoa(port+by))
}

// anyAddress maps the forms of "any address" to one, ":80".
func anyAddress(addr string) string {
	for _, any := range []string{"0.0.0.0:", "[::]:", "*:"} {
		if port, ok := strings.CutPrefix(addr, any); ok {
			return ":" + port
		}
	}
	return addr
}

// reachable returns the address to dial for one that is listened on.
func reachable(real string) string {
	host, port, err := net.SplitHostPort(real)
	if err != nil {
		return real
	}
	switch a, err := netip.ParseAddr(host); {
	case host == "" || err == nil && a.IsUnspecified() && a.Is4():
		host = "127.0.0.1"
	case err == nil && a.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
