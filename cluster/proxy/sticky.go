package proxy

import (
	"container/list"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// stickyID returns the id of the peer that the request belongs to by the
// upstream's sticky directive, "" for none.
func (x *exchange) stickyID() string {
	s := x.plan.up.Sticky
	if s == nil {
		return ""
	}
	switch s.Mode {
	case "cookie":
		return cookie(x.r.Header, s.Cookie)
	case "route":
		return x.first(s.Route)
	case "learn":
		return x.plan.up.learn.lookup(x.first(s.Lookup))
	}
	return ""
}

// first returns the first value that is not empty.
func (x *exchange) first(values []string) string {
	for _, v := range values {
		if v := x.expand(v); v != "" {
			return v
		}
	}
	return ""
}

// setSticky binds the client to the peer that answered: sticky cookie sets its
// cookie on every answer.
func (x *exchange) setSticky(h http.Header) {
	s := x.plan.up.Sticky
	if s == nil {
		return
	}
	switch s.Mode {
	case "learn":
		x.plan.up.learn.learn(x.first(s.Create), x.attempt.Sticky())
		return
	case "route":
		return
	}
	value := s.Cookie + "=" + x.attempt.Sticky()
	switch expires := x.expand(s.Expires); expires {
	case "":
	case "max":
		value += "; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000"
	default:
		if d, ok := parseTime(expires); ok {
			value += "; expires=" + time.Now().Add(d).UTC().Format("Mon, 02-Jan-06 15:04:05 GMT") + "; max-age=" + strconv.Itoa(int(d/time.Second))
		}
	}
	if v := x.expand(s.Domain); v != "" {
		value += "; domain=" + v
	}
	if v := x.expand(s.Path); v != "" {
		value += "; path=" + v
	}
	if v := x.expand(s.SameSite); v != "" {
		value += "; samesite=" + v
	}
	if s.Secure {
		value += "; secure"
	}
	if s.HTTPOnly {
		value += "; httponly"
	}
	h["Set-Cookie"] = append(h["Set-Cookie"][:len(h["Set-Cookie"]):len(h["Set-Cookie"])], value)
}

// maxTime is the longest time that a sticky directive may give.
const maxTime = 100 * 365 * 24 * time.Hour

// parseTime reads nginx's times: "1h 30m", "90" (seconds).
func parseTime(s string) (time.Duration, bool) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
		'M': 30 * 24 * time.Hour, 'y': 365 * 24 * time.Hour}
	var sum, n time.Duration
	digits := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9' && n < maxTime/time.Second:
			n, digits = n*10+time.Duration(c-'0'), true
		case c == ' ':
		case digits && units[c] != 0 && n <= (maxTime-sum)/units[c]:
			sum, n, digits = sum+n*units[c], 0, false
		default:
			return 0, false
		}
	}
	if n > (maxTime-sum)/time.Second {
		return 0, false
	}
	return sum + n*time.Second, s != ""
}

// maxLearned is how many sessions are remembered, about what nginx keeps in
// one megabyte.
const maxLearned = 4000

// learned is the table of sticky learn: which peer a session began at.
type learned struct {
	timeout time.Duration

	mu       sync.Mutex
	sessions map[string]*list.Element
	order    list.List // of session; the longest unused first
}

type session struct {
	name, id string
	used     time.Time
}

func newLearned(timeout time.Duration) *learned {
	return &learned{timeout: timeout, sessions: map[string]*list.Element{}}
}

func (l *learned) lookup(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.sessions[name]
	if e == nil {
		return ""
	}
	s := e.Value.(*session)
	if time.Since(s.used) > l.timeout {
		l.drop(e)
		return ""
	}
	s.used = time.Now()
	l.order.MoveToBack(e)
	return s.id
}

func (l *learned) learn(name, id string) {
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
	if len(l.sessions) >= maxLearned {
		l.drop(l.order.Front())
	}
	l.sessions[name] = l.order.PushBack(&session{name, id, time.Now()})
}

func (l *learned) drop(e *list.Element) {
	delete(l.sessions, e.Value.(*session).name)
	l.order.Remove(e)
}
