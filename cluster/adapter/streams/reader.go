package streams

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"stickylab/cluster/adapter/clusteradapter"
	"stickylab/cluster/adapter/link"
)

// A reader is the connection that reads the stream.
type reader struct {
	transport *transport
	line      *link.Line
	offset    string // of the last entry; until there is one $, which means those to come
	told      bool   // that it is down
}

func newReader(t *transport) *reader {
	r := &reader{transport: t, line: link.NewLine(t.adapter.Context(), &t.cfg.Config, "read"), offset: "$"}
	r.line.Serve, r.line.Lost = r.serve, r.lost
	// A connection that is blocked answers no ping: the end of the block is the sign.
	r.line.Idle = t.cfg.Block + t.cfg.PingTimeout
	return r
}

// serve reads, again and again. That Redis has begun to read it does not say; it has when
// it has answered the ping before.
func (r *reader) serve(c redis.Conn, established func()) error {
	if err := errors.Join(c.Send("PING"), r.ask(c)); err != nil {
		return err
	}
	if _, err := c.Receive(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	established()
	r.told = false
	r.transport.state.change("read", true, nil)
	for {
		reply, err := c.Receive()
		if err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		// As the official adapter, which hands out all before it reads on.
		if err := r.hand(reply); err != nil {
			return err
		}
		if err := r.ask(c); err != nil {
			return err
		}
	}
}

func (r *reader) ask(c redis.Conn) error {
	t := r.transport
	if err := c.Send("XREAD", "COUNT", t.cfg.ReadCount, "BLOCK", strconv.FormatInt(int64(t.cfg.Block/time.Millisecond), 10), "STREAMS", t.cfg.Key, r.offset); err != nil {
		return err
	}
	return c.Flush()
}

var errReply = errors.New("redis: unexpected reply to XREAD")

// hand hands out the entries of a reply, nil when the time was over: [[stream [entry ...]]].
func (r *reader) hand(reply any) error {
	if reply == nil {
		return nil
	}
	list, _ := reply.([]any)
	if len(list) != 1 {
		return errReply
	}
	stream, _ := list[0].([]any)
	if len(stream) != 2 {
		return errReply
	}
	entries, ok := stream[1].([]any)
	if !ok {
		return errReply
	}
	for _, item := range entries {
		id, m, err := entryOf(item)
		if id == "" {
			return errReply
		}
		r.offset = id
		if err != nil {
			r.transport.adapter.Malformed()
		}
		r.transport.hand(id, m, r.line.Lane)
	}
	return nil
}

// entryOf reads an entry, [id, fields], of which the id is "" when it is none.
func entryOf(item any) (id string, m *clusteradapter.Message, err error) {
	entry, _ := item.([]any)
	if len(entry) != 2 {
		return "", nil, errReply
	}
	text, ok := entry[0].([]byte)
	if !ok {
		return "", nil, errReply
	}
	m, err = decode(entry[1])
	return string(text), m, err
}

// decode reads the fields of an entry, in any order. One without a namespace is for others,
// and nil.
func decode(v any) (*clusteradapter.Message, error) {
	fields, _ := v.([]any)
	values := make(map[string]string, len(fields)/2)
	for i := 0; i+1 < len(fields); i += 2 {
		key, _ := fields[i].([]byte)
		value, _ := fields[i+1].([]byte)
		values[string(key)] = string(value)
	}
	if values["nsp"] == "" {
		return nil, nil
	}
	kind, err := strconv.Atoi(values["type"])
	if err != nil {
		return nil, fmt.Errorf("decoding an entry: %q is no type", values["type"])
	}
	data := []byte(values["data"])
	if len(data) > 0 && data[0] != '{' {
		// As Buffer.from does, which takes both alphabets and no padding.
		text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(values["data"], "="))
		if data, err = base64.RawStdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("decoding an entry: %w", err)
		}
	}
	m := &clusteradapter.Message{Type: clusteradapter.Type(kind), UID: values["uid"], Namespace: values["nsp"]}
	if err := m.ReadData(data); err != nil {
		return nil, fmt.Errorf("decoding an entry: %w", err)
	}
	return m, nil
}

// lost reports the first failure of an outage.
func (r *reader) lost(err error) {
	if !r.told {
		r.told = true
		r.transport.state.change("read", false, err)
	}
}
