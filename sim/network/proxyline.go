package network

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxProxyLine is the longest line of the PROXY protocol, version 1, CRLF
// included (section 2.1).
const maxProxyLine = 107

var proxyPrefix = []byte("PROXY ")

// errProxyLine is why a connection that begins with PROXY is closed.
var errProxyLine = errors.New("malformed PROXY protocol line")

// AppendProxyLine appends the line by which a proxy tells, at the beginning of
// a connection, whose it is (PROXY protocol, version 1).
func AppendProxyLine(dst []byte, from, to netip.AddrPort) []byte {
	family := "TCP4"
	if from.Addr().Is6() || to.Addr().Is6() {
		family = "TCP6"
	}
	return fmt.Appendf(dst, "PROXY %s %s %s %d %d\r\n", family, from.Addr(), to.Addr(), from.Port(), to.Port())
}

// mayBeProxyLine reports whether more bytes could make a PROXY line of these.
func mayBeProxyLine(b []byte) bool {
	if len(b) < len(proxyPrefix) {
		return bytes.HasPrefix(proxyPrefix, b)
	}
	return bytes.HasPrefix(b, proxyPrefix)
}

// parseProxyLine reads the line that b begins with. n is its length, 0 as long
// as its end is missing. from is not valid when the line does not tell
// ("PROXY UNKNOWN").
func parseProxyLine(b []byte) (from netip.AddrPort, n int, err error) {
	end := bytes.IndexByte(b[:min(len(b), maxProxyLine)], '\n')
	if end < 0 {
		if len(b) >= maxProxyLine {
			err = errProxyLine
		}
		return from, 0, err
	}
	line, ok := strings.CutSuffix(string(b[:end]), "\r")
	words := strings.Split(line, " ")
	if !ok || len(words) < 2 || words[0] != "PROXY" {
		return from, 0, errProxyLine
	}
	if words[1] == "UNKNOWN" {
		return from, end + 1, nil
	}
	if len(words) != 6 || words[1] != "TCP4" && words[1] != "TCP6" {
		return from, 0, errProxyLine
	}
	var a [2]netip.Addr
	var port [2]uint64
	for i := range 2 {
		a[i], err = netip.ParseAddr(words[2+i])
		if err != nil || a[i].Zone() != "" || words[1] == "TCP4" && !a[i].Is4() {
			return from, 0, errProxyLine
		}
		if port[i], err = strconv.ParseUint(words[4+i], 10, 16); err != nil {
			return from, 0, errProxyLine
		}
	}
	return netip.AddrPortFrom(a[0], uint16(port[0])), end + 1, nil
}
