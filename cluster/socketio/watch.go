package socketio

import (
	"maps"
	"slices"
)

// RoomWatcher is told of the rooms of a node: of those there are, and of each that comes to
// be or ends. own means that the room is that of one socket, named by its id. It must not
// block, nor call the Memory.
type RoomWatcher func(room string, own, exists bool)

// Watch makes f the only watcher of the rooms, and tells it of those there are, sorted;
// nil ends that.
func (m *Memory) Watch(f RoomWatcher) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watcher = f
	if f == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m.rooms)) {
		f(name, m.rooms[name].belongsTo(name), true)
	}
}

// belongsTo reports whether the room is that of a socket with this id.
func (r *room) belongsTo(id string) bool {
	for _, member := range r.members {
		if member != nil && member.socket.id == id {
			return true
		}
	}
	return false
}

// changed tells the watcher. It is called with the lock held.
func (m *Memory) changed(s *Socket, room string, exists bool) {
	if m.watcher != nil {
		m.watcher(room, s.id == room, exists)
	}
}
