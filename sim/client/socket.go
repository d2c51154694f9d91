package client

import (
	"strconv"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// message is the payload of "say".
type message struct {
	ID   string `json:"id"`
	Room string `json:"room"`
	Text string `json:"text"`
}

func (c *Client) connect() {
	if c.connected || c.active && c.phase == open {
		return
	}
	c.active = true
	if !c.reconnecting {
		c.open(false)
	}
}

func (c *Client) disconnect() {
	was := c.connected
	if was {
		c.send(socketio.Packet{Type: socketio.Disconnect})
	}
	c.giveUp()
	if was {
		c.disconnected(trace.ClientDisconnect)
	}
}

// disconnected follows the end of a connection, also of one on which CONNECT
// was not answered yet: the original tells its user in either case.
func (c *Client) disconnected(reason trace.Text) {
	c.emit(trace.Event{Kind: trace.Disconnected, Text: reason.Name(), Socket: c.socket})
	c.connected, c.socket = false, trace.Name{}
	c.unacknowledged(trace.AckDisconnected)
}

// sendConnect asks for the namespace.
func (c *Client) sendConnect() {
	if c.active {
		c.send(socketio.Packet{Type: socketio.Connect, Data: connectData{c.pid, c.offset, c.cfg.Name}})
	}
}

// connectData is the payload of CONNECT.
type connectData struct {
	PID    string `json:"pid,omitempty"`
	Offset string `json:"offset,omitempty"`
	Name   string `json:"name"`
}

// onData handles an Engine.IO message.
func (c *Client) onData(e *engine, data []byte, binary bool) {
	p, err := e.decoder.Add(data, binary)
	if err != nil {
		c.failure = Failure{Text: string(trace.ParseError), Message: err.Error()}
		c.onClose(e, trace.ParseError)
		return
	}
	if p == nil || !c.active || p.Namespace != "" && p.Namespace != "/" {
		return
	}
	switch p.Type {
	case socketio.Connect:
		c.onConnect(e, p)
	case socketio.Event, socketio.BinaryEvent:
		c.onEvent(p)
	case socketio.Ack, socketio.BinaryAck:
		c.onAck(p)
	case socketio.Disconnect:
		c.giveUp()
		c.disconnected(trace.ServerDisconnect)
	case socketio.ConnectError:
		c.giveUp()
		c.failure = Failure{Text: reasonOf(p.Data)}
		c.emit(trace.Event{Kind: trace.ConnectError, Text: trace.N(c.failure.Text), Session: e.session})
	}
}

// onConnect follows the answer to CONNECT: what was said meanwhile goes out
// first, then the user's own handler joins the room again.
func (c *Client) onConnect(e *engine, p *socketio.Packet) {
	fields, _ := p.Data.(map[string]any)
	sid, _ := fields["sid"].(string)
	if sid == "" {
		return
	}
	pid, _ := fields["pid"].(string)
	c.recovered, c.pid = pid != "" && pid == c.pid, pid
	c.connected, c.socket = true, trace.N(sid)
	c.connects++
	c.emit(trace.Event{Kind: trace.Connected, Session: e.session, Socket: c.socket, Text: trace.N(e.transport())})
	early := c.early
	c.early = nil
	for _, p := range early {
		c.onEvent(&p)
	}
	waiting := c.buffer
	c.buffer = nil
	for _, p := range waiting {
		for _, packet := range encode(p) {
			e.write(packet)
		}
	}
	c.drain(true)
	if c.cfg.Room != "" && !(c.cfg.JoinOnce && c.joined) {
		c.joined = true
		id := c.acks
		c.acks++
		c.send(socketio.Packet{Type: socketio.Event, ID: &id, Data: []any{"join", c.cfg.Room}})
	}
}

// onEvent handles the events that fastRead did not take.
func (c *Client) onEvent(p *socketio.Packet) {
	if !c.connected {
		c.early = append(c.early, *p)
		return
	}
	name, args, _ := p.Event()
	if c.pid != "" && p.ID == nil {
		if last, ok := lastText(p.Data); ok {
			c.offset = last
		}
	}
	if name != "said" || len(args) == 0 {
		return
	}
	fields, _ := args[0].(map[string]any)
	id, _ := fields["id"].(string)
	if from, n, ok := parseID([]byte(id)); ok {
		c.read(from, n)
	}
}

// fastRead takes a chat message, if it has the usual shape.
func (c *Client) fastRead(frame []byte) bool {
	if !c.connected {
		return false
	}
	from, n, ok := parseSaid(frame)
	if ok && c.pid != "" {
		var offset []byte
		if offset, ok = parseOffset(frame); ok {
			c.offset = string(offset)
		}
	}
	if ok {
		c.read(from, n)
	}
	return ok
}

// lastText returns the last item of an event, if it is a text.
func lastText(data any) (string, bool) {
	items, _ := data.([]any)
	if len(items) == 0 {
		return "", false
	}
	last, ok := items[len(items)-1].(string)
	return last, ok
}

func (c *Client) read(from []byte, n uint32) {
	msg := trace.Msg{From: c.cfg.Names.of(from), N: n}
	c.lane.Emit(trace.Event{
		Kind:   trace.Read,
		Cause:  c.cause,
		Client: c.name,
		Socket: c.socket,
		Msg:    msg,
	})
	if !c.cfg.HandlersOnConnect {
		return
	}
	for k := 2; k <= c.connects; k++ {
		c.lane.Emit(trace.Event{Kind: trace.Repeated, Cause: c.cause, Client: c.name, Socket: c.socket, Msg: msg, Status: int32(k)})
	}
}

func (c *Client) say(text string) {
	c.said++
	c.emit(trace.Event{Kind: trace.Said, Msg: trace.Msg{From: c.name, N: c.said}, Room: c.room})
	id := c.cfg.Name + ":" + strconv.FormatUint(uint64(c.said), 10)
	p := socketio.Packet{Type: socketio.Event, Data: []any{"say", message{ID: id, Room: c.cfg.Room, Text: text}}}
	if c.cfg.Retries > 0 {
		c.queue = append(c.queue, queued{packet: p, n: c.said})
		c.drain(false)
		return
	}
	if c.connected {
		c.send(p)
		return
	}
	c.buffer = append(c.buffer, p) // encoded when it goes: the text may be long
}

// send hands a packet to the engine.
func (c *Client) send(p socketio.Packet) {
	for _, packet := range encode(p) {
		c.eng.write(packet)
	}
}

func encode(p socketio.Packet) []engineio.Packet {
	messages, err := socketio.Encode(p)
	if err != nil {
		panic(err) // strings always encode
	}
	packets := make([]engineio.Packet, len(messages))
	for i, m := range messages {
		packets[i] = engineio.Packet{Type: engineio.MessagePacket, Data: m.Data, Binary: m.Binary}
	}
	return packets
}

// reasonOf returns the message of a CONNECT_ERROR.
func reasonOf(data any) string {
	switch d := data.(type) {
	case string:
		return d
	case map[string]any:
		text, _ := d["message"].(string)
		return text
	}
	return ""
}
