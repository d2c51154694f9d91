package proxyproto

import (
	"net/netip"
	"strings"
	"testing"
)

// binaryHeader is a header of version 2.
func binaryHeader(command, family byte, body string) string {
	return signature + string([]byte{command, family, byte(len(body) >> 8), byte(len(body))}) + body
}

const inet = "\xcb\x00\x71\x07" + "\xc0\x00\x02\x01" + "\x9c\x40" + "\x00\x50"

func TestHeadersThatNginxTakes(t *testing.T) {
	ours := Header{"203.0.113.7", "192.0.2.1", 40000, 80}
	for _, test := range []struct {
		header string
		want   Header
	}{
		{"PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\r\n", ours},
		{"PROXY TCP6 2001:db8::7 2001:DB8::1 1 65535\r\n", Header{"2001:db8::7", "2001:DB8::1", 1, 65535}},
		{"PROXY TCP4 ::7 beef 0 00080\r\n", Header{"::7", "beef", 0, 80}}, // read, not understood
		{"PROXY UNKNOWN\r\n", Header{}},
		{"PROXY UNKNOWN whatever else\r\n", Header{}},
		{binaryHeader(0x21, 0x11, inet), ours},
		{binaryHeader(0x21, 0x11, inet+"\x04\x00\x01x"), ours}, // with more to say
		{binaryHeader(0x20, 0x00, ""), Header{}},               // LOCAL: the balancer's own
		{binaryHeader(0x21, 0x12, inet), Header{}},             // UDP
		{binaryHeader(0x21, 0x31, ""), Header{}},               // a unix socket
		{
			binaryHeader(0x21, 0x21, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07"+
				"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"+"\x00\x01"+"\xff\xff"),
			Header{"2001:db8::7", "2001:db8::1", 1, 65535},
		},
	} {
		for _, rest := range []string{"", "GET / HTTP/1.1\r\n"} {
			h, n, err := Read([]byte(test.header + rest))
			if err != nil || n != len(test.header) || h != test.want {
				t.Errorf("%q: %+v, %d bytes, %v", test.header+rest, h, n, err)
			}
		}
	}
}

func TestHeadersThatNginxRefuses(t *testing.T) {
	for header, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: x\r\n":                  `broken header: "GET / HTTP/1.1"`,
		"":                                               `broken header: ""`,
		"PROXY":                                          `broken header: "PROXY"`,
		"PROXY \r\n":                                     `broken header: "PROXY "`,
		"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n":             `broken header: "PROXY TCP5 1.2.3.4 1.2.3.4 1 2"`,
		"PROXY TCP4 nobody 1.2.3.4 1 2\r\n":              `broken header: "PROXY TCP4 nobody 1.2.3.4 1 2"`,
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n":         `broken header: "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536"`,
		"PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n":            `broken header: "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2"`,
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n":               `broken header: "PROXY TCP4 1.2.3.4 1.2.3.4 1 2"`,
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 2":                 `broken header: "PROXY TCP4 1.2.3.4 1.2.3.4 1 2"`,
		"PROXY TCP4 1.2.3.4 1.2.3.4  2\r\n":              `broken header: "PROXY TCP4 1.2.3.4 1.2.3.4  2"`,
		"PROXY UNKNOWN":                                  `broken header: "PROXY UNKNOWN"`,
		binaryHeader(0x11, 0x11, inet):                   "unknown PROXY protocol version: 1",
		binaryHeader(0x21, 0x11, inet)[:binaryHead+11]:   "header is too large",
		binaryHeader(0x21, 0x11, inet[:11]):              "incomplete header",
		binaryHeader(0x21, 0x11, inet)[:binaryHead-1]:    `broken header: ""`,
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 9999999999999\r\n": `broken header: "PROXY TCP4 1.2.3.4 1.2.3.4 1 9999999999999"`,
	} {
		h, n, err := Read([]byte(header))
		if err == nil || err.Error() != want || n != 0 || h != (Header{}) {
			t.Errorf("%q: %+v, %d, %v, not %s", header, h, n, err, want)
		}
		if quiet := want == "incomplete header"; err != nil && Quiet(err) != quiet {
			t.Errorf("%q: quiet is %v", header, !quiet)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, test := range [][2]string{
		{"203.0.113.7:40000", "192.0.2.1:80"},
		{"[2001:db8::7]:1", "[2001:db8::1]:65535"},
		{"[2001:db8::7]:1", "192.0.2.1:2"},
	} {
		from, to := netip.MustParseAddrPort(test[0]), netip.MustParseAddrPort(test[1])
		line := Append([]byte("-"), from, to)[1:]
		h, n, err := Read(line)
		want := Header{from.Addr().String(), to.Addr().String(), int(from.Port()), int(to.Port())}
		if err != nil || n != len(line) || h != want {
			t.Errorf("%q: %+v, %d, %v", line, h, n, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\r\nGET /"))
	f.Add([]byte("PROXY UNKNOWN\r\n"))
	f.Add([]byte(binaryHeader(0x21, 0x11, inet)))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := Read(b)
		switch {
		case n < 0 || n > len(b):
			t.Fatalf("%d of %d bytes", n, len(b))
		case err != nil && (n != 0 || h != (Header{})):
			t.Fatalf("%+v together with %v", h, err)
		case err == nil && n == 0:
			t.Fatal("nothing was read")
		}
		if h.SourcePort > 65535 || h.DestinationPort > 65535 {
			t.Fatalf("%+v", h)
		}
	})
}

// What is not a line of version 1 is known as that with its first bytes.
func TestWhatMayBecomeAHeader(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "P": true, "PROX": true, "PROXY ": true, "PROXY TCP4": true, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r": true,
		"POST / HTTP/1.1": false, "PO": false, "GET": false, "PROXYX": false, "\x16\x03": false,
		"PROXY UNKNOWN\r\n": false, "PROXY UNKNOWN\r\nGET": false, "PROXY " + strings.Repeat("x", maxText): false,
	} {
		if Unfinished([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
