package client

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
)

// sent returns a frame as a server sends it.
func sent(kind byte, payload string) []byte {
	b := []byte{kind}
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, payload...)
}

// received delivers packets through an inbox, each when all is idle, and returns the
// frames in the order in which they were handled, and how many of them at once.
func received(t *testing.T, packets ...[]byte) (frames []string, atOnce int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		box := newInbox(near, nil, func(text []byte) bool {
			frames = append(frames, string(text))
			atOnce++
			return true
		})
		ended := make(chan struct{})
		go func() { // in place of the library
			defer close(ended)
			for {
				var head [10]byte
				if _, err := io.ReadFull(box, head[:2]); err != nil {
					return
				}
				size := uint64(head[1] & 0x7f)
				switch size {
				case 126:
					io.ReadFull(box, head[:2])
					size = uint64(binary.BigEndian.Uint16(head[:]))
				case 127:
					io.ReadFull(box, head[:8])
					size = binary.BigEndian.Uint64(head[:])
				}
				payload := make([]byte, size)
				if _, err := io.ReadFull(box, payload); err != nil {
					return
				}
				frames = append(frames, string(payload))
			}
		}()
		for _, p := range packets {
			synctest.Wait()
			box.push(p, nil)
		}
		synctest.Wait()
		box.push(nil, io.EOF)
		<-ended
		box.Close()
	})
	return frames, atOnce
}

func TestTextsAreHandledWhereTheyAreDelivered(t *testing.T) {
	const ping, binaryMessage = 0x89, 0x82
	long := string(make([]byte, 70_000))
	hello := sent(fin|opText, "hello")
	for name, c := range map[string]struct {
		packets [][]byte
		want    []string
		atOnce  int
	}{
		"texts":                  {[][]byte{hello, slices.Concat(hello, sent(fin|opText, ""))}, []string{"hello", "hello", ""}, 3},
		"a long one":             {[][]byte{sent(fin|opText, long), hello}, []string{long, "hello"}, 2},
		"binary is not":          {[][]byte{sent(binaryMessage, "x"), hello}, []string{"x", "hello"}, 1},
		"a ping is not":          {[][]byte{sent(ping, ""), hello}, []string{"", "hello"}, 1},
		"nor what comes with it": {[][]byte{slices.Concat(hello, sent(ping, "")), hello}, []string{"hello", "", "hello"}, 1},
		"one in two packets":     {[][]byte{hello[:4], hello[4:], hello}, []string{"hello", "hello"}, 1},
		"a head in two packets":  {[][]byte{hello[:1], hello[1:], hello}, []string{"hello", "hello"}, 0},
		"fragments":              {[][]byte{sent(opText, "hel"), sent(fin, "lo"), hello}, []string{"hel", "lo", "hello"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, atOnce := received(t, c.packets...)
			if !slices.Equal(got, c.want) || atOnce != c.atOnce {
				t.Errorf("%q, %d of them at once, want %q, %d", got, atOnce, c.want, c.atOnce)
			}
		})
	}
}

// However a stream is cut into packets, its frames come in order, each once.
func FuzzInbox(f *testing.F) {
	f.Add([]byte("\x01\x05\x82\x00"), []byte{3, 200, 1})
	f.Fuzz(func(t *testing.T, frames, cuts []byte) {
		var stream []byte
		var want []string
		for i := 0; i+1 < len(frames) && i < 40; i += 2 {
			payload := string(slices.Repeat(frames[i:i+1], int(frames[i+1])*3))
			stream = append(stream, sent([]byte{fin | opText, fin | opText, 0x82, 0x89, opText}[frames[i]%5], payload)...)
			want = append(want, payload)
		}
		var packets [][]byte
		for i := 0; len(stream) > 0 && i < len(cuts); i++ {
			n := min(int(cuts[i])*2+1, len(stream))
			packets = append(packets, stream[:n])
			stream = stream[n:]
		}
		packets = append(packets, stream)
		if got, _ := received(t, packets...); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestAClosedInboxEndsItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		box := newInbox(near, []byte("early"), func([]byte) bool { return true })
		early := make([]byte, 10)
		if n, err := box.Read(early); string(early[:n]) != "early" || err != nil {
			t.Errorf("read %q, %v", early[:n], err)
		}
		failed := make(chan error)
		go func() {
			_, err := box.Read(early)
			failed <- err
		}()
		synctest.Wait()
		box.Close()
		if err := <-failed; !errors.Is(err, net.ErrClosed) {
			t.Errorf("read fails with %v", err)
		}
	})
}
