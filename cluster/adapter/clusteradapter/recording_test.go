package clusteradapter

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A recorded line of MONITOR, taken apart.
type recorded []string

// recordedCommands reads what an official server was recorded to send.
func recordedCommands(t testing.TB, file string) (list []recorded) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "+1") {
			continue
		}
		var c recorded
		for _, q := range quoted.FindAllString(line, -1) {
			word, err := strconv.Unquote(q)
			if err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			c = append(c, word)
		}
		list = append(list, c)
	}
	return list
}

// again returns a message that was read, to be written.
func again(t testing.TB, m *Message) *Message {
	t.Helper()
	if m.Type != Broadcast {
		return m
	}
	n, _, err := broadcast(m.Packet, m.Namespace, m.RequestID, m.Options)
	if err != nil {
		t.Fatal(err)
	}
	n.UID, n.Namespace = m.UID, m.Namespace
	return n
}

// same checks that what was written is what was recorded; of a description of a socket the
// order of the headers is that of the request, which is not kept.
func same(t *testing.T, m *Message, got, want []byte) {
	t.Helper()
	if m.Type == FetchResponse && want[0] == '{' {
		var a, b any
		json.Unmarshal(got, &a)
		json.Unmarshal(want, &b)
		if diff := cmp.Diff(b, a); diff != "" {
			t.Errorf("type %d (-recorded +ours):\n%s", m.Type, diff)
		}
		return
	}
	if m.Type == FetchResponse {
		again, err := Decode(got)
		if err != nil || cmp.Diff(m.Sockets, again.Sockets) != "" || len(got) != len(want) {
			t.Errorf("%v\n%q\nrecorded\n%q", err, got, want)
		}
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("type %d:\n%q\nrecorded\n%q", m.Type, got, want)
	}
}

// Every message that official servers were recorded to send is read and written alike, to
// the byte.
func TestRecordingsAreReproduced(t *testing.T) {
	for file, want := range map[string]int{"sharded-monitor.txt": 17, "sharded-static-monitor.txt": 22, "streams-monitor.txt": 19} {
		seen, types := 0, map[Type]bool{}
		for _, c := range recordedCommands(t, file) {
			var m *Message
			var err error
			switch name := strings.ToUpper(c[0]); name {
			case "SPUBLISH", "PUBLISH":
				if m, err = Decode([]byte(c[2])); err != nil {
					t.Fatalf("%s: %q: %v", file, c[2], err)
				}
				w := again(t, m)
				var got []byte
				if name == "PUBLISH" || w.Binary() {
					got, err = w.AppendPacked(nil)
				} else {
					got, err = w.AppendText(nil)
				}
				same(t, m, got, []byte(c[2]))
			case "XADD":
				fields := map[string]string{}
				for i := 6; i < len(c); i += 2 {
					fields[c[i]] = c[i+1]
				}
				kind, _ := strconv.Atoi(fields["type"])
				m = &Message{Type: Type(kind), UID: fields["uid"], Namespace: fields["nsp"]}
				data := []byte(fields["data"])
				if data[0] != '{' {
					data, _ = base64.StdEncoding.DecodeString(fields["data"])
				}
				if err = m.ReadData(data); err != nil {
					t.Fatalf("%s: %q: %v", file, data, err)
				}
				w := again(t, m)
				var got []byte
				if w.Binary() {
					got, err = w.AppendDataPacked(nil)
				} else {
					got, err = w.AppendDataText(nil)
				}
				same(t, m, got, data)
			default:
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			seen++
			types[m.Type] = true
		}
		if seen != want {
			t.Errorf("%s: %d messages, want %d", file, seen, want)
		}
		for kind := Broadcast; kind <= Ack; kind++ {
			if !types[kind] {
				t.Errorf("%s: no message of type %d", file, kind)
			}
		}
	}
}
