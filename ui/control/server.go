package control

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"stickylab/sim"
)

// Server is an open control port.
type Server struct {
	http     http.Server
	listener net.Listener
	ended    sync.WaitGroup
}

// most bounds the connections of a control port.
const most = 100

// Open opens a control port at an address such as "127.0.0.1:9090". A request
// must carry the token ("Authorization: Bearer TOKEN"). Without one the address
// must be of this machine only, and only its programs may ask, no web page. Open
// fails when the address is another one, or cannot be listened on.
func Open(address string, run *sim.Served, token string) (*Server, error) {
	host, _, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("control port %q is no address such as 127.0.0.1:9090", address)
	case token == "" && (host == "" || !Loopback(host)):
		return nil, fmt.Errorf("control port %q can be reached from other machines: set a token, or take 127.0.0.1", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("control port: %w", err)
	}
	s := &Server{listener: &bounded{Listener: l, free: make(chan struct{}, most)}}
	s.http = http.Server{
		Handler:           handler(run, token),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      traceTimeout, // put off by the trace, as long as it is read
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.ended.Go(func() { s.http.Serve(s.listener) })
	return s, nil
}

// Addr is where the port is open.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close closes the port and its connections. It fails when the port is closed.
func (s *Server) Close() error {
	err := s.http.Close()
	s.ended.Wait()
	return err
}

// bounded is a listener with a limit of connections; those beyond it are
// closed at once.
type bounded struct {
	net.Listener
	free chan struct{}
}

func (l *bounded) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.free <- struct{}{}:
			return &counted{Conn: c, of: l}, nil
		default:
			c.Close()
		}
	}
}

type counted struct {
	net.Conn
	of   *bounded
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { <-c.of.free })
	return c.Conn.Close()
}
