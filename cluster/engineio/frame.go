package engineio

import "encoding/binary"

// appendFrame appends p as one unmasked WebSocket frame (RFC 6455, section
// 5.2). Data frames are laid out here and not by the WebSocket library so that
// a whole Send is one write, and that no lock or context is taken for it.
// Each write is whole frames, and so are the library's control frames: they cannot
// mix.
func appendFrame(dst []byte, p Packet) []byte {
	const fin, text, bin = 0x80, 1, 2
	n := len(p.Data)
	if p.Binary {
		dst = append(dst, fin|bin)
	} else {
		dst = append(dst, fin|text)
		n++
	}
	switch {
	case n < 126:
		dst = append(dst, byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
	}
	if p.Binary {
		return append(dst, p.Data...)
	}
	return AppendPacket(dst, p)
}
