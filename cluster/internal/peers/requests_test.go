//go:build peers

package peers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testBroadcastAcks(a *alliance) {
	ctx := a.Context()
	main := a.main()
	for what, test := range map[string]struct {
		rooms []string
		names []string
	}{"all": {nil, everybody}, "room": {[]string{"red"}, []string{"ours1", "other1", "node1"}}, "nobody": {[]string{"no such room"}, nil}} {
		got, err := main.To(test.rooms...).Timeout(timeout).EmitWithAck(ctx, "q", 1, []byte("b"))
		if err != nil || names(got) != fmt.Sprint(test.names) {
			a.Errorf("ours asked %s: %v, %v", what, got, err)
		}
		a.due("ours asked "+what, to(`"q",1,{"base64":"Yg=="}`, test.names...))

		chain := []string{"timeout:5000"}
		for _, room := range test.rooms {
			chain = append(chain, "to:"+room)
		}
		var answers []any
		json.Unmarshal([]byte(a.run(chain, "emitWithAck", "q", 1)), &answers)
		if names(answers) != fmt.Sprint(test.names) {
			a.Errorf("node asked %s: %v", what, answers)
		}
		a.due("node asked "+what, to(`"q",1`, test.names...))
	}
	// Bytes in an answer.
	if got := a.run([]string{"timeout:5000", "to:" + a.ids["ours1"]}, "emitWithAck", "q"); got != `["ours1"]` {
		a.Errorf("answered %s", got)
	}
	a.due("one", to(`"q"`, "ours1"))

	// Those who do not answer are waited for as long as it takes.
	if got, err := main.To("red").Timeout(300*time.Millisecond).EmitWithAck(ctx, "mute"); err == nil || err.Error() != "operation has timed out" || len(got) != 0 {
		a.Errorf("ours: %v, %v", got, err)
	}
	a.due("mute", to(`"mute"`, "ours1", "other1", "node1"))
	if r := a.node.try("run", "/", [][]any{{"timeout", 300}}, "emitWithAck", "mute"); r.Error != "operation has timed out" {
		a.Errorf("node: %s %s", r.Result, r.Error)
	}
	a.due("mute", to(`"mute"`, everybody...))
}

// names returns the answers of clients, which are their names, in order.
func names(answers []any) string {
	var all []string
	for _, name := range everybody {
		if slices.Contains(answers, any(name)) {
			all = append(all, name)
		}
	}
	if len(all) != len(answers) {
		return fmt.Sprint(answers)
	}
	return fmt.Sprint(all)
}

const inRed = "[ours1:red ours2: other1:red other2: node1:red node2:]"

// testState asks for the sockets, the rooms and the number of servers.
func testState(a *alliance) {
	a.agree(inRed)
	ctx := a.Context()
	if got, err := a.main().To("red").Except(a.ids["ours1"]).FetchSockets(ctx); err != nil || len(got) != 2 {
		a.Errorf("fetched %v, %v", got, err)
	} else {
		for _, s := range got {
			data, _ := s.Data.(map[string]any)
			host, _ := data["from"].(string)
			auth, _ := s.Handshake["auth"].(map[string]any)
			if name, _ := auth["name"].(string); name != host+"1" || a.ids[name] != s.ID || data["nsp"] != "/" || s.Handshake["address"] != "127.0.0.1" {
				a.Errorf("fetched %+v", s)
			}
		}
	}
	var sockets []struct {
		ID, Address string
		Auth        struct{ Name string }
		Data        struct{ From, Nsp string }
	}
	json.Unmarshal([]byte(a.run([]string{"in:red"}, "fetchSockets")), &sockets)
	for _, s := range sockets {
		if s.Auth.Name != s.Data.From+"1" || a.ids[s.Auth.Name] != s.ID || s.Data.Nsp != "/" || s.Address != "127.0.0.1" {
			a.Errorf("node fetched %+v", s)
		}
	}
	if len(sockets) != 3 {
		a.Errorf("node fetched %d sockets of the room", len(sockets))
	}

	want := []string{"red"}
	for _, id := range a.ids {
		want = append(want, id)
	}
	slices.Sort(want)
	got, err := a.main().Adapter().AllRooms(ctx)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		a.Errorf("rooms: %v (-want +got):\n%s", err, diff)
	}
	json.Unmarshal([]byte(a.node.call("rooms", "/")), &got)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		a.Errorf("rooms of node (-want +got):\n%s", diff)
	}
	n, err := a.main().Adapter().ServerCount(ctx)
	if err != nil || n != 3 || a.node.call("count", "/") != "3" || a.node.call("count", "/custom") != "3" {
		a.Errorf("%d servers, %v; node says %s", n, err, a.node.call("count", "/"))
	}
}

