package ledger

import (
	"fmt"
	"strconv"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
)

// A Description is an event in words, fit to be printed.
type Description struct {
	Subject string // the client, node or proxy, or the address, that it is about
	What    string // what happened to it: "connected", "is down"
	Node    string // where, when that is not the subject
	Detail  string // why, or what exactly; may be empty
	Loss    bool   // something was lost or went wrong
}

// String returns the description as a sentence: "im-3030 is down: killed",
// "203.0.113.7 refused on im-3030: 400 Session ID unknown".
func (d Description) String() string { return d.Subject + " " + d.Rest() }

// Rest returns the sentence without its subject.
func (d Description) Rest() string {
	text := d.What
	if d.Node != "" {
		text += " on " + d.Node
	}
	if d.Detail != "" {
		text += ": " + d.Detail
	}
	return text
}

// Describe returns the event in words.
func Describe(e *trace.Event) Description {
	node, client, peer := e.Node.String(), format.Line(e.Client.String()), e.Peer.String()
	text, room := format.Line(e.Text.String()), format.Line(e.Room.String())
	ofNode := func(what, detail string) Description {
		return Description{Subject: node, What: what, Detail: detail}
	}
	ofClient := func(what, detail string) Description {
		return Description{Subject: client, What: what, Node: node, Detail: detail}
	}
	lost := func(d Description) Description { d.Loss = true; return d }
	msg := format.Line(e.Msg.String())

	switch e.Kind {
	case trace.Step:
		return Description{Subject: "step", What: text}
	case trace.ClientAdded:
		return ofClient("added", join(peer, text))
	case trace.ClientMoved:
		return ofClient("moved", "to "+peer)

	case trace.NodeUp:
		return ofNode("is up", peer)
	case trace.NodeDown:
		return lost(ofNode("is down", text))
	case trace.NodeFroze:
		return lost(ofNode("is "+text, ""))
	case trace.NodeResumed:
		return ofNode("resumes", "")
	case trace.AdapterOn:
		return ofNode("adapter on", text)
	case trace.AdapterOff:
		return ofNode("adapter off", "")
	case trace.RedisUp:
		return ofNode("Redis link up", "")
	case trace.RedisDown:
		return lost(ofNode("Redis link down", text))
	case trace.Counted:
		if e.Status < 0 {
			return lost(ofNode("cannot count", text+", in "+room))
		}
		return ofNode("counts", fmt.Sprintf("%d in %s, %s", e.Status, room, text))

	case trace.ConfigLoaded:
		return Description{Subject: "proxy", What: "loaded", Detail: text}
	case trace.Proxied:
		return Description{Subject: peer, What: text, Node: node, Detail: strconv.Itoa(int(e.Status)), Loss: e.Status >= 400}
	case trace.ProxyError:
		return lost(Description{Subject: "proxy", What: "error", Node: node, Detail: Brief(text)})
	case trace.Fronted:
		return ofNode("passed on", join(text, statusOf(e)))
	case trace.FrontError:
		return lost(ofNode("error", Brief(text)))
	case trace.PeerConns:
		return ofNode("connections from the proxy", strconv.Itoa(int(e.Status)))
	case trace.PeerFails:
		switch fails := "fails " + strconv.Itoa(int(e.Status)); {
		case e.Value > 0:
			return lost(ofNode("disabled by the proxy", fails+", for "+format.Seconds(e.Value)))
		case e.Status > 0:
			return ofNode("failed the proxy", fails)
		default:
			return ofNode("back in use by the proxy", fails)
		}

	case trace.SessionOpened:
		return ofNode("session opened", join(e.Session.String(), text))
	case trace.SessionUpgraded:
		return ofNode("session upgraded", e.Session.String())
	case trace.SessionClosed:
		return ofNode("session ended", join(e.Session.String(), text))
	case trace.Refused:
		return lost(Description{Subject: peer, What: "refused", Node: node, Detail: fmt.Sprintf("%d %s", e.Status, text)})
	case trace.SocketOpened:
		return ofClient("connected", "")
	case trace.SocketClosed:
		d := ofClient("disconnected", text)
		d.Loss = !left[trace.Text(text)]
		return d
	case trace.Joined:
		return ofClient("joined "+room, "")
	case trace.Left:
		return ofClient("left "+room, "")

	case trace.Recovered:
		return ofClient("recovered", format.Plural(int(e.Status), "event")+" sent again")
	case trace.NotRecovered:
		return ofClient("not recovered", text)

	case trace.Said, trace.Sent:
		return ofClient("said "+msg+" in "+room, text)
	case trace.Published:
		return ofNode("published "+msg, "")
	case trace.Relayed:
		if e.Text.Is(trace.NoSocketHere) {
			text = "for no socket here"
		}
		return ofNode("received "+msg+" from Redis", text)
	case trace.Wrote:
		return ofClient("was sent "+msg, "")
	case trace.Read:
		return ofClient("received "+msg, "")

	case trace.Repeated:
		return lost(ofClient("handled "+msg+" again", fmt.Sprintf("by handler %d", e.Status)))
	case trace.Resent:
		return ofClient("said "+msg+" again", fmt.Sprintf("try %d", e.Status))
	case trace.Discarded:
		return lost(ofClient("gave "+msg+" up", text))

	case trace.Asked:
		return ofClient("asked", text)
	case trace.Answered:
		d := ofClient("got an answer", join(text, statusOf(e)))
		d.Loss = e.Status == 0 || e.Status >= 400
		return d
	case trace.Connected:
		return ofClient("connected", text)
	case trace.Upgraded:
		return ofClient("upgraded", "now on "+string(trace.WebSocket))
	case trace.UpgradeError:
		return lost(ofClient("upgrade failed", join(text, statusOf(e))))
	case trace.ConnectError:
		return lost(ofClient("cannot connect", join(text, statusOf(e))))
	case trace.Disconnected:
		d := ofClient("disconnected", text)
		d.Loss = !e.Text.Is(trace.ClientDisconnect)
		return d
	case trace.Reconnecting:
		return ofClient("reconnecting", fmt.Sprintf("attempt %d, after %s", e.Status, format.Seconds(e.Value)))
	}
	return Description{Subject: e.Kind.String()}
}

// left are the reasons by which a socket ends without anything having gone
// wrong: its client left on purpose, such as by closing the page.
var left = map[trace.Text]bool{trace.ClientNamespaceDisconnect: true, trace.TransportClose: true, trace.ServerShuttingDown: true}

// statusOf returns the event's HTTP status, "" for none.
func statusOf(e *trace.Event) string {
	if e.Status == 0 {
		return ""
	}
	return strconv.Itoa(int(e.Status))
}

// join joins two details, of which the second may be empty.
func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + ", " + b
}
