package streams

import (
	"testing"

	"stickylab/cluster/adapter/clusteradapter"
)

// Whatever an entry holds, reading it ends without a panic, and what is read can be written
// as an entry again.
func FuzzDecode(f *testing.F) {
	f.Add("uid", "/", "3", `{"packet":{"type":2,"data":["hello",1]},"opts":{"rooms":[],"except":[],"flags":{}}}`)
	f.Add("uid", "/", "3", "gqZwYWNrZXSCpHR5cGUCpGRhdGGSo2JpbsQDAQIDpG9wdHODpXJvb21zkKZleGNlcHSQpWZsYWdzgA==")
	f.Add("uid", "/chat", "4", `{"opts":{"rooms":["a"]},"rooms":["b"]}`)
	f.Add("uid", "/", "13", "")
	f.Add("", "", "x", "{")
	f.Fuzz(func(t *testing.T, uid, nsp, kind, data string) {
		m, err := decode([]any{[]byte("uid"), []byte(uid), []byte("nsp"), []byte(nsp), []byte("type"), []byte(kind), []byte("data"), []byte(data)})
		if (m == nil) != (err != nil || nsp == "") {
			t.Fatalf("%v, %v", m, err)
		}
		if m == nil || m.Type == clusteradapter.Broadcast || m.Type >= clusteradapter.Closing || m.Type < clusteradapter.Broadcast {
			return
		}
		again, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		n, err := decode([]any{[]byte("nsp"), []byte(nsp), []byte("type"), []byte(kind), []byte("data"), []byte(again)})
		if err != nil || n.Type != m.Type {
			t.Fatalf("%q, written as %q: %v", data, again, err)
		}
	})
}
