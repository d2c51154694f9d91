package sim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// poller is a real client over polling, on one connection.
type poller struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
	sid  string
}

func (v *Served) openPolling(t testing.TB, ip string) *poller {
	t.Helper()
	p := &poller{t: t, conn: here(t, v.Entry(), ip)}
	t.Cleanup(func() { p.conn.Close() })
	p.r = bufio.NewReader(p.conn)
	var open struct{ SID string }
	body := p.get()
	if err := json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &open); err != nil || open.SID == "" {
		t.Fatalf("handshake: %q", body)
	}
	p.sid = open.SID
	return p
}

func (p *poller) get() string {
	fmt.Fprintf(p.conn, "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\n\r\n", p.sid)
	return p.answer()
}

func (p *poller) answer() string {
	r, err := http.ReadResponse(p.r, nil)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	return string(body)
}

func (p *poller) post(body string) string {
	fmt.Fprintf(p.conn, "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", p.sid, len(body), body)
	return p.answer()
}
