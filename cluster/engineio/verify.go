package engineio

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A refusal is an error answer. Numbers and texts are engine.io's; code is -1
// where Engine.IO has none.
type refusal struct {
	status int
	code   int
	text   string
}

var (
	transportUnknown   = refusal{http.StatusBadRequest, 0, "Transport unknown"}
	sessionUnknown     = refusal{http.StatusBadRequest, 1, "Session ID unknown"}
	badHandshakeMethod = refusal{http.StatusBadRequest, 2, "Bad handshake method"}
	badRequest         = refusal{http.StatusBadRequest, 3, "Bad request"}
	forbidden          = refusal{http.StatusForbidden, 4, "Forbidden"}
	protocolVersion    = refusal{http.StatusBadRequest, 5, "Unsupported protocol version"}
)

// query holds the parameters that matter. Of a repeated one the last counts.
type query struct {
	eio, transport, sid string
}

func parseQuery(raw string) (q query) {
	for part := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(part, "=")
		if strings.ContainsAny(value, "%+") {
			if plain, err := url.QueryUnescape(value); err == nil {
				value = plain
			}
		}
		switch key {
		case "EIO":
			q.eio = value
		case "transport":
			q.transport = value
		case "sid":
			q.sid = value
		}
	}
	return q
}

// verify checks a request in engine.io's order, so that a request with several
// faults gets the same answer. Without a refusal it returns the session asked
// for, or nil for a handshake; of a handshake the protocol version is still to
// be checked.
func (s *Server) verify(r *http.Request, q query, upgrade bool) (*Session, *refusal) {
	if q.transport != pollingName && q.transport != websocketName {
		return nil, &transportUnknown
	}
	if !validHeader(r.Header.Get("Origin")) {
		return nil, &badRequest
	}
	if q.sid != "" {
		c := s.lookup(q.sid)
		if c == nil || !c.alive(time.Now()) {
			return nil, &sessionUnknown
		}
		if !upgrade && c.Transport() != q.transport {
			return nil, &badRequest
		}
		if q.eio != "4" { // sessions of other versions do not exist
			return nil, &badRequest
		}
		return c, nil
	}
	if r.Method != http.MethodGet {
		return nil, &badHandshakeMethod
	}
	if q.transport == websocketName && !upgrade {
		return nil, &badRequest
	}
	if s.cfg.AllowRequest != nil {
		if err := s.cfg.AllowRequest(r); err != nil {
			bad := forbidden
			if text := err.Error(); text != "" {
				bad.text = text
			}
			return nil, &bad
		}
	}
	return nil, nil
}

// validHeader reports whether v has no control characters. net/http refuses
// most of them earlier.
func validHeader(v string) bool {
	return !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// refuse answers with the error as JSON, as for plain HTTP requests.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, q query, bad refusal) outcome {
	s.cfg.Observer.Refused(r, q.sid, bad.status, bad.code, bad.text)
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false) // as JSON.stringify
	err := enc.Encode(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{bad.code, bad.text})
	if err != nil {
		panic(err) // a number and a string always encode
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(bad.status)
	w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
	return answered
}

// refuseUpgrade answers with the bare text, as for upgrade requests. The status
// of an Engine.IO error is 400 even where plain HTTP gets 403.
func (s *Server) refuseUpgrade(w http.ResponseWriter, r *http.Request, q query, bad refusal) outcome {
	status := bad.status
	if bad.code >= 0 {
		status = http.StatusBadRequest
	}
	s.cfg.Observer.Refused(r, q.sid, status, bad.code, bad.text)
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	w.Write([]byte(bad.text))
	return answered
}

// refuseEmpty answers with a status alone.
func (s *Server) refuseEmpty(w http.ResponseWriter, r *http.Request, q query, status int) outcome {
	s.cfg.Observer.Refused(r, q.sid, status, -1, statusText(status))
	w.WriteHeader(status)
	return answered
}

// statusText returns the reason phrase that Node sends.
func statusText(status int) string {
	if status == http.StatusRequestEntityTooLarge {
		return "Payload Too Large"
	}
	return http.StatusText(status)
}
