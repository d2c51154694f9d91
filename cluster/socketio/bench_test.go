package socketio

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/engineio"
)

func BenchmarkDecode(b *testing.B) {
	text := []byte(`2["say",{"id":"beijing-07:12","room":"lobby","text":"hello everyone"}]`)
	b.ReportAllocs()
	for b.Loop() {
		var d Decoder
		if _, err := d.Add(text, false); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	type said struct {
		ID, From, Room, Text, Node string
	}
	p := Packet{Type: Event, Data: []any{"said", said{"beijing-07:12", "beijing-07", "lobby", "hello everyone", "im-3030"}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(p); err != nil {
			b.Fatal(err)
		}
	}
}

// The cost of one broadcast to 1,000 sockets, up to the queues of their
// sessions.
func BenchmarkBroadcast(b *testing.B) {
	const receivers = 1000
	server := NewServer(Config{})
	engine := engineio.NewServer(engineio.Config{OnSession: server.Handle, PingInterval: time.Hour, MaxBacklog: 1 << 30})
	defer engine.Close()
	server.Of("/").OnConnection(func(s *Socket) { s.Join("lobby") })
	serve := func(method, url, body string) string {
		recorder := httptest.NewRecorder()
		engine.ServeHTTP(recorder, httptest.NewRequest(method, url, strings.NewReader(body)))
		return recorder.Body.String()
	}
	urls := make([]string, receivers)
	for i := range urls {
		url := "/socket.io/?EIO=4&transport=polling"
		var open engineio.OpenPacket
		if err := json.Unmarshal([]byte(serve("GET", url, "")[1:]), &open); err != nil {
			b.Fatal(err)
		}
		urls[i] = url + "&sid=" + open.SID
		serve("POST", urls[i], "40")
	}
	lobby := server.Of("/").To("lobby")
	arg := map[string]any{"id": "beijing-07:12", "text": "hello everyone"}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n++; n%100 == 0 {
			b.StopTimer()
			for _, url := range urls {
				serve("GET", url, "")
			}
			b.StartTimer()
		}
		if err := lobby.Emit("said", arg); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/receivers, "ns/receiver")
}

// The part of a broadcast that is this package's own: choosing the receivers.
func BenchmarkCollect(b *testing.B) {
	ns := NewServer(Config{}).Of("/")
	m := ns.Memory()
	for range 1000 {
		s := &Socket{id: randomID(nil), ns: ns}
		m.enter(s, nil, func() {})
		m.Add(s, "lobby")
	}
	o := Options{Rooms: []string{"lobby"}, Except: []string{"nobody"}}
	b.ReportAllocs()
	for b.Loop() {
		list := sockets.Get().(*[]*Socket)
		*list = m.collect((*list)[:0], o)
		release(list)
	}
}
