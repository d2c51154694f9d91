package sim

import (
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// oneNode has one chat node and two clients, of which b is cut off for a while and
// comes back.
const oneNode = `
title: T
nodes: 1
network: {client: 10ms}
proxy: {policy: ip_hash}
duration: 40s
settle: 1s
socketio: {ping_interval: 2s, ping_timeout: 1s}
steps: [{at: 10s, partition: [b, proxy]}, {at: 15s, heal: [b, proxy]}]
`

// A client that joins its room when the page is loaded is connected again after a
// break, and in no room: no delivery is missed, and it receives nothing.
func TestRoomNotRejoined(t *testing.T) {
	_, events := observed(t, oneNode+`
clients:
  a: {ip: 192.0.2.1, say: every 1s}
  b: {ip: 192.0.2.2, rejoin: false}
expect:
  - {from: 24s, at: end, that: "delivery.total.ratio == 1 && clients.connected == 2 && clients.outside == 1 && messages.away == 0"}
  - {from: 24s, at: end, that: "messages.outside == messages.sent"}
  - {from: 0s, at: 10s, that: "messages.outside == 0 && clients.outside == 0"}

`)
	joins := 0
	for _, e := range events {
		if e.Kind == trace.Joined && e.Client.String() == "b-01" {
			joins++
		}
	}
	if joins != 1 {
		t.Errorf("it joined %d times", joins)
	}
}

// A page that is loaded again joins its room, whatever the code does on connect.
func TestRoomAfterReload(t *testing.T) {
	observed(t, `
title: T
nodes: 1
network: {client: 10ms}
proxy: {policy: ip_hash}
duration: 20s
settle: 1s
clients:
  a: {ip: 192.0.2.1, say: every 1s}
  b: {ip: 192.0.2.2, rejoin: false}
steps: [{at: 5s, reconnect: b}]
expect:
  - {at: end, that: "clients.connected == 2 && clients.outside == 0 && messages.outside == 0 && messages.sent > 10"}
`)
}

// Handlers that are registered in the connect handler handle each message once more
// after each reconnect; on the wire it came once.
func TestHandlersOnConnect(t *testing.T) {
	_, events := observed(t, oneNode+`
clients:
  a: {ip: 192.0.2.1, say: every 1s}
  b: {ip: 192.0.2.2, handlers: on_connect}
expect:
  - {from: 0s, at: 10s, that: "messages.repeated == 0"}
  - {from: 20s, at: end, that: "messages.repeated == messages.sent && delivery.total.duplicates == 0 && delivery.total.extra == 0"}
`)
	for _, e := range events {
		if e.Kind == trace.Repeated && (e.Client.String() != "b-01" || e.Status != 2) {
			t.Fatalf("%s handled a message again: handler %d", e.Client, e.Status)
		}
	}
}

// What is not acknowledged is said again, one message after the other, and none is
// lost: what the node had accepted already arrives twice.
func TestRetries(t *testing.T) {
	_, events := observed(t, oneNode+`
clients:
  a: {ip: 192.0.2.1}
  b: {ip: 192.0.2.2, say: every 1s, retries: 20, ack_timeout: 500ms}
expect:
  - {at: end, that: "messages.unsent == 0 && messages.discarded == 0 && messages.resent > 0 && groups['a'].heard.missed == 0"}
  - {at: end, that: "messages.said >= 39 && messages.sent == messages.said"}
`)
	var last uint32
	for _, e := range events {
		if e.Kind == trace.Sent {
			if e.Msg.N < last {
				t.Errorf("message %d was sent after %d", e.Msg.N, last)
			}
			last = e.Msg.N
		}
	}
}

// After its last try a message is given up, and the next one goes.
func TestRetriesEnd(t *testing.T) {
	_, events := observed(t, oneNode+`
clients:
  a: {ip: 192.0.2.1}
  b: {ip: 192.0.2.2, say: every 1s, retries: 1, ack_timeout: 500ms}
expect:
  - {at: end, that: "messages.discarded > 0 && messages.unsent > 0"}
  - {from: 20s, at: end, that: "messages.discarded == 0 && messages.sent > 15"}
`)
	for _, e := range events {
		if e.Kind == trace.Discarded && !e.Text.Is(trace.AckTimeout) && !e.Text.Is(trace.AckDisconnected) {
			t.Errorf("given up: %s", e.Text)
		}
	}
}

// Timers of a hidden tab fire at full seconds.
func TestBackgroundTab(t *testing.T) {
	_, events := observed(t, oneNode+`
clients: {a: {ip: 192.0.2.1}, b: {ip: 192.0.2.2, background: true}}
expect: [{at: end, that: "clients.connected == 2 && sessions.lost > 0"}]
`)
	tries := 0
	for _, e := range events {
		if e.Client.String() != "b-01" {
			continue
		}
		switch e.Kind {
		case trace.Reconnecting:
			if tries++; e.At%time.Second != 0 {
				t.Errorf("an attempt at %v", e.At)
			}
		case trace.Disconnected:
			if e.Text.Is(trace.PingTimeout) && e.At%time.Second != 0 {
				t.Errorf("a ping is missing at %v", e.At)
			}
		}
	}
	if tries == 0 {
		t.Error("it did not reconnect")
	}
}