// agree fails the test unless both kinds of servers see these rooms, soon.
func (a *alliance) agree(want string) {
	a.Helper()
	eventually(a.T, want, func() bool {
		var sockets []struct {
			ID    string
			Rooms []string
		}
		json.Unmarshal([]byte(a.run(nil, "fetchSockets")), &sockets)
		rooms := map[string][]string{}
		for _, s := range sockets {
			rooms[s.ID] = s.Rooms
		}
		return a.rooms() == want && fmt.Sprint(a.named(rooms)) == want
	})
}

// testOrders moves sockets of all servers into rooms and out again.
func testOrders(a *alliance) {
	main := a.main()
	main.To("red").Join("blue", "green")
	a.agree("[ours1:blue+green+red ours2: other1:blue+green+red other2: node1:blue+green+red node2:]")
	main.To(a.ids["node1"]).Leave("red", "green")
	main.To(a.ids["other2"]).Join("green")
	a.agree("[ours1:blue+green+red ours2: other1:blue+green+red other2:green node1:blue node2:]")
	a.run([]string{"in:green", "except:red"}, "socketsJoin", "blue")
	a.agree("[ours1:blue+green+red ours2: other1:blue+green+red other2:blue+green node1:blue node2:]")
	a.after("blue", func() { a.run([]string{"to:blue"}, "emit", "e") }, to(`"e"`, "ours1", "other1", "other2", "node1"))
	a.run(nil, "socketsLeave", "blue")
	a.run(nil, "socketsLeave", "green")
	a.agree("[ours1:red ours2: other1:red other2: node1: node2:]")
	a.run([]string{"in:" + a.ids["node1"]}, "socketsJoin", []string{"red", "x"})
	a.agree("[ours1:red ours2: other1:red other2: node1:red+x node2:]")
	main.Except("red").Join("rest")
	a.agree("[ours1:red ours2:rest other1:red other2:rest node1:red+x node2:rest]")
	main.To("rest").Leave("rest")
	a.run([]string{"in:x"}, "socketsLeave", []string{"x"})
	a.agree(inRed)
	// Local ones take effect at once.
	main.Local().Join("mine")
	a.agree("[ours1:mine+red ours2:mine other1:red other2: node1:red node2:]")
	main.To("mine").Leave("mine")
	a.agree(inRed)
}

