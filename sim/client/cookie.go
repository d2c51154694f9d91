package client

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// jar keeps the cookies of the one site that a client talks to.
type jar struct {
	off bool // keeps none

	mu      sync.Mutex
	cookies []kept
}

type kept struct {
	name, value string
	until       time.Time // zero: until the client ends
}

// keep stores what an answer sets. Domain and path are not looked at: all of a
// client's requests go to one endpoint.
func (j *jar) keep(h http.Header) {
	lines := h["Set-Cookie"]
	if len(lines) == 0 || j.off {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range lines {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			continue
		}
		k := kept{name: cookie.Name, value: cookie.Value, until: cookie.Expires}
		switch {
		case cookie.MaxAge > 0:
			k.until = time.Now().Add(time.Duration(cookie.MaxAge) * time.Second)
		case cookie.MaxAge < 0:
			k.until = time.Unix(1, 0)
		}
		j.put(k)
	}
}

func (j *jar) put(k kept) {
	if i := slices.IndexFunc(j.cookies, func(o kept) bool { return o.name == k.name }); i >= 0 {
		j.cookies[i] = k
		return
	}
	j.cookies = append(j.cookies, k)
}

// header returns the value of the Cookie header, "" when there is none to send.
func (j *jar) header() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var b strings.Builder
	for _, k := range j.cookies {
		if !k.until.IsZero() && !time.Now().Before(k.until) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(k.name + "=" + k.value)
	}
	return b.String()
}
