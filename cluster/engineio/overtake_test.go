package engineio

import (
	"testing"
	"testing/synctest"
	"time"
)

// A client sends its GET before the POST with the close packet, each on a
// separate connection, and the POST is handled first.
func TestAClosePacketOvertakesTheGET(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		w.expect(w.post(sid, "1"), "ok")
		w.expectLog("opened session-1 polling", "closed session-1 transport close", "onclose session-1 transport close")
		w.refused(w.post(sid, "4a"), unknownSID)
		w.expect(w.get(sid), "6")
		w.refused(w.get(sid), unknownSID)

		sid = w.handshake()
		w.expect(w.post(sid, "1"), "ok")
		time.Sleep(overtaking)
		synctest.Wait() // for the server, whose time is up at the same instant
		w.refused(w.get(sid), unknownSID)
	})
}

// A client sends its GET after the upgrade packet, and the GET is handled first.
func TestAGETOvertakesTheUpgrade(t *testing.T) {
	for wait, want := range map[time.Duration]answer{
		0:          {status: 400, body: badReq},
		overtaking: {status: 200, body: "1"}, // it was there before, as no official client does
	} {
		inWorld(t, Config{}, func(w *world) {
			sid := w.handshake()
			s := w.dial(wsBase + "&sid=" + sid)
			s.send("2probe")
			s.expect("3probe")
			get := w.get(sid)
			synctest.Wait()
			time.Sleep(wait)
			synctest.Wait()
			s.send("5")
			w.expectAnswer(get.answer(), want.status, want.body)
			s.send("4hello")
			s.expect("4hello")
		})
	}
}
