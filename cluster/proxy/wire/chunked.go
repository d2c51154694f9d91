package wire

import "math"

// chunkState is where in a chunked body the next byte belongs: the states of
// ngx_http_parse_chunked.
type chunkState uint8

const (
	chunkStart chunkState = iota
	chunkSize
	chunkExtension
	chunkSizeFeed
	chunkData
	afterDataFeed
	lastExtension
	lastSizeFeed
	trailer
	trailerLine
	trailerLineFeed
	trailerFeed
	bodyEnd
)

// afterFeed is the state after the line feed that a state waits for.
var afterFeed = [...]chunkState{
	chunkSizeFeed: chunkData, afterDataFeed: chunkStart, lastSizeFeed: trailer, trailerLineFeed: trailer, trailerFeed: bodyEnd,
}

// Chunks reads a body that comes in chunks. Extensions and trailers are dropped.
type Chunks struct {
	Left   int64 // what is still to come of the chunk that the last piece is of
	Strict bool  // lines end in CR and LF, as newer versions want it
	state  chunkState
}

// Next returns the next piece of the body in b, and how many bytes of b it and what
// is before it take. Without a piece all of b was taken, unless whole is true: the
// body has ended. The refusal is nil for what nginx takes.
func (c *Chunks) Next(b []byte) (piece []byte, size int, whole bool, bad *Refusal) {
	for i, ch := range b {
		if c.state == chunkData && c.Left > 0 {
			end := i + int(min(c.Left, int64(len(b)-i)))
			c.Left -= int64(end - i)
			return b[i:end], end, false, nil
		}
		if !c.frame(ch) {
			return nil, 0, false, invalidChunks
		}
		if c.state == bodyEnd {
			return nil, i + 1, true, nil
		}
	}
	return nil, len(b), false, nil
}

// frame takes a byte that is not of the body. It reports whether it may stand there.
func (c *Chunks) frame(ch byte) bool {
	switch c.state {
	case chunkStart:
		c.Left, c.state = 0, chunkSize
		return c.digit(ch)
	case chunkSize:
		if c.Left > math.MaxInt64/16 {
			return false
		}
		extension, feed := chunkExtension, chunkSizeFeed
		if c.Left == 0 {
			extension, feed = lastExtension, lastSizeFeed
		}
		switch ch {
		case '\r', '\n':
			return c.endLine(ch, feed)
		case ';', ' ', '\t':
			c.state = extension
			return true
		}
		return c.digit(ch)
	case chunkExtension:
		return c.endLine(ch, chunkSizeFeed)
	case chunkData: // after the last byte of it
		return (ch == '\r' || ch == '\n') && c.endLine(ch, afterDataFeed)
	case lastExtension:
		return c.endLine(ch, lastSizeFeed)
	case trailer:
		if ch == '\r' || ch == '\n' {
			return c.endLine(ch, trailerFeed)
		}
		c.state = trailerLine
		return true
	case trailerLine:
		return c.endLine(ch, trailerLineFeed)
	}
	c.state = afterFeed[c.state]
	return ch == '\n'
}

func (c *Chunks) digit(ch byte) bool {
	if hex(ch) {
		c.Left = c.Left<<4 | int64(unhex(ch))
	}
	return hex(ch) && c.Left <= math.MaxInt64-5
}

// endLine ends a line, with the state in which the line feed is waited for. Any other
// byte is part of the line.
func (c *Chunks) endLine(ch byte, feed chunkState) bool {
	switch ch {
	case '\r':
		c.state = feed
	case '\n':
		c.state = afterFeed[feed]
		return !c.Strict
	}
	return true
}
