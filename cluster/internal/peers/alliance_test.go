//go:build peers

package peers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

// An alliance is two of our servers and a Node server on one Redis, each with
// two clients: "ours1", "ours2", "other1", "other2", "node1" and "node2", the
// first of each in the room "red".
type alliance struct {
	*testing.T
	addr        string // of Redis
	ours, other *site
	node        *script
	clients     *script
	ids         map[string]string // of the sockets
}

var everybody = []string{"ours1", "ours2", "other1", "other2", "node1", "node2"}

func ally(t *testing.T, w *world, lib, addr string) *alliance {
	t.Helper()
	return allyWith(t, w, lib, addr, adapter.Redis, adapter.Options{}, map[string]any{"requestsTimeout": 1000})
}

// allyWith allies servers with adapters of a kind; options are those of the Node server.
func allyWith(t *testing.T, w *world, lib, addr string, kind adapter.Kind, o adapter.Options, options map[string]any) *alliance {
	t.Helper()
	a := &alliance{T: t, addr: addr, ids: map[string]string{}}
	a.node, a.clients = startNodeWith(t, lib, addr, kind, options), start(t, "client.mjs")
	a.ours, a.other = w.newSite("ours", engineio.Config{}), w.newSite("other", engineio.Config{})
	for _, s := range []*site{a.ours, a.other} {
		for _, ns := range []string{"/", "/custom"} {
			s.open(ns, kind, link.Config{Addr: addr, RequestsTimeout: 3 * time.Second}, o)
		}
	}
	for _, host := range []string{"ours", "other", "node"} {
		url := map[string]string{"ours": "http://" + a.ours.addr, "other": "http://" + a.other.addr, "node": unquote(t, a.node.call("url"))}[host]
		for _, name := range []string{host + "1", host + "2"} {
			a.clients.connect(name, url, websocketOnly)
			a.clients.hears(name, `"connect"`)
			a.ids[name] = unquote(t, a.clients.call("id", name))
		}
		a.clients.call("ask", host+"1", 5000, "join", "red")
	}
	eventually(t, "a cluster of three", func() bool { return a.node.call("count", "/") == "3" })
	return a
}

func (a *alliance) main() *socketio.Namespace { return a.ours.io.Of("/") }

// run calls a method on the Node server. The chain narrows: "to:red".
func (a *alliance) run(chain []string, method string, args ...any) string {
	a.Helper()
	return a.node.call("run", append([]any{"/", links(chain), method}, args...)...)
}

func (a *alliance) emitter(chain []string, method string, args ...any) {
	a.Helper()
	a.node.call("emitter", append([]any{"/", links(chain), method}, args...)...)
}

// links splits "to:red".
func links(chain []string) [][]string {
	all := [][]string{}
	for _, c := range chain {
		all = append(all, strings.SplitN(c, ":", 2))
	}
	return all
}

// after fails the test unless each client hears just the events that it is due
// after f. The clients that are not named are due none.
func (a *alliance) after(what string, f func(), due map[string]string) {
	a.Helper()
	f()
	a.due(what, due)
}

func (a *alliance) due(what string, due map[string]string) {
	a.Helper()
	for name, got := range a.collect() {
		if all := strings.Join(got, " "); all != due[name] {
			a.Errorf("%s: %s heard %q, want %q", what, name, all, due[name])
		}
	}
}

// collect returns what each client has heard. What a server has sent comes
// before its end mark: the order is kept from each to each.
func (a *alliance) collect() map[string][]string {
	a.Helper()
	a.main().Emit("end")
	a.other.io.Of("/").Emit("end")
	a.run(nil, "emit", "end")
	heard := map[string][]string{}
	for _, name := range everybody {
		heard[name] = nil
		for ends := 0; ends < 3; {
			if event := a.clients.nextOf(name); event == `"end"` {
				ends++
			} else {
				heard[name] = append(heard[name], event)
			}
		}
	}
	return heard
}

// to is the event for each of the names.
func to(event string, names ...string) map[string]string {
	due := map[string]string{}
	for _, name := range names {
		due[name] = event
	}
	return due
}

// rooms returns the rooms of each socket but its own, as one of our servers
// and the Node server see them; they must agree.
func (a *alliance) rooms() string {
	a.Helper()
	mine, err := a.main().FetchSockets(a.Context())
	if err != nil {
		a.Fatal(err)
	}
	ours := map[string][]string{}
	for _, s := range mine {
		ours[s.ID] = s.Rooms
	}
	return fmt.Sprint(a.named(ours))
}

func (a *alliance) named(rooms map[string][]string) []string {
	var all []string
	for _, name := range everybody {
		id := a.ids[name]
		own := slices.DeleteFunc(slices.Sorted(slices.Values(rooms[id])), func(r string) bool { return r == id })
		if rooms[id] != nil {
			all = append(all, name+":"+strings.Join(own, "+"))
		}
	}
	return all
}
