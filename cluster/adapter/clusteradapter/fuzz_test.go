package clusteradapter

import (
	"encoding/json"
	"testing"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
)

// Whatever comes, reading it ends without a panic; what is read can be written, and sockets
// get events that clients accept.
func FuzzDecode(f *testing.F) {
	for _, file := range []string{"sharded-monitor.txt", "streams-monitor.txt"} {
		for _, c := range recordedCommands(f, file) {
			f.Add([]byte(c[len(c)-1]))
		}
	}
	f.Add([]byte(`{"type":3,"data":{"packet":{"type":2,"data":["disconnect"]},"opts":{"rooms":[1],"except":null}},"uid":"u","nsp":"/a"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		if m.Type == Broadcast {
			name, _, ok := m.Packet.Event()
			if !ok || socketio.Reserved(name) {
				t.Fatalf("clients would refuse %v", m.Packet.Data)
			}
			for _, message := range m.Messages {
				if head := pack.TextHead(m.Namespace); !json.Valid(message.Data[head:]) {
					t.Fatalf("sockets would get %q", message.Data)
				}
			}
		}
		packed, err := again(t, m).AppendPacked(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(packed); err != nil {
			t.Fatalf("%q, written as %q: %v", b, packed, err)
		}
	})
}
