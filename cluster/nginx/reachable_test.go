package nginx

import (
	"strings"
	"testing"
)

func TestAHostThatChoosesAServer(t *testing.T) {
	for names, want := range map[string]string{
		"":                       "",
		"_":                      "",
		"~^im$ im.example.com":   "im.example.com",
		"*.example.com":          "www.example.com",
		".example.com":           "example.com",
		"im.*":                   "im.com",
		"$hostname chat.example": "chat.example",
	} {
		s := &Server{Names: strings.Fields(names)}
		if got := s.Host(); got != want {
			t.Errorf("server_name %s: %q, want %q", names, got, want)
		}
	}
}

func TestTheFirstUpstream(t *testing.T) {
	in := func(name string, inner ...*Location) *Location {
		return &Location{Proxy: &ProxyPass{Upstream: name}, Locations: inner}
	}
	if got := (&Server{Locations: []*Location{{}, {Locations: []*Location{in("a")}}, in("b")}}).FirstUpstream(); got != "a" {
		t.Errorf("%q", got)
	}
	if got := (&Server{Locations: []*Location{{}, in("")}}).FirstUpstream(); got != "" {
		t.Errorf("%q", got)
	}
}
