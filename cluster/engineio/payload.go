package engineio

import "bytes"

// separator joins the packets of a polling payload. Engine.IO v4 protocol,
// section "HTTP long-polling: packet encoding".
const separator = 0x1e

// AppendPayload appends the polling body that carries ps.
func AppendPayload(dst []byte, ps []Packet) []byte {
	for i := range ps {
		if i > 0 {
			dst = append(dst, separator)
		}
		dst = AppendPacket(dst, ps[i])
	}
	return dst
}

// DecodePayload decodes a polling body. At the first bad packet it stops, and
// returns the packets before it together with the error. Their Data aliases body.
func DecodePayload(body []byte) ([]Packet, error) {
	ps := make([]Packet, 0, 1+bytes.Count(body, []byte{separator}))
	for {
		part, rest, more := bytes.Cut(body, []byte{separator})
		p, err := DecodePacket(part[:len(part):len(part)], false)
		if err != nil {
			return ps, err
		}
		ps = append(ps, p)
		if !more {
			return ps, nil
		}
		body = rest
	}
}
