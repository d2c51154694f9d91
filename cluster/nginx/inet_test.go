package nginx

import (
	"net/netip"
	"strings"
	"testing"
)

// TestAddressesAsNginxReadsThem promises nginx's reading of addresses in requests, which
// was compared with a real one.
func TestAddressesAsNginxReadsThem(t *testing.T) {
	for text, want := range map[string]string{
		"1.2.3.4": "1.2.3.4:0", "01.2.3.4": "1.2.3.4:0", "1.2.3.0004": "1.2.3.4:0", "1..3.": "1.0.3.0:0", "0.0.0.0": "0.0.0.0:0",
		"1.2.3.4:80": "1.2.3.4:80", "1.2.3.4:080": "1.2.3.4:80",
		"::1": "[::1]:0", "[::1]:80": "[::1]:80", "::1:80": "[::1:80]:0", "::": "[::]:0", "2001:DB8::7": "[2001:db8::7]:0",
		"::ffff:1.2.3.4": "[::ffff:1.2.3.4]:0", "1:2:3:4:5:6:7:8": "[1:2:3:4:5:6:7:8]:0", "1:2:3:4:5:6:1.2.3.4": "[1:2:3:4:5:6:102:304]:0",
		"1::8": "[1::8]:0", "1:2:3::": "[1:2:3::]:0",

		"": "", "1.2.3": "", "1.2.3.4.5": "", "256.1.1.1": "", "255.255.255.255": "", "1.2.3.4:0": "", "1.2.3.4:65536": "", "1.2.3.4:": "", "1.2.3.4:x": "",
		"[1.2.3.4]": "", "[::1]": "", "[::1]:0": "", "[::1]x": "", "fe80::1%eth0": "", "1::2::3": "", "12345::": "", "1:2:3:4:5:6:7": "", "1:2:3:4:5:6:7:8:9": "",
		"1:2:3:4:5:6:7:1.2.3.4": "", "unix:": "", "unknown": "", "g::": "", ":": "",
	} {
		got, ok := parseInetPort(text, false)
		if ok != (want != "") || ok && got != netip.MustParseAddrPort(want) {
			t.Errorf("%q is read as %v, %v; want %q", text, got, ok, want)
		}
	}
	if got, ok := parseInetPort("[::1]", true); !ok || got != netip.MustParseAddrPort("[::1]:0") {
		t.Errorf("brackets without a port: %v, %v", got, ok)
	}
}

// FuzzInet promises a valid address or none, and that an address as it is written
// usually is read as that.
func FuzzInet(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "192.0.2.1:80", "[::1]:80", "::1", "fe80::1%eth0", "1:2:3:4:5:6:7.8.9.10", ":::", "1::2:3.", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseInetPort(s, true)
		if ok && (!got.Addr().IsValid() || got.Addr().Zone() != "") {
			t.Errorf("parseInetPort(%q) = %v", s, got)
		}
		usual, err := netip.ParseAddr(s)
		refused := usual == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || strings.Count(s, ":") == 8 // "1:2:3:4:5:6:7::" is none to nginx
		if err == nil && usual.Zone() == "" && !refused && (!ok || got.Addr() != usual) {
			t.Errorf("parseInetPort(%q) = %v, %v, not %v", s, got, ok, usual)
		}
	})
}
