package population

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	shake = `"GET /socket.io/?EIO=4&transport=polling&t=x HTTP/1.1" 200 118 "-" "Mozilla/5.0"`
	poll  = `"GET /socket.io/?EIO=4&transport=polling&t=y&sid=abc HTTP/1.1" 200 2 "-" "Mozilla/5.0"`
	page  = `"GET / HTTP/1.1" 200 512 "-" "curl/8"`
)

func logLine(a, request string) string {
	return a + " - - [01/Dec/2026:10:00:00 +0000] " + request + "\n"
}

func weighted(s string, n int) Weighted { return Weighted{netip.MustParseAddr(s), n} }

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want Clients
	}{
		"a list": {
			"\ufeff# offices\n203.0.113.7\n\n  2001:db8::1 3\r\n203.0.113.7 2\n::ffff:192.0.2.1",
			Clients{Form: List, Lines: 4, List: []Weighted{weighted("203.0.113.7", 3), weighted("2001:db8::1", 3), weighted("192.0.2.1", 1)}},
		},
		"handshakes in a log": {
			logLine("203.0.113.7", shake) + logLine("203.0.113.7", poll) + logLine("203.0.113.7", shake) + "noise\n" + logLine("198.51.100.1", page) + logLine("192.0.2.1", shake),
			Clients{Form: Combined, Handshakes: true, Lines: 5, Others: 1, FirstOther: 4, List: []Weighted{weighted("203.0.113.7", 2), weighted("192.0.2.1", 1)}},
		},
		"a log without handshakes": {
			logLine("203.0.113.7", page) + logLine("203.0.113.7", page) + logLine("unix:", page) + logLine("example.com:80 192.0.2.1", page),
			Clients{Form: Combined, Lines: 3, Others: 1, FirstOther: 3, List: []Weighted{weighted("203.0.113.7", 1), weighted("192.0.2.1", 1)}},
		},
		"JSON lines": {
			`{"remote_addr":"203.0.113.7","request":"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1"}` + "\n" +
				`{"client_ip":"[2001:db8::1]:4000","request_uri":"/socket.io/","args":"EIO=4&transport=polling"}` + "\n" +
				`{"x_forwarded_for":"192.0.2.1, 10.0.0.1","request_uri":"/socket.io/?EIO=4&transport=polling&sid=x"}` + "\n{\n" + `{"remote_addr":7}`,
			Clients{Form: JSON, Handshakes: true, Lines: 3, Others: 2, FirstOther: 4, List: []Weighted{weighted("203.0.113.7", 1), weighted("2001:db8::1", 1)}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read("x.log", strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "x: no line names the address of a client; " + wanted,
		"# nothing\n":                  "x: no line names the address of a client; " + wanted,
		"203.0.113.7\n 203.0.113.x 2":  `x:2:2: "203.0.113.x" is not an address, such as 203.0.113.77`,
		"fe80::1%eth0":                 `x:1:1: "fe80::1%eth0" is not an address, such as 203.0.113.77`,
		"203.0.113.7 0":                `x:1:13: "0" is not a number of clients from 1 to 1000000000`,
		"203.0.113.7\t 1  2":           `x:1:17: "2" is too much: a line has an address and a number of clients`,
		"203.0.113.0/24":               `x:1:1: "203.0.113.0/24" is not an address, such as 203.0.113.77`,
		`- - - "GET /"`:                "x:1:1: no line names the address of a client; " + wanted,
		strings.Repeat("x\n", 7):       strings.Repeat(`x:%d:1: "x" is not an address, such as 203.0.113.77`+"\n", 5),
		strings.Repeat("y", 2*maxLine): `x:1:1: "` + strings.Repeat("y", 40) + `" is not an address, such as 203.0.113.77`,
	} {
		if strings.Contains(want, "%d") {
			want = strings.TrimSuffix(fmt.Sprintf(want, 1, 2, 3, 4, 5), "\n")
		}
		if _, err := Read("x", strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v\nwant %s", text, err, want)
		}
	}
}

// A long line is cut, and does not shift those after it.
func TestLongLines(t *testing.T) {
	text := logLine("203.0.113.7", shake[:len(shake)-1]+strings.Repeat("x", 3*maxLine)+`"`) + logLine("192.0.2.1", shake)
	c, err := Read("x", strings.NewReader(text))
	if err != nil || c.Lines != 2 || c.Others != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("203.0.113.7 2\n::1\n")
	f.Add(logLine("203.0.113.7", shake) + "noise")
	f.Add(`{"remote_addr":"203.0.113.7","request":"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1"}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read("x", strings.NewReader(text))
		if err != nil {
			return
		}
		if c.Lines < 1 || c.Lines < len(c.List) || c.Total() < len(c.List) || c.Others > 0 != (c.FirstOther > 0) {
			t.Errorf("%q: %+v", text, c)
		}
		for _, w := range c.List {
			if !w.Address.IsValid() || w.Clients < 1 || w.Clients > MaxWeight {
				t.Errorf("%q: %v", text, w)
			}
		}
	})
}
