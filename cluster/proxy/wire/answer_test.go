package wire

import (
	"strings"
	"testing"
)

// FuzzAnswer promises that an answer is read alike in one piece and byte by byte, and that
// its head is where it says.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.0 403.1 X\nA:b\n\n", "HTTP/1.1 103 E\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", "hello", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, recent bool) {
		whole := AnswerHead{Strict: recent, Hints: recent}
		want, size, wrong := whole.Parse([]byte(s))
		if size > len(s) || want != nil && wrong != nil {
			t.Fatalf("%d of %d bytes, %v, %v", size, len(s), want, wrong)
		}
		if want != nil && !want.Old && (size == 0 || s[size-1] != '\n' || want.Length < -1 || want.Chunked && want.Length != -1 || !strings.Contains(s[:size], want.Line)) {
			t.Fatalf("%+v of %q", want, s[:size])
		}
		pieces := AnswerHead{Strict: recent, Hints: recent}
		for i := range len(s) + 1 {
			got, at, err := pieces.Parse([]byte(s[:i]))
			if got == nil && err == nil {
				continue
			}
			if (err == nil) != (wrong == nil) || got != nil && (at != size || got.Status != want.Status || len(got.Headers) != len(want.Headers)) {
				t.Fatalf("in pieces: %+v at %d, %v; at once: %+v at %d, %v", got, at, err, want, size, wrong)
			}
			return
		}
		if want != nil || wrong != nil {
			t.Fatalf("in pieces nothing; at once: %+v, %v", want, wrong)
		}
	})
}
