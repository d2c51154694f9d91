package proxy

import (
	"container/list"
	"sync"
	"time"

	"stickylab/cluster/nginx"
)

// learnNow binds the session of the request to its peer at the head of the answer,
// with the parameter "header", or returns what does so when the answer is whole
// (ngx_http_upstream_sticky_learn_peer).
func (x *request) learnNow() (later func()) {
	up := x.plan.up
	if up.learn == nil {
		return func() {}
	}
	id, name, create := x.attempt.Sticky(), x.first(up.Sticky.Create), true
	if name == "" {
		name, create = x.first(up.Sticky.Lookup), false
	}
	if up.Sticky.Header {
		up.learn.learn(name, id, create)
		return func() {}
	}
	return func() { up.learn.learn(name, id, create) }
}

// maxSessions bounds the sessions that are remembered: about what nginx keeps in
// one megabyte.
const maxSessions = 4000

// inherit returns the table of a zone: a reload keeps it, unlike the state of
// the peers, while the zone stays with its upstream
// (ngx_http_upstream_sticky_sess_init_zone).
func (g *generation) inherit(u *nginx.Upstream) *sessionTable {
	if g != nil {
		for _, old := range g.all {
			if old.learn != nil && old.Name == u.Name && old.Sticky.Zone == u.Sticky.Zone {
				return old.learn
			}
		}
	}
	return &sessionTable{sessions: map[string]*list.Element{}}
}

// sessionTable is the table of sticky learn: which peer a session has.
type sessionTable struct {
	mu       sync.Mutex
	sessions map[string]*list.Element
	order    list.List // of session; the longest unused first
}

type session struct {
	name, id string
	used     time.Time
}

// lookup returns the id of a session's peer, "" without one. A session that was
// not used for the timeout is forgotten.
func (l *sessionTable) lookup(name string, timeout time.Duration) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.sessions[name]
	if e == nil {
		return ""
	}
	s := e.Value.(*session)
	if time.Since(s.used) > timeout {
		l.drop(e)
		return ""
	}
	return s.id
}

// learn notes which peer a session has; a session that is not known becomes so
// with create.
func (l *sessionTable) learn(name, id string, create bool) {
	if name == "" || id == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.sessions[name]; e != nil {
		*e.Value.(*session) = session{name, id, time.Now()}
		l.order.MoveToBack(e)
		return
	}
	if !create {
		return
	}
	if len(l.sessions) >= maxSessions {
		l.drop(l.order.Front())
	}
	l.sessions[name] = l.order.PushBack(&session{name, id, time.Now()})
}

func (l *sessionTable) drop(e *list.Element) {
	delete(l.sessions, e.Value.(*session).name)
	l.order.Remove(e)
}
