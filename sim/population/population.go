// Package population reads who the clients of a site are: from a list of addresses,
// or from an access log.
package population

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"unicode"
)

// Bounds of what is read.
const (
	MaxAddresses = 1_000_000 // different ones
	MaxWeight    = 1_000_000_000
	maxLine      = 64 << 10 // bytes; the rest of a longer line is not looked at
	maxMistakes  = 5        // that are told at once
)

// Form is the form of a file, which its first line decides.
type Form string

// The forms.
const (
	List     Form = "list"     // an address a line, and optionally how many clients it stands for
	Combined Form = "combined" // log_format combined of nginx, and logs that begin as it does
	JSON     Form = "json"     // JSON Lines
)

// Weighted is an address and the number of clients that it stands for.
type Weighted struct {
	Address netip.Addr
	Clients int
}

// Clients is what a file says of them.
type Clients struct {
	Form Form
	List []Weighted // in the order in which the addresses first appear

	// Handshakes reports whether a log has handshakes of Socket.IO: each is a client then,
	// and an address without any is none. Else each address of a log is one client.
	Handshakes bool

	Lines      int // that name an address
	Others     int // lines of a log that name none
	FirstOther int // the number of the first of these, from 1
}

// Total returns the number of clients.
func (c *Clients) Total() int {
	n := 0
	for _, w := range c.List {
		n += w.Clients
	}
	return n
}

// counted is an address while the file is read.
type counted struct{ lines, handshakes int }

// Read reads a file whose name is for errors. It holds the addresses and not the lines.
// It returns an error, with file, line and column, for a list with a line that is no
// address, when no line names an address, for more than MaxAddresses different ones, and
// when r fails.
func Read(name string, r io.Reader) (*Clients, error) {
	c := &Clients{}
	seen := map[netip.Addr]*counted{}
	var order []netip.Addr
	var mistakes []error
	lines := bufio.NewReaderSize(r, maxLine)
	handshakes := 0
	for number := 1; ; number++ {
		line, err := readLine(lines)
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			if c.Form == "" {
				c.Form = formOf(text)
			}
			e, problem := c.Form.read(line)
			switch {
			case problem != nil && c.Form == List:
				mistakes = append(mistakes, fmt.Errorf("%s:%d:%d: %s", name, number, problem.column, problem.text))
			case problem != nil:
				c.Others++
				if c.FirstOther == 0 {
					c.FirstOther = number
				}
			default:
				n := seen[e.address]
				if n == nil {
					if len(order) == MaxAddresses {
						return nil, fmt.Errorf("%s:%d:1: more than %d different addresses; give a part of the file", name, number, MaxAddresses)
					}
					n = &counted{}
					seen[e.address] = n
					order = append(order, e.address)
				}
				c.Lines++
				n.lines = min(n.lines+e.weight, MaxWeight)
				if e.handshake {
					n.handshakes++
					handshakes++
				}
			}
		}
		if len(mistakes) == maxMistakes || err == io.EOF {
			break
		}
	}
	switch {
	case len(mistakes) > 0:
		return nil, errors.Join(mistakes...)
	case len(order) == 0 && c.FirstOther > 0:
		return nil, fmt.Errorf("%s:%d:1: no line names the address of a client; %s", name, c.FirstOther, wanted)
	case len(order) == 0:
		return nil, fmt.Errorf("%s: no line names the address of a client; %s", name, wanted)
	}
	c.Handshakes = handshakes > 0
	for _, a := range order {
		n := seen[a]
		w := Weighted{a, n.lines}
		switch {
		case c.Handshakes:
			w.Clients = n.handshakes
		case c.Form != List:
			w.Clients = 1
		}
		if w.Clients > 0 {
			c.List = append(c.List, w)
		}
	}
	return c, nil
}

const wanted = "a list has an address a line, such as 203.0.113.77, an access log is in the format combined, or of JSON objects with remote_addr"

// readLine returns the next line, of a longer one its first maxLine bytes.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	line = bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	return line, err
}

// formOf tells the form by a line.
func formOf(text []byte) Form {
	fields := bytes.Fields(text)
	switch {
	case text[0] == '{':
		return JSON
	case len(fields) > 2 && bytes.IndexByte(text, '"') >= 0:
		return Combined
	}
	return List
}

// entry is what a line says.
type entry struct {
	address   netip.Addr
	weight    int
	handshake bool
}

// problem is why a line says nothing; column counts bytes from 1.
type problem struct {
	column int
	text   string
}

func (f Form) read(line []byte) (entry, *problem) {
	switch f {
	case JSON:
		return readJSON(line)
	case Combined:
		return readCombined(line)
	}
	return readListed(line)
}

// readListed reads "203.0.113.77" or "203.0.113.77 12".
func readListed(line []byte) (entry, *problem) {
	fields := bytes.Fields(line)
	wrong := func(i int, format string, args ...any) (entry, *problem) {
		return entry{}, &problem{column(line, i), fmt.Sprintf("%q "+format, append([]any{clip(fields[i])}, args...)...)}
	}
	a, err := netip.ParseAddr(string(fields[0]))
	switch {
	case err != nil || a.Zone() != "":
		return wrong(0, "is not an address, such as 203.0.113.77")
	case len(fields) > 2:
		return wrong(2, "is too much: a line has an address and a number of clients")
	case len(fields) == 1:
		return entry{address: a.Unmap(), weight: 1}, nil
	}
	n, err := strconv.Atoi(string(fields[1]))
	if err != nil || n < 1 || n > MaxWeight {
		return wrong(1, "is not a number of clients from 1 to %d", MaxWeight)
	}
	return entry{address: a.Unmap(), weight: n}, nil
}

// column returns where a field of a line begins.
func column(line []byte, field int) int {
	at := 0
	for ; ; field-- {
		at += len(line[at:]) - len(bytes.TrimLeftFunc(line[at:], unicode.IsSpace))
		if field == 0 {
			return at + 1
		}
		at += len(bytes.Fields(line[at:])[0])
	}
}

func clip(b []byte) []byte { return b[:min(len(b), 40)] }
