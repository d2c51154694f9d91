package streams

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
)

// A session has the bytes that the official adapter writes, and is read from them.
func TestSessionOfOfficialAdapter(t *testing.T) {
	const official = "hKNzaWS0Um16dFNpUXFVc2pqT0hZbUFBQUOjcGlktHRvdnI3Ti03LTRWa0dEamZBQUFCpXJvb21zkrRSbXp0U2lRcVVzampPSFltQUFBQ6Vsb2JieaRkYXRhg6FuB6R0YWdzk6FhwMOkdXNlcqNhbm4="
	want := socketio.Session{
		SID: "RmztSiQqUsjjOHYmAAAC", PID: "tovr7N-7-4VkGDjfAAAB", Rooms: []string{"RmztSiQqUsjjOHYmAAAC", "lobby"},
		Data: map[string]any{"n": 7.0, "tags": []any{"a", nil, true}, "user": "ann"},
	}
	got, err := decodeSession([]byte(official))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	packed, err := pack.AppendValue(nil, pack.SessionObject(want), 0)
	if text := base64.StdEncoding.EncodeToString(packed); err != nil || text != official {
		t.Errorf("%v: written as %s", err, text)
	}
	for _, bad := range []string{"", "!", "gA==", base64.StdEncoding.EncodeToString([]byte{0x83}), base64.StdEncoding.EncodeToString([]byte{0xc0})} {
		if s, err := decodeSession([]byte(bad)); err == nil {
			t.Errorf("%q is read as %+v", bad, s)
		}
	}
}

func TestOffsets(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"1-0", "1-0", false}, {"1-1", "1-0", true}, {"2-0", "1-9", true}, {"10-0", "9-0", true}, {"1-10", "1-9", true}, {"$", "1-0", false}, {"", "0-1", false},
	} {
		if after(tt.a, tt.b) != tt.want {
			t.Errorf("%s after %s: %v", tt.a, tt.b, !tt.want)
		}
	}
	if next("17-9") != "17-10" {
		t.Error(next("17-9"))
	}
}

func FuzzDecodeSession(f *testing.F) {
	f.Add("gA==")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := decodeSession([]byte(text)); err == nil && (s.SID == "" || s.PID == "" || s.Data == nil) {
			t.Errorf("%q: %+v", text, s)
		}
	})
}
