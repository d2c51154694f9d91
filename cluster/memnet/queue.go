package memnet

// Classes order the entries of one instant: timers first, then what Before was
// given, then what At was, then deliveries, then dials.
const (
	classTimer = iota
	classStep
	classControl
	classData
	classDial
)

// packet is an entry of the delivery queue.
type packet struct {
	at    int64 // Unix nanoseconds
	class uint8
	flag  uint8  // of data: see conn.go
	conn  uint64 // of data and deadlines: the connection's number and direction
	seq   uint64 // of data: sequence in that direction; of timers and control: order of entry
	name  string // of dials and timers

	to   *Conn
	data []byte
	dial *dial
	do   func()
}

func (p *packet) before(q *packet) bool {
	if p.at != q.at {
		return p.at < q.at
	}
	if p.class != q.class {
		return p.class < q.class
	}
	if p.conn != q.conn {
		return p.conn < q.conn
	}
	if p.name != q.name {
		return p.name < q.name
	}
	return p.seq < q.seq
}

// queue is a binary heap of packets. (container/heap costs an interface call
// for each comparison; this is the hottest loop of a run.)
type queue []*packet

func (q queue) top() *packet {
	if len(q) == 0 {
		return nil
	}
	return q[0]
}

// push adds p and reports whether it is now the first.
func (q *queue) push(p *packet) bool {
	*q = append(*q, p)
	h := *q
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !p.before(h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = p
	return i == 0
}

// popDue removes and returns the first packet if its time has come.
func (q *queue) popDue(now int64) *packet {
	h := *q
	if len(h) == 0 || h[0].at > now {
		return nil
	}
	first, last := h[0], h[len(h)-1]
	h[len(h)-1] = nil
	h = h[:len(h)-1]
	*q = h
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1].before(h[child]) {
			child++
		}
		if !h[child].before(last) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = last
	return first
}
