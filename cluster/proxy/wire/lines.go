package wire

// lineState is where in a header line the next byte belongs: the states of
// ngx_http_parse_header_line.
type lineState uint8

const (
	lineStart lineState = iota
	lineName
	beforeValue
	lineValue
	afterValue
	ignored // a second status line
	valueFeed
	lastFeed
)

// headerLine reads header lines, one after the other.
type headerLine struct {
	state       lineState
	name, value span
	invalid     bool // the name has bytes that nginx does not expect
}

// step is what a byte leads to.
type step uint8

const (
	lineOpen    step = iota
	lineEnded        // the line has ended
	lineIgnored      // it has ended, and is none
	headEnded        // there are no more lines
	lineRefused
)

// take takes the byte at a place. Underscores are no invalid bytes of a name if they
// may be there; an answer is one of an upstream.
func (l *headerLine) take(b []byte, at int, underscores, answer bool) step {
	ch := b[at]
	switch l.state {
	case lineStart:
		l.name, l.invalid = span{at, at}, false
		switch {
		case ch == '\r':
			l.state = lastFeed
			return lineOpen
		case ch == '\n':
			return headEnded
		case ch <= ' ' || ch == 0x7f || ch == ':':
			return lineRefused
		}
		l.state = lineName
		l.nameByte(ch, underscores)
	case lineName:
		switch {
		case ch == ':':
			l.name.end, l.state = at, beforeValue
		case ch == '\r' || ch == '\n':
			l.name.end, l.value = at, span{at, at}
			return l.feed(ch)
		case ch == '/' && answer && string(b[l.name.begin:at]) == "HTTP":
			l.state = ignored
		case ch <= ' ' || ch == 0x7f:
			return lineRefused
		default:
			l.nameByte(ch, underscores)
		}
	case beforeValue:
		if ch == ' ' {
			return lineOpen
		}
		l.value, l.state = span{at, at}, lineValue
		fallthrough
	case lineValue, afterValue:
		switch ch {
		case 0:
			return lineRefused
		case '\r', '\n':
			return l.feed(ch)
		case ' ':
			l.state = afterValue
		default:
			l.value.end, l.state = at+1, lineValue
		}
	case ignored:
		if ch == '\n' {
			l.state = lineStart
			return lineIgnored
		}
	case valueFeed:
		switch ch {
		case '\n':
			return l.feed(ch)
		case '\r':
		default:
			return lineRefused
		}
	case lastFeed:
		if ch != '\n' {
			return lineRefused
		}
		return headEnded
	}
	return lineOpen
}

// nameByte looks at a byte of a name.
func (l *headerLine) nameByte(ch byte, underscores bool) {
	if !letter(ch) && !digit(ch) && ch != '-' && (ch != '_' || !underscores) {
		l.invalid = true
	}
}

// feed ends the line with a line feed, after which carriage returns may be some bytes
// away.
func (l *headerLine) feed(ch byte) step {
	if ch == '\r' {
		l.state = valueFeed
		return lineOpen
	}
	l.state = lineStart
	return lineEnded
}
