package redisserver

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func readAll(in string) (commands []string, err error) {
	r := newRequestReader(strings.NewReader(in))
	for {
		c, err := r.next()
		if err != nil {
			return commands, err
		}
		commands = append(commands, string(encode(c...)))
	}
}

// What Redis reads as a command, or answers with an error, is so here.
func TestRequests(t *testing.T) {
	const ping = "*1\r\n$4\r\nPING\r\n"
	for _, test := range []struct {
		in   string
		want string // the commands, one after the other
		err  string // of a protocol error; "" means that the input just ends
	}{
		{ping, ping, ""},
		{"*0\r\n" + ping, ping, ""},
		{"*-1\r\n" + ping, ping, ""},
		{"\r\n\n" + ping, ping, ""},
		{"PING\r\n", ping, ""},
		{"  PING\n", ping, ""},
		{`SET "a b" 'c\'d' "\x41\n"` + "\r\n", "*4\r\n$3\r\nSET\r\n$3\r\na b\r\n$3\r\nc'd\r\n$2\r\nA\n\r\n", ""},
		{`SET "a` + "\r\n", "", "unbalanced quotes in request"},
		{`SET "a"b` + "\r\n", "", "unbalanced quotes in request"},
		{"*1\r\n$0\r\n\r\n", "*1\r\n$0\r\n\r\n", ""},
		{"*x\r\n", "", "invalid multibulk length"},
		{"*\r\n", "", "invalid multibulk length"},
		{"*+1\r\n", "", "invalid multibulk length"},
		{"*2147483648\r\n", "", "invalid multibulk length"},
		{"*1\r\nPING", "", ""},
		{"*1\r\nPING\r\n", "", "expected '$', got 'P'"},
		{"*1\r\n$9223372036854775806\r\n", "", "invalid bulk length"},
		{"*1\r\n$99999999999\r\n", "", "invalid bulk length"},
		{"*1\r\n$-1\r\n", "", "invalid bulk length"},
		{"*2\r\n$16777216\r\n", "", "too big request"},
		{"*" + strings.Repeat("1", maxLine), "", "too big mbulk count string"},
		{"*" + strings.Repeat("1", maxLine-1), "", ""},
		{"*" + strings.Repeat("1", maxLine) + "\r\n", "", "too big mbulk count string"},
		{strings.Repeat("a", maxLine+1) + "\r\n", "", "too big inline request"},
		{"POST / HTTP/1.1\r\nHost: redis\r\n\r\n" + ping, "", ""},
		{"*2\r\n$4\r\npost\r\n$1\r\n/\r\n", "", ""},
	} {
		commands, err := readAll(test.in)
		text := ""
		if errors.As(err, new(badRequest)) {
			text = err.Error()
		}
		if got := strings.Join(commands, ""); got != test.want || text != test.err {
			t.Errorf("%.40q: %q, %q, want %q, %q", test.in, got, text, test.want, test.err)
		}
	}
}

// A length that is announced takes no memory until the bytes arrive.
func TestAnnouncedLengthTakesNoMemory(t *testing.T) {
	const in = "*1000\r\n$16000000\r\nabc"
	if n := testing.AllocsPerRun(10, func() { readAll(in) }); n > 50 {
		t.Errorf("%v allocations", n)
	}
	b := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readAll(in)
		}
	})
	if b.AllocedBytesPerOp() > 64<<10 {
		t.Errorf("%d bytes", b.AllocedBytesPerOp())
	}
}

// Whatever is read, what comes out is whole commands that read back as
// themselves.
func FuzzRequests(f *testing.F) {
	for _, in := range []string{"*1\r\n$4\r\nPING\r\n", "*0\r\n", "PING \"a\\x00\" 'b'\r\n", "*2\r\n$3\r\nGET\r\n$-1\r\n", "*1\r\n$9223372036854775806\r\n"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := newRequestReader(bytes.NewReader(in))
		for {
			c, err := r.next()
			if err != nil {
				return
			}
			again := newRequestReader(bytes.NewReader(encode(c...)))
			same, err := again.next()
			if err != nil || !slices.Equal(c, same) {
				t.Fatalf("%q reads back as %q, %v", c, same, err)
			}
			if _, err := again.next(); err != io.EOF {
				t.Fatalf("%q is more than one command: %v", c, err)
			}
		}
	})
}