func testServerSide(a *alliance) {
	ctx := a.Context()
	if err := a.main().ServerSideEmit("hello", "x", 1, map[string]any{"y": []any{nil}}); err != nil {
		a.Error(err)
	}
	a.node.hears("server", `"/","hello","x",1,{"y":[null]}`)
	a.wasTold(a.other, `/["x",1,{"y":[null]}]`)
	got, err := a.main().ServerSideEmitWithAck(ctx, "ask", "x", 2)
	sortAnswers(got)
	if diff := cmp.Diff([]any{[]any{"node", "x", 2.0}, []any{"other", "x", 2.0}}, got); err != nil || diff != "" {
		a.Errorf("%v (-want +got):\n%s", err, diff)
	}
	a.node.hears("server", `"/","ask","x",2`)

	a.run(nil, "serverSideEmit", "hello", map[string]int{"z": 3})
	a.wasTold(a.ours, `/[{"z":3}]`)
	a.wasTold(a.other, `/[{"z":3}]`)
	a.node.call("run", "/custom", []any{}, "serverSideEmit", "hello")
	a.wasTold(a.ours, `/custom[]`)
	a.wasTold(a.other, `/custom[]`)
	var answers []any
	json.Unmarshal([]byte(a.run(nil, "serverSideEmitWithAck", "ask", 4)), &answers)
	sortAnswers(answers)
	if diff := cmp.Diff([]any{[]any{"other", 4.0}, []any{"ours", 4.0}}, answers); diff != "" {
		a.Errorf("(-want +got):\n%s", diff)
	}

	// Nobody has a handler: the answers are waited for in vain.
	_, err = a.main().ServerSideEmitWithAck(ctx, "unheard of")
	if err == nil || err.Error() != "timeout reached: only 0 responses received out of 2" {
		a.Errorf("ours: %v", err)
	}
	r := a.node.try("run", "/", []any{}, "serverSideEmitWithAck", "unheard of")
	if !strings.HasPrefix(r.Error, "timeout reached: only 0 responses received out of 2") {
		a.Errorf("node: %s", r.Error)
	}
}

func sortAnswers(answers []any) {
	slices.SortFunc(answers, func(x, y any) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
}

func (a *alliance) wasTold(s *site, want string) {
	a.Helper()
	select {
	case got := <-s.told:
		if got != want {
			a.Errorf("%s was told %s, want %s", s.name, got, want)
		}
	case <-time.After(timeout):
		a.Errorf("%s was not told %s", s.name, want)
	}
}

func testEmitter(a *alliance) {
	// The emitter is a separate publisher: its words have no end mark.
	hear := func(event string, names ...string) {
		a.Helper()
		for _, name := range names {
			a.clients.hears(name, event)
		}
	}
	a.emitter(nil, "emit", "e", 1, bytesOf("b"))
	hear(`"e",1,{"base64":"Yg=="}`, everybody...)
	a.emitter([]string{"to:red"}, "emit", "e")
	hear(`"e"`, "ours1", "other1", "node1")
	a.emitter([]string{"to:red", "except:" + a.ids["ours1"]}, "emit", "e")
	hear(`"e"`, "other1", "node1")
	a.emitter([]string{"in:red"}, "socketsJoin", "blue")
	a.agree("[ours1:blue+red ours2: other1:blue+red other2: node1:blue+red node2:]")
	a.emitter(nil, "socketsLeave", "blue")
	a.agree(inRed)
	a.emitter(nil, "serverSideEmit", "hello", "emitter")
	a.wasTold(a.ours, `/["emitter"]`)
	a.wasTold(a.other, `/["emitter"]`)
	a.node.hears("server", `"/","hello","emitter"`)
	a.due("the emitter", nil)
}

// testDisconnected ends sockets across servers, and leaves the first of each.
func testDisconnected(a *alliance) {
	gone := func(names ...string) {
		a.Helper()
		for _, name := range names {
			a.clients.hears(name, `"disconnect","io server disconnect"`)
		}
	}
	a.main().To(a.ids["node2"]).Disconnect(true)
	gone("node2")
	a.run([]string{"in:" + a.ids["ours2"]}, "disconnectSockets", false)
	gone("ours2")
	a.emitter([]string{"except:red"}, "disconnectSockets", true)
	gone("other2")
	a.agree("[ours1:red other1:red node1:red]")
}

// testDepartures has servers leave, with and without a word.
func testDepartures(a *alliance) {
	a.other.io.Of("/").Adapter().Close()
	eventually(a.T, "a cluster of two", func() bool { return a.node.call("count", "/") == "2" })
	a.main().To("red").Disconnect(true)
	for _, name := range []string{"ours1", "node1"} {
		a.clients.hears(name, `"disconnect","io server disconnect"`)
	}
	a.main().ServerSideEmit("hello", "bye")
	a.node.hears("server", `"/","hello","bye"`)
}
