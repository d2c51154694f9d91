package socketio

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/engineio"
)

// writes notes the tags of the messages that were written.
type writes struct{ tags []any }

func (*writes) Opened(*engineio.Session)                        {}
func (*writes) Upgraded(*engineio.Session)                      {}
func (*writes) Closed(*engineio.Session, string)                {}
func (*writes) Refused(*http.Request, string, int, int, string) {}

func (w *writes) Wrote(_ *engineio.Session, m engineio.Message) {
	w.tags = append(w.tags, m.Tag, string(m.Data))
}

// A tag is reported once for each copy, with the packet's last message.
func TestTag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, seen := &world{t: t, Server: NewServer(Config{})}, &writes{}
		w.engine = engineio.NewServer(engineio.Config{OnSession: w.Handle, Observer: seen})
		defer w.engine.Close()
		p, q := w.join("/"), w.join("/")
		n := w.Of("/")
		n.To(n.Sockets()[0].ID()).Tag("one").Emit("e")
		n.Sockets()[0].Emit("untagged")
		n.To(n.Sockets()[1].ID()).Tag("two").Emit("bin", []byte("x"))
		n.Memory().Broadcast(Packet{Type: Event, Data: []any{"relayed"}}, Options{Tag: "three"})
		p.want(`2["e"]`, `2["untagged"]`, `2["relayed"]`)
		q.want(`51-["bin",{"_placeholder":true,"num":0}]`, "#x", `2["relayed"]`)
		want := []any{"one", `2["e"]`, "three", `2["relayed"]`, "two", "x", "three", `2["relayed"]`}
		if diff := cmp.Diff(want, seen.tags); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
