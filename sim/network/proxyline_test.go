package network

import (
	"net/netip"
	"strings"
	"testing"
)

func TestProxyLines(t *testing.T) {
	for line, want := range map[string]string{
		"PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\r\n":           "203.0.113.7:40000",
		"PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\nGET /":     "[2001:db8::7]:1",
		"PROXY TCP6 2001:db8::7 192.0.2.1 1 2\r\n":                "[2001:db8::7]:1",
		"PROXY UNKNOWN\r\n":                                       "invalid AddrPort",
		"PROXY UNKNOWN what ever it says\r\n":                     "invalid AddrPort",
		"PROXY UNKNOWN " + strings.Repeat("x", 91) + "\r\nGET / ": "invalid AddrPort",
	} {
		from, n, err := parseProxyLine([]byte(line))
		if err != nil || from.String() != want || n != strings.IndexByte(line, '\n')+1 {
			t.Errorf("%q is %v, %d, %v", line, from, n, err)
		}
	}
	for _, line := range []string{"PROXY", "PROXY TCP4 203.0.113.7", "PROXY TCP4 203.0.113.7 192.0.2.1 1 2\r"} {
		if _, n, err := parseProxyLine([]byte(line)); n != 0 || err != nil {
			t.Errorf("%q is not waited for: %d, %v", line, n, err)
		}
	}
	for _, line := range []string{
		"PROXY \r\n", "PROXY\r\n", "PROXY TCP4 203.0.113.7 192.0.2.1 1 2\n", "PROXY TCP5 203.0.113.7 192.0.2.1 1 2\r\n",
		"PROXY TCP4 2001:db8::7 192.0.2.1 1 2\r\n", "PROXY TCP4 203.0.113.7 192.0.2.1 1 65536\r\n",
		"PROXY TCP4 203.0.113.7 192.0.2.1 -1 2\r\n", "PROXY TCP4  203.0.113.7 192.0.2.1 1 2\r\n",
		"PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "PROXY UNKNOWN " + strings.Repeat("x", 107) + "\r\n",
	} {
		if _, _, err := parseProxyLine([]byte(line)); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
}

// What is not a PROXY line is known as that with its first bytes.
func TestWhatMayBeAProxyLine(t *testing.T) {
	for text, want := range map[string]bool{
		"P": true, "PROX": true, "PROXY ": true, "PROXY TCP4": true, "": true,
		"POST / HTTP/1.1": false, "PO": false, "GET": false, "PROXYX": false, "\x16\x03": false,
	} {
		if mayBeProxyLine([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func FuzzProxyLine(f *testing.F) {
	f.Add([]byte("PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\r\n"))
	f.Add([]byte("PROXY TCP6 2001:db8::7 ::1 1 2\r\nrest"))
	f.Add([]byte("PROXY UNKNOWN\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		from, n, err := parseProxyLine(b)
		if err != nil || n == 0 {
			return
		}
		if n > maxProxyLine || b[n-1] != '\n' {
			t.Fatalf("%q ends at %d", b, n)
		}
		if from.IsValid() {
			again, _, err := parseProxyLine(AppendProxyLine(nil, from, netip.MustParseAddrPort("192.0.2.1:80")))
			if err != nil || again != from {
				t.Fatalf("%v is written so that it is %v, %v", from, again, err)
			}
		}
	})
}
