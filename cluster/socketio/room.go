package socketio

// A room is a set of sockets in the order in which they joined. Adding and
// removing take constant time; a place that became free is closed up when half
// of them are.
type room struct {
	members []*member // nil for one that left
	gone    int
}

// A member is the membership of one socket in one room.
type member struct {
	socket *Socket
	name   string
	room   *room
	at     int // index in room.members
}

func (r *room) size() int { return len(r.members) - r.gone }

func (r *room) add(s *Socket, name string) *member {
	m := &member{socket: s, name: name, room: r, at: len(r.members)}
	r.members = append(r.members, m)
	return m
}

func (r *room) remove(m *member) {
	r.members[m.at] = nil
	r.gone++
	if r.gone < 8 || r.gone*2 < len(r.members) {
		return
	}
	kept := r.members[:0]
	for _, m := range r.members {
		if m != nil {
			m.at = len(kept)
			kept = append(kept, m)
		}
	}
	clear(r.members[len(kept):])
	r.members, r.gone = kept, 0
}

// collect appends the members that are connected and do not carry mark, and
// marks them.
func (r *room) collect(dst []*Socket, mark uint64) []*Socket {
	for _, m := range r.members {
		if m == nil || m.socket.mark == mark || m.socket.listed == nil {
			continue
		}
		m.socket.mark = mark
		dst = append(dst, m.socket)
	}
	return dst
}

// Add makes s join rooms. A room that it is in already, and a socket that has
// disconnected, are passed over.
func (m *Memory) Add(s *Socket, rooms ...string) {
	for _, name := range rooms {
		if m.add(s, name) {
			m.ns.joined(s, name)
		}
	}
}

func (m *Memory) add(s *Socket, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.addLocked(s, name)
}

func (m *Memory) addLocked(s *Socket, name string) bool {
	if s.gone || s.membership(name) >= 0 {
		return false
	}
	r := m.rooms[name]
	if r == nil {
		r = new(room)
		m.rooms[name] = r
		m.changed(s, name, true)
	}
	s.memberships = append(s.memberships, r.add(s, name))
	return true
}

// Del makes s leave rooms.
func (m *Memory) Del(s *Socket, rooms ...string) {
	for _, name := range rooms {
		if m.del(s, name) {
			m.ns.left(s, name)
		}
	}
}

func (m *Memory) del(s *Socket, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := s.membership(name)
	if i < 0 {
		return false
	}
	m.drop(s.memberships[i])
	s.memberships = append(s.memberships[:i], s.memberships[i+1:]...)
	return true
}

func (m *Memory) drop(member *member) {
	member.room.remove(member)
	if member.room.size() == 0 && member.room != &m.all {
		delete(m.rooms, member.name)
		m.changed(member.socket, member.name, false)
	}
}

// DelAll makes s leave every room and the namespace, for good.
func (m *Memory) DelAll(s *Socket) {
	m.mu.Lock()
	left := s.memberships
	for _, member := range left {
		m.drop(member)
	}
	if s.listed != nil {
		m.drop(s.listed)
	}
	s.memberships, s.listed, s.gone = nil, nil, true
	if m.pid[s.pid] == s {
		delete(m.pid, s.pid)
	}
	m.mu.Unlock()
	for _, member := range left {
		m.ns.left(s, member.name)
	}
}

// enter makes s visible to broadcasts and calls welcome, which answers CONNECT,
// in one: a client that has the answer misses nothing, and gets nothing before
// it but, as from the official server, what r says that it has missed. welcome must
// not block. A socket that has ended is passed over.
func (m *Memory) enter(s *Socket, r *Restored, welcome func()) {
	for _, name := range m.enterIn(s, r, welcome) {
		m.ns.joined(s, name)
	}
}

// enterIn does what enter says and returns the rooms that s is in again.
func (m *Memory) enterIn(s *Socket, r *Restored, welcome func()) (joined []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.gone {
		return nil
	}
	if r != nil {
		if r.after > 0 {
			m.log.missed(r) // since it was restored
		}
		for _, messages := range r.Missed {
			s.conn.session.Send(messages...)
		}
		s.replayed = len(r.Missed)
		for _, name := range r.Rooms {
			if m.addLocked(s, name) {
				joined = append(joined, name)
			}
		}
	}
	welcome()
	m.addLocked(s, s.id)
	s.listed = m.all.add(s, "")
	if s.pid != "" {
		m.pid[s.pid] = s
	}
	return joined
}

// membership returns the index of the room in the socket's list, or -1. The
// lists are short.
func (s *Socket) membership(name string) int {
	for i, member := range s.memberships {
		if member.name == name {
			return i
		}
	}
	return -1
}

func (m *Memory) roomsOf(s *Socket) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := make([]string, len(s.memberships))
	for i, member := range s.memberships {
		names[i] = member.name
	}
	return names
}
