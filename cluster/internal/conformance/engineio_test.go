//go:build peers

package main

import (
	"testing"
	"time"

	"stickylab/cluster/engineio"
)

// A behaviour is one thing that the official suites demand.
type behaviour struct {
	name string
	run  func(*visitor)
}

// engine is what both suites demand of the Engine.IO side, each on its path.
var engine = []behaviour{
	{"polling opens a session", func(v *visitor) { v.handshake() }},
	{"polling refuses a wrong EIO", func(v *visitor) {
		v.is(v.do("GET", "transport=polling", ""), 400, "")
		v.is(v.do("GET", "EIO=abc&transport=polling", ""), 400, "")
	}},
	{"polling refuses a wrong transport", func(v *visitor) {
		v.is(v.do("GET", "EIO=4", ""), 400, "")
		v.is(v.do("GET", "EIO=4&transport=abc", ""), 400, "")
	}},
	{"polling refuses a wrong method", func(v *visitor) {
		v.is(v.do("POST", polling, ""), 400, "")
		v.is(v.do("PUT", polling, ""), 400, "")
	}},
	{"websocket opens a session", func(v *visitor) { v.open() }},
	{"websocket refuses a wrong EIO", func(v *visitor) {
		v.refused("transport=websocket")
		v.refused("EIO=abc&transport=websocket")
	}},
	{"websocket refuses a wrong transport", func(v *visitor) {
		v.refused("EIO=4")
		v.refused("EIO=4&transport=abc")
	}},
	{"polling pings", func(v *visitor) {
		sid := v.handshake()
		for range 3 {
			v.is(v.get(sid), 200, "2")
			v.is(v.post(sid, "3"), 200, "ok")
		}
	}},
	{"polling ends without a pong", func(v *visitor) {
		sid := v.handshake()
		time.Sleep(pingInterval + pingTimeout)
		v.is(v.get(sid), 400, "")
	}},
	{"websocket pings", func(v *visitor) {
		w := v.open()
		for range 3 {
			w.hears("2")
			w.send("3")
		}
	}},
	{"websocket ends without a pong", func(v *visitor) {
		start := time.Now()
		v.open().closes()
		if d := time.Since(start); d < pingInterval+pingTimeout {
			v.Errorf("closed after %v", d)
		}
	}},
	{"polling is closed by the client", func(v *visitor) {
		sid := v.handshake()
		get := v.begin(sid)
		v.is(v.post(sid, "1"), 200, "ok")
		v.is(<-get, 200, "6")
		v.is(v.get(sid), 400, "")
	}},
	{"websocket is closed by the client", func(v *visitor) {
		w := v.open()
		w.send("1")
		w.closes()
	}},
	{"polling becomes websocket", func(v *visitor) {
		sid := v.handshake()
		w := v.dial("EIO=4&transport=websocket&sid=" + sid)
		w.send("2probe")
		w.hears("3probe")
		v.is(v.get(sid), 200, "6")
		w.send("5")
		w.hears("2") // it lives on
	}},
	{"polling ends with the upgrade", func(v *visitor) {
		sid := v.handshake()
		w := v.dial("EIO=4&transport=websocket&sid=" + sid)
		w.send("2probe", "5")
		v.await(sid, onWebSocket)
		v.is(v.get(sid), 400, "")
		w.hears("3probe", "2")
	}},
	{"one websocket takes over", func(v *visitor) {
		sid := v.handshake()
		w := v.dial("EIO=4&transport=websocket&sid=" + sid)
		w.send("2probe", "5")
		v.await(sid, onWebSocket)
		v.dial("EIO=4&transport=websocket&sid=" + sid).closes()
		w.hears("3probe", "2")
	}},
}

func onWebSocket(s *engineio.Session) bool { return s.Transport() == "websocket" }

// echoes are the rest of the Engine.IO suite.
var echoes = []behaviour{
	{"polling echoes a packet", echoPayload("4hello")},
	{"polling echoes several packets", echoPayload("4test1\x1e4test2\x1e4test3")},
	{"polling echoes text and bytes", echoPayload("4hello\x1ebAQIDBA==")},
	{"polling ends with an invalid packet", func(v *visitor) {
		sid := v.handshake()
		v.post(sid, "abc")
		v.is(v.get(sid), 400, "")
	}},
	{"polling ends with two GETs at once", func(v *visitor) {
		sid := v.handshake()
		first := v.begin(sid)
		v.is(v.get(sid), 400, "")
		v.is(<-first, 200, "1")
		v.is(v.get(sid), 400, "")
	}},
	{"polling ends with a GET that is given up", func(v *visitor) {
		sid := v.handshake()
		v.giveUp(sid)
		for v.post(sid, "3").status != 400 { // the server hears of it a moment later
			if v.ctx.Err() != nil {
				v.Fatal("the session lives on")
			}
		}
		v.is(v.get(sid), 400, "")
	}},
	{"websocket echoes text", echoFrame("4hello")},
	{"websocket echoes bytes", echoFrame("bin:\x01\x02\x03\x04")},
	{"websocket ends with an invalid packet", func(v *visitor) {
		w := v.open()
		w.send("abc")
		w.closes()
	}},
}

func echoPayload(body string) func(*visitor) {
	return func(v *visitor) {
		sid := v.handshake()
		v.is(v.post(sid, body), 200, "ok")
		v.is(v.get(sid), 200, body)
	}
}

func echoFrame(frame string) func(*visitor) {
	return func(v *visitor) {
		w := v.open()
		w.send(frame)
		w.hears(frame)
	}
}

func TestEngineIO(t *testing.T) { demand(t, "/engine.io/", 25, engine, echoes) }
