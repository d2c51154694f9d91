package socketio

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/engineio"
)

func ids(prefix string) func(*engineio.Session) string {
	n := 0
	return func(*engineio.Session) string {
		n++
		return prefix + string(rune('0'+n))
	}
}

// The answer to CONNECT comes first, then what the handlers emit, in order.
func TestConnect(t *testing.T) {
	inWorld(t, Config{NewID: ids("sid-")}, func(w *world) {
		for _, name := range []string{"/", "/custom"} {
			w.Of(name).OnConnection(func(s *Socket) {
				s.Emit("auth", s.Auth())
				s.Emit("room", s.Rooms())
			})
		}
		p := w.open(`0{"token":"123"}`, `0/custom,`)
		p.want(`0{"sid":"sid-1"}`, `2["auth",{"token":"123"}]`, `2["room",["sid-1"]]`)
		p.want(`0/custom,{"sid":"sid-2"}`, `2/custom,["auth",{}]`, `2/custom,["room",["sid-2"]]`, ping)

		w.open(`0/custom`).want(`0/custom,{"sid":"sid-3"}`) // no comma, as old clients
	})
}

func TestDefaultID(t *testing.T) {
	if a, b := randomID(nil), randomID(nil); len(a) != 20 || a == b {
		t.Errorf("ids %q, %q", a, b)
	}
}

func TestInvalidNamespace(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		p := w.join("/")
		p.send(`0/nope,`)
		p.want(`4/nope,{"message":"Invalid namespace"}`, ping) // and the session lives on
	})
}

type denied struct{ code int }

func (denied) Error() string { return "not authorized" }
func (d denied) Data() any   { return map[string]any{"code": d.code} }

func TestMiddleware(t *testing.T) {
	inWorld(t, Config{NewID: ids("s")}, func(w *world) {
		var calls []string
		admin := w.Of("admin") // the slash is added
		admin.Use(func(s *Socket) error {
			calls = append(calls, "first")
			s.Data["seen"] = true
			s.Join("early")
			switch s.Auth()["token"] {
			case "ok":
				return nil
			case "plain":
				return errors.New("no <such> token")
			case "odd":
				return denied{}
			}
			return denied{42}
		})
		admin.Use(func(s *Socket) error {
			calls = append(calls, "second")
			return nil
		})
		admin.OnConnection(func(s *Socket) { s.Emit("rooms", s.Rooms(), s.Data) })

		p := w.open(`0/admin,{"token":"bad"}`)
		p.want(`4/admin,{"message":"not authorized","data":{"code":42}}`)
		p.send(`0/admin,{"token":"plain"}`)
		p.want(`4/admin,{"message":"no <such> token"}`)
		if admin.Memory().HasRoom("early") {
			t.Error("a refused socket stays in its rooms")
		}
		p.send(`0/admin,{"token":"ok"}`)
		p.want(`0/admin,{"sid":"s3"}`, `2/admin,["rooms",["early","s3"],{"seen":true}]`)
		if diff := cmp.Diff([]string{"first", "first", "first", "second"}, calls); diff != "" {
			t.Error(diff)
		}
	})
}

type unspeakable struct{ error }

func (unspeakable) Data() any { return func() {} }

// Data that JSON does not know is left out.
func TestMiddlewareOddData(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.Of("/").Use(func(*Socket) error { return unspeakable{errors.New("no")} })
		w.open(`0`).want(`4{"message":"no"}`)
	})
}

// A session that joins no namespace within the timeout is closed; refused
// attempts do not count, a namespace that was left does.
func TestConnectTimeout(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		start := time.Now()
		idle := w.open(`0/nope,`)
		idle.want(`4/nope,{"message":"Invalid namespace"}`, ping, closed)
		if d := time.Since(start); d != 45*time.Second {
			t.Errorf("closed after %v, want 45s", d)
		}

		left := w.join("/")
		left.send(`1`)
		left.want(ping, ping, ping, ping)
	})
	inWorld(t, Config{ConnectTimeout: time.Second}, func(w *world) {
		joined, start := w.join("/"), time.Now()
		w.open().want(closed)
		if d := time.Since(start); d != time.Second {
			t.Errorf("closed after %v, want 1s", d)
		}
		joined.want(ping, ping)
	})
}

// Whoever connects while the server closes gets nothing.
func TestHandleAfterClose(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.Server.Close()
		w.open().want(closed)
	})
}
