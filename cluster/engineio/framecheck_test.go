package engineio

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// frame returns a masked frame.
func frame(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	mask := []byte{1, 2, 3, 4}
	b = append(b, mask...)
	for i, c := range payload {
		b = append(b, c^mask[i%4])
	}
	return b
}

// However the bytes are cut, the same frames pass and the same one does not.
func TestFramesInAnyPieces(t *testing.T) {
	good := bytes.Join([][]byte{
		frame(0x81, []byte("4hello")), frame(0x01, bytes.Repeat([]byte("x"), 200)), frame(0x89, []byte("ping")), frame(0x80, []byte("y")),
		frame(0x82, bytes.Repeat([]byte("z"), 70_000)), frame(0x81, nil),
	}, nil)
	bad := frame(0x88, []byte{0x03, 0xe8, 0xff}) // a reason that is not UTF-8
	stream := append(bytes.Clone(good), bad...)
	for _, size := range []int{1, 2, 3, 7, 512, len(stream)} {
		f := frameCheck{limit: 100_000}
		passed := 0
		var fault *frameError
		for at := 0; at < len(stream) && fault == nil; at += size {
			var n int
			n, fault = f.add(stream[at:min(at+size, len(stream))])
			passed += n
		}
		if fault == nil || fault.code != 1007 || passed < len(good) || size >= len(bad) && passed > len(good)+size {
			t.Errorf("in pieces of %d: %v after %d bytes, of which %d are good", size, fault, passed, len(good))
		}
		if size == len(stream) && passed != len(good) {
			t.Errorf("at once %d bytes pass, want %d", passed, len(good))
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(frame(0x81, []byte("4hello")), 3)
	f.Add(append(frame(0x01, []byte("4he")), frame(0x80, []byte("llo"))...), 2)
	f.Add(frame(0x88, []byte{0x03, 0xe8}), 1)
	f.Add([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1}, 4)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		whole := frameCheck{limit: 1000}
		good, fault := whole.add(stream)
		if good > len(stream) || fault == nil && good != len(stream) {
			t.Fatalf("%d of %d bytes are good, %v", good, len(stream), fault)
		}
		if size < 1 {
			return
		}
		pieces := frameCheck{limit: 1000}
		for at := 0; at < len(stream); at += size {
			if _, other := pieces.add(stream[at:min(at+size, len(stream))]); other != nil {
				if fault == nil || *other != *fault {
					t.Fatalf("in pieces of %d: %v, at once: %v", size, other, fault)
				}
				return
			}
			if len(stream)-at <= size && fault != nil {
				t.Fatalf("in pieces of %d nothing is wrong, at once: %v", size, fault)
			}
		}
	})
}
