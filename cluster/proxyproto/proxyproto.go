// Package proxyproto reads and writes the header of the PROXY protocol, by which
// a proxy for connections names the client of each one.
package proxyproto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
)

// Most is the size of the read in which nginx looks for the header,
// in bytes (client_header_buffer_size).
const Most = 1 << 10

// Header holds the addresses of a header.
type Header struct {
	// The text of the addresses. Version 1 has it as it was sent, which may be
	// any mix of hexadecimal digits, ":" and ".".
	Source, Destination string

	SourcePort, DestinationPort int
}

// Append appends the line of version 1.
func Append(dst []byte, from, to netip.AddrPort) []byte {
	family := "TCP4"
	if from.Addr().Is6() || to.Addr().Is6() {
		family = "TCP6"
	}
	return fmt.Appendf(dst, "PROXY %s %s %s %d %d\r\n", family, from.Addr(), to.Addr(), from.Port(), to.Port())
}

// textPrefix opens a header of version 1, whose longest line has maxText bytes
// with CRLF (section 2.1).
const (
	textPrefix = "PROXY "
	maxText    = 107
)

// IsText reports whether b begins with a header of version 1.
func IsText(b []byte) bool { return bytes.HasPrefix(b, []byte(textPrefix)) }

// Unfinished reports whether more bytes could make a header of version 1 of b.
func Unfinished(b []byte) bool {
	n := min(len(b), len(textPrefix))
	return string(b[:n]) == textPrefix[:n] && len(b) < maxText && !bytes.Contains(b, []byte("\n"))
}

// signature opens a header of version 2.
const signature = "\r\n\r\n\x00\r\nQUIT\n"

// binaryHead is the size of what version 2 always has: the signature, version
// and command, family and transport, and the length of the rest.
const binaryHead = len(signature) + 4

// errShort is the error of a header that nginx refuses without a word.
var errShort = errors.New("incomplete header")

// Quiet reports whether nginx writes nothing to its error log about the error.
func Quiet(err error) bool { return errors.Is(err, errShort) }

// Read reads the header, of either version, that b begins with, as nginx does
// (ngx_proxy_protocol_read): b is what the first read of the connection gave,
// and a header that continues after it is broken. n is its length. A header that
// does not say whose the connection is ("PROXY UNKNOWN", the command LOCAL) has
// no Source. The error is in nginx's words; of what is broken it has the first
// line, as newer versions do.
func Read(b []byte) (h Header, n int, err error) {
	if len(b) >= binaryHead && string(b[:len(signature)]) == signature {
		return readBinary(b)
	}
	if h, n, ok := readText(b); ok {
		return h, n, nil
	}
	line := b
	if end := bytes.IndexAny(b, "\r\n"); end >= 0 {
		line = b[:end]
	}
	return Header{}, 0, fmt.Errorf("broken header: \"%s\"", line)
}

// readText reads version 1.
func readText(b []byte) (h Header, n int, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte(textPrefix))
	if !ok || len(b) < 8 {
		return h, 0, false
	}
	if after, unknown := bytes.CutPrefix(rest, []byte("UNKNOWN")); unknown {
		end := bytes.Index(after, []byte("\r\n"))
		return h, len(b) - len(after) + end + 2, end >= 0
	}
	if len(rest) < 5 || string(rest[:3]) != "TCP" || rest[3] != '4' && rest[3] != '6' || rest[4] != ' ' {
		return h, 0, false
	}
	rest = rest[5:]
	if h.Source, rest, ok = address(rest); !ok {
		return h, 0, false
	}
	if h.Destination, rest, ok = address(rest); !ok {
		return h, 0, false
	}
	if h.SourcePort, rest, ok = port(rest, ' '); !ok {
		return h, 0, false
	}
	if h.DestinationPort, rest, ok = port(rest, '\r'); !ok {
		return h, 0, false
	}
	if len(rest) == 0 || rest[0] != '\n' {
		return h, 0, false
	}
	return h, len(b) - len(rest) + 1, true
}

// address reads up to a space what could be an address.
func address(b []byte) (text string, rest []byte, ok bool) {
	for i, c := range b {
		switch {
		case c == ' ':
			return string(b[:i]), b[i+1:], true
		case c == ':', c == '.', '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return "", nil, false
		}
	}
	return "", nil, false
}

func port(b []byte, end byte) (n int, rest []byte, ok bool) {
	i := bytes.IndexByte(b, end)
	if i <= 0 {
		return 0, nil, false
	}
	for _, c := range b[:i] {
		if c < '0' || c > '9' || n > 65535 {
			return 0, nil, false
		}
		n = n*10 + int(c-'0')
	}
	return n, b[i+1:], n <= 65535
}

// readBinary reads version 2 (ngx_proxy_protocol_v2_read).
func readBinary(b []byte) (h Header, n int, err error) {
	version, command := b[12]>>4, b[12]&15
	family, transport := b[13]>>4, b[13]&15
	if version != 2 {
		return h, 0, errors.New("unknown PROXY protocol version: " + strconv.Itoa(int(version)))
	}
	n = binaryHead + int(binary.BigEndian.Uint16(b[14:]))
	if n > len(b) {
		return h, 0, errors.New("header is too large")
	}
	const proxied, stream, inet, inet6 = 1, 1, 1, 2
	if command != proxied || transport != stream {
		return h, n, nil
	}
	body, size := b[binaryHead:n], 0
	switch family {
	case inet:
		size = 4
	case inet6:
		size = 16
	default:
		return h, n, nil
	}
	if len(body) < 2*size+4 {
		return h, 0, errShort
	}
	source, _ := netip.AddrFromSlice(body[:size])
	destination, _ := netip.AddrFromSlice(body[size : 2*size])
	return Header{
		Source: source.String(), Destination: destination.String(),
		SourcePort:      int(binary.BigEndian.Uint16(body[2*size:])),
		DestinationPort: int(binary.BigEndian.Uint16(body[2*size+2:])),
	}, n, nil
}
