package socketio

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// line is a Socket.IO frame of a recorded session; binary ones begin with "#".
type line struct {
	client bool
	frame  string
}

// recorded reads the Socket.IO frames of a recorded WebSocket session.
func recorded(t *testing.T, file string) []line {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	frame := regexp.MustCompile(`^ *\d+ c1 ([<>]) frame fin=1 rsv=0 op=(\d) (?:masked )?len=\d+ (.*)$`)
	var out []line
	for _, text := range strings.Split(string(raw), "\n") {
		m := frame.FindStringSubmatch(text)
		if m == nil || m[2] == "8" {
			continue
		}
		l := line{client: m[1] == ">"}
		if bytes, ok := strings.CutPrefix(m[3], "hex:"); ok {
			data, err := hex.DecodeString(bytes)
			if err != nil {
				t.Fatal(err)
			}
			l.frame = "#" + string(data)
		} else if l.frame, err = strconv.Unquote(m[3]); err != nil {
			t.Fatal(err)
		} else if !strings.HasPrefix(l.frame, "4") {
			continue // Engine.IO's own
		} else {
			l.frame = l.frame[1:]
		}
		out = append(out, l)
	}
	return out
}

// A session that was recorded from the official server with connection state recovery
// is answered alike, but for ids and offsets.
func TestRecordedRecovery(t *testing.T) {
	lines := recorded(t, "testdata/session-websocket-recovery.txt")
	if len(lines) != 22 {
		t.Fatalf("%d frames were recorded", len(lines))
	}
	anonymous := func(frame string) string {
		frame = regexp.MustCompile(`"([sp]id)":"[^"]{20}"`).ReplaceAllString(frame, `"$1":"?"`)
		return regexp.MustCompile(`,"[0-9A-Za-z_.-]{7,}"\]$`).ReplaceAllString(frame, `,"offset"]`)
	}
	inWorld(t, Config{Recovery: &Recovery{}}, func(w *world) {
		w.Of("/").OnConnection(func(s *Socket) {
			s.On("echo", func(args []any, ack func(...any)) { ack(args...) })
			s.On("bin", func(args []any, _ func(...any)) {
				s.Emit("bin-back", args[0], map[string]any{"n": []byte{9}})
			})
			s.On("ask-me", func([]any, func(...any)) {
				go s.EmitWithAck(context.Background(), "q", 1)
			})
		})
		w.Of("/admin").Use(func(s *Socket) error {
			if s.Auth()["token"] != "ok" {
				return withCode{errors.New("not authorized")}
			}
			return nil
		})
		p := w.open()
		for _, l := range lines {
			if l.client {
				p.send(l.frame)
				synctest.Wait()
				continue
			}
			if got, want := anonymous(p.recv()), anonymous(l.frame); got != want {
				t.Errorf("answered %s, the official server %s", got, want)
			}
		}
	})
}

type withCode struct{ error }

func (withCode) Data() any {
	return struct {
		Code int `json:"code"`
	}{42}
}
