package client

// State is a client's own view of itself at an instant.
type State struct {
	Connected bool
	Transport string // "" when there is no connection
	Session   string // Engine.IO sid
	Socket    string // Socket.IO sid
	Attempts  int    // reconnection attempts since the last connection
	Buffered  int    // messages that wait for a connection
	Failure   Failure
}

// State returns what the client knows of itself.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := State{
		Connected: c.connected,
		Socket:    c.socket.String(),
		Attempts:  c.backoff.attempts,
		Buffered:  len(c.buffer),
		Failure:   c.failure,
	}
	if e := c.eng; e != nil && e.state == open {
		s.Session = e.session.String()
		s.Transport = e.transport()
	}
	return s
}
