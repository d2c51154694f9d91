package socketio

import (
	"fmt"
	"strconv"

	"stickylab/cluster/engineio"
)

// Encode returns the messages that carry p: its text, then one binary message
// for each attachment, in order. Event and BinaryEvent (Ack and BinaryAck) are
// one to Encode: the type that is written depends on whether there are
// attachments. Socket.IO protocol v5, section Packet encoding.
//
// It fails when a value cannot be written as JSON, and for more than
// MaxAttachments attachments, since every receiver would close its connection.
func Encode(p Packet) ([]engineio.Message, error) {
	w := jsonWriter{dst: make([]byte, 0, 96)}
	kind := p.Type
	switch kind {
	case Event, BinaryEvent:
		kind, w.bytes = Event, (*jsonWriter).attach
	case Ack, BinaryAck:
		kind, w.bytes = Ack, (*jsonWriter).attach
	case Connect, Disconnect, ConnectError:
	default:
		return nil, fmt.Errorf("socketio: unknown packet type %d", p.Type)
	}
	if p.Data == nil && kind == Event {
		return nil, fmt.Errorf("socketio: an event without data")
	}

	w.dst = append(w.dst, '0'+byte(kind))
	w.dst = appendHead(w.dst, p)
	if p.Data != nil {
		if err := w.value(p.Data); err != nil {
			return nil, fmt.Errorf("socketio: encoding packet: %w", err)
		}
	}
	n := len(w.attachments)
	if n == 0 {
		return []engineio.Message{{Data: w.dst}}, nil
	}
	if n > MaxAttachments {
		return nil, fmt.Errorf("socketio: %d attachments, at most %d are allowed", n, MaxAttachments)
	}

	// The count precedes the rest of the text and is known only now.
	text := append(make([]byte, 0, len(w.dst)+3), '0'+byte(kind+BinaryEvent-Event))
	text = strconv.AppendInt(text, int64(n), 10)
	text = append(text, '-')
	text = append(text, w.dst[1:]...)
	messages := make([]engineio.Message, 1, n+1)
	messages[0].Data = text
	for _, a := range w.attachments {
		messages = append(messages, engineio.Message{Data: a, Binary: true})
	}
	return messages, nil
}

// appendHead appends what comes between the type and the data.
func appendHead(dst []byte, p Packet) []byte {
	if p.Namespace != "" && p.Namespace != "/" {
		dst = append(dst, p.Namespace...)
		dst = append(dst, ',')
	}
	if p.ID != nil {
		dst = strconv.AppendUint(dst, *p.ID, 10)
	}
	return dst
}

// tagged puts tag on the last of the messages of a packet, so that the packet
// counts as written when all of it is.
func tagged(messages []engineio.Message, tag any) []engineio.Message {
	if tag != nil {
		messages[len(messages)-1].Tag = tag
	}
	return messages
}
