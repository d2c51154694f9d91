package memnet

import "time"

// deadline is a read deadline: an instant, and a timer that wakes the reader.
type deadline struct {
	at    time.Time
	timer *Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// SetDeadline sets both deadlines. As those, it never fails.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline lets reads fail from t on; the zero time is never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &c.readDeadline
	d.at = t
	d.stop()
	if t.IsZero() {
		return nil
	}
	if d.passed() {
		c.readable.Broadcast()
		return nil
	}
	if d.timer == nil {
		d.timer = &Timer{n: c.net, conn: c.number, f: c.wakeReader}
	}
	d.timer.Reset(time.Until(t))
	return nil
}

func (c *Conn) wakeReader() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readable.Broadcast()
}

// SetWriteDeadline lets writes fail from t on; the zero time is never.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.fed.Load().takeBack(false)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writeDeadline = t
	return nil
}
