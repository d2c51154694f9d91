//go:build peers

package twins

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"

	"stickylab/cluster/host"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy"
	"stickylab/cluster/trace"
)

// own is our proxy. Its sockets are at the addresses that the configuration names, but
// for clients that connect with its dial only, as those of the system are nginx's.
type own struct {
	version  nginx.Version
	proxy    *proxy.Proxy
	recorder *trace.Recorder
	wire     net.Listener // where connections are made of

	mu        sync.Mutex
	listeners map[string]*listener
	dials     []string
	errors    []string
}

// startOwn starts the proxy. The error is errRefused when it refuses the text.
func startOwn(version nginx.Version, text string) (*own, error) {
	o := &own{version: version, listeners: map[string]*listener{}}
	config, err := o.read(text)
	if err != nil {
		return nil, err
	}
	o.recorder = trace.NewRecorder(o.record)
	if o.wire, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	o.proxy, err = proxy.New(proxy.Config{Env: o.env(), Host: "proxy", Nginx: config, Version: version})
	if err == nil {
		err = o.proxy.Start()
	}
	if err != nil {
		o.wire.Close()
		return nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	return o, nil
}

func (o *own) read(text string) (*nginx.Config, error) {
	config, problems := nginx.Parse("events { }\nhttp {\n"+text+"}\n", o.version)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %v", errRefused, problems)
	}
	return config, nil
}

func (o *own) reload(text string) error {
	config, err := o.read(text)
	if err != nil {
		return err
	}
	if err := o.proxy.Reload(config); err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return nil
}

func (o *own) stop() {
	o.proxy.Close()
	o.wire.Close()
}

func (o *own) env() host.Env {
	return host.Env{
		Listen: func(_, addr string) (net.Listener, error) {
			l := &listener{own: o, addr: addr, came: make(chan net.Conn), closed: make(chan struct{})}
			o.mu.Lock()
			defer o.mu.Unlock()
			o.listeners[addr] = l
			return l, nil
		},
		Dial: func(ctx context.Context, _ string, _ *trace.Lane, addr string) (net.Conn, error) {
			o.mu.Lock()
			o.dials = append(o.dials, addr)
			o.mu.Unlock()
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		},
		Rand:  func(string) *rand.Rand { return rand.New(rand.NewPCG(1, 2)) },
		Lane:  o.recorder.Lane,
		Go:    func(f func()) { go f() },
		Guard: func(f func()) { f() },

		AfterFunc: host.WallTimer,
	}
}

// record keeps the texts of the error log.
func (o *own) record(list []trace.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range list {
		if e.Kind == trace.ProxyError {
			o.errors = append(o.errors, e.Text.String())
		}
	}
}

// since returns which peers it dialed since the last call, and what it logged.
func (o *own) since() (dials, errors []string) {
	o.recorder.CloseStep()
	o.mu.Lock()
	defer o.mu.Unlock()
	dials, errors = o.dials, o.errors
	o.dials, o.errors = nil, nil
	return dials, errors
}

// dial connects a client that has an address to one of the proxy's.
func (o *own) dial(from *net.TCPAddr, to string) (net.Conn, error) {
	_, port, _ := net.SplitHostPort(to)
	o.mu.Lock()
	l := o.listeners[to]
	for _, wildcard := range []string{"0.0.0.0:" + port, ":" + port} {
		if l == nil {
			l = o.listeners[wildcard]
		}
	}
	o.mu.Unlock()
	if l == nil {
		return nil, errors.New("nothing listens at " + to)
	}
	local, err := net.ResolveTCPAddr("tcp", to)
	if err != nil {
		return nil, err
	}
	c, err := net.Dial("tcp", o.wire.Addr().String())
	if err != nil {
		return nil, err
	}
	server, err := o.wire.Accept()
	if err != nil {
		return nil, err
	}
	select {
	case l.came <- &conn{server.(*net.TCPConn), from, local}:
		return c, nil
	case <-l.closed:
		c.Close()
		server.Close()
		return nil, errors.New("it was closed: " + to)
	}
}

// listener is a socket of the proxy.
type listener struct {
	own    *own
	addr   string
	came   chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.came:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	l.own.mu.Lock()
	defer l.own.mu.Unlock()
	if l.own.listeners[l.addr] == l {
		delete(l.own.listeners, l.addr)
	}
	return nil
}

func (l *listener) Addr() net.Addr {
	a, _ := net.ResolveTCPAddr("tcp", strings.TrimPrefix(l.addr, "0.0.0.0"))
	return a
}

// conn has the addresses that the client's connection to nginx has.
type conn struct {
	*net.TCPConn
	remote, local net.Addr
}

func (c *conn) RemoteAddr() net.Addr { return c.remote }
func (c *conn) LocalAddr() net.Addr  { return c.local }
