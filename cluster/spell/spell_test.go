package spell

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"proxy_pass", "proxy_buffering", "kill", "restart", "Session ID unknown"}
	for word, want := range map[string]string{
		"proxy_pas":          "proxy_pass",
		"porxy_pass":         "proxy_pass",
		"PROXY_PASS":         "proxy_pass",
		"kil":                "kill",
		"restrat":            "restart",
		"Session id unknwon": "Session ID unknown",
		"something else":     "",
		"":                   "",
		"k":                  "",
		"北京":                 "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := DidYouMean("kil", words); got != `did you mean "kill"?` {
		t.Errorf("hint %q", got)
	}
}
