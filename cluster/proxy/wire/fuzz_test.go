package wire

import (
	"slices"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
)

var rules = nginx.HeadRules{Buffer: 100, Large: 600, Number: 2}

// verdict is what becomes of what a client sends when it comes in pieces of a size.
type verdict struct {
	request Request
	size    int
	whole   bool
	refused string
}

func read(sent []byte, strict bool, piece int) verdict {
	var h Head
	h.Reset(&rules, nil, strict)
	var buf []byte
	taken := 0
	for {
		size, whole, bad := h.Parse(buf)
		switch {
		case bad != nil:
			h.Refused()
			return verdict{refused: bad.Text}
		case whole:
			return verdict{*h.Request(), taken + size, true, ""}
		}
		n := h.Blank()
		buf, taken = buf[n:], taken+n
		if len(sent) == 0 {
			return verdict{}
		}
		n = min(piece, len(sent))
		buf, sent = append(buf, sent[:n]...), sent[n:]
	}
}

// FuzzHead promises that a head means the same however it comes in pieces, and that a
// request which is taken has a path and a host that lead nowhere else.
func FuzzHead(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a:80/%2e/..?x#y HTTP/1.1\r\nHost: [::1]:80\r\nX_Y: 1\r\n\r\n", "\r\n\nGET /\r\n", "CONNECT a:443 HTTP/1.1\r\n\r\n",
		"POST / HTTP/1.1\nHost: a\nContent-Length: 5\nTransfer-Encoding: chunked\n\n", "GET /a/../b//c/./ HTTP/1.0\r\n: \r\n", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
	} {
		f.Add([]byte(seed), true, 3)
	}
	f.Fuzz(func(t *testing.T, sent []byte, strict bool, piece int) {
		at, once := read(sent, strict, max(1, piece)), read(sent, strict, len(sent)+1)
		if at.refused != once.refused || at.whole != once.whole || at.size != once.size || at.request.Path != once.request.Path || !slices.Equal(at.request.Headers, once.request.Headers) {
			t.Errorf("%q in pieces of %d: %+v, at once: %+v", sent, piece, at, once)
		}
		r := once.request
		if !once.whole {
			return
		}
		if !strings.HasPrefix(r.Path, "/") || strings.IndexByte(r.Path, 0) >= 0 || strings.Contains(r.Path+"/", "/../") {
			t.Errorf("%q has the path %q", sent, r.Path)
		}
		if strings.ContainsAny(r.Host, "/ \t\r\n\x00") || strings.ToLower(r.Host) != r.Host {
			t.Errorf("%q has the host %q", sent, r.Host)
		}
		for _, h := range r.Headers {
			if h.Name == "" || strings.ContainsAny(h.Name, ": \r\n\x00") || strings.ContainsAny(h.Value, "\r\n\x00") {
				t.Errorf("%q has the header %q: %q", sent, h.Name, h.Value)
			}
		}
		if r.Length < 0 && r.Headers.Has("Content-Length") {
			t.Errorf("%q has two lengths", sent)
		}
	})
}

// FuzzChunks promises the same of a body in chunks.
func FuzzChunks(f *testing.F) {
	for _, seed := range []string{"2\r\nhi\r\n0\r\n\r\n", "2;x\r\nhi\r\n0\r\nT: 1\r\n\r\nrest", "a\nhi", "ffffffffffffffff\r\n"} {
		f.Add([]byte(seed), true, 3)
	}
	f.Fuzz(func(t *testing.T, sent []byte, strict bool, piece int) {
		body, whole, bad := join(sent, strict, max(1, piece))
		once, wholeOnce, badOnce := join(sent, strict, len(sent)+1)
		if body != once || whole != wholeOnce || bad != badOnce {
			t.Errorf("%q in pieces of %d: %q %v %v, at once: %q %v %v", sent, piece, body, whole, bad, once, wholeOnce, badOnce)
		}
		if len(once) > len(sent) {
			t.Errorf("%q became %q", sent, once)
		}
	})
}

func join(sent []byte, strict bool, piece int) (body string, whole, bad bool) {
	c := Chunks{Strict: strict}
	for len(sent) > 0 {
		now := sent[:min(piece, len(sent))]
		sent = sent[len(now):]
		for len(now) > 0 {
			data, size, whole, refused := c.Next(now)
			if whole || refused != nil {
				return body, whole, refused != nil
			}
			body, now = body+string(data), now[size:]
		}
	}
	return body, false, false
}
