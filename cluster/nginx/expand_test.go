package nginx

import (
	"testing"
	"time"
)

func TestExpand(t *testing.T) {
	lookup := func(name string) string { return "<" + name + ">" }
	for value, want := range map[string]string{
		"": "", "plain": "plain", "$host": "<host>", "${host}x": "<host>x", "a$host:$server_port/$1$2x": "a<host>:<server_port>/<1><2>x",
		"$10": "<1>0", "$": "$", "a$ b": "a$ b", "${host": "${host", "$$host": "$<host>", "$-$host": "$-<host>", "日$host本": "日<host>本",
	} {
		if got := Expand(value, lookup); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestExpandMaps(t *testing.T) {
	c := mustParse(t, `
		map $http_upgrade $connection_upgrade { default upgrade; '' close; }
		map $host $site { hostnames; default other; .example.com main; *.shop.example.com shop; www.* www; exact.example.com exact; ~^re re; }
		map $arg_v $v { ~*^beta b; ~^v\d$ version; BETA exact; }
		map $connection_upgrade-$v $both { upgrade-version yes; default "$v,$arg_v"; }
		map $b $a { default "$b$b$b"; }
		map $a $b { default "$a$a$a"; }
	`)
	for _, q := range []struct{ value, http_upgrade, host, v, want string }{
		{"$connection_upgrade", "websocket", "", "", "upgrade"},
		{"$connection_upgrade", "", "", "", "close"},
		{"$site", "", "example.com", "", "main"},
		{"$site", "", "X.Shop.example.com", "", "shop"},
		{"$site", "", "www.test", "", "www"},
		{"$site", "", "exact.example.com", "", "exact"},
		{"$site", "", "re.test", "", "re"},
		{"$site", "", "test", "", "other"},
		{"[$v]", "", "", "beta", "[exact]"},
		{"$v", "", "", "Beta2", "b"},
		{"$v", "", "", "V1", ""},
		{"$both", "x", "", "v1", "yes"},
		{"$both", "", "", "v1", "version,v1"},
		{"$a", "", "", "", ""},
	} {
		got := c.Expand(q.value, func(name string) string {
			return map[string]string{"http_upgrade": q.http_upgrade, "host": q.host, "arg_v": q.v}[name]
		})
		if got != q.want {
			t.Errorf("%+v: got %q", q, got)
		}
	}
}

func TestKnownVariable(t *testing.T) {
	for _, name := range []string{"http_upgrade", "host", "arg_x", "cookie_srv_id", "1", "proxy_add_x_forwarded_for", "upstream_http_x", "remote_addr"} {
		if !KnownVariable(name) {
			t.Errorf("%q is not known", name)
		}
	}
	for _, name := range []string{"", "http_", "connection_upgrade", "hosts", "10", "$host"} {
		if KnownVariable(name) {
			t.Errorf("%q is known", name)
		}
	}
}

func TestParseTime(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"0": 0, "90": 90 * time.Second, "1m30s": 90 * time.Second, "1h 30m": 90 * time.Minute, "2d": 48 * time.Hour, "1w": 7 * 24 * time.Hour,
		"500ms": 500 * time.Millisecond, "1s500ms": 1500 * time.Millisecond, "1m 5": 65 * time.Second, "1M": 30 * 24 * time.Hour,
	} {
		if got, ok := ParseTime(s, false); !ok || got != want {
			t.Errorf("%q: got %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "s", "-1", "1x", "1s1m", "1m1m", "5 5", "1y", "1.5s", "9999999999999999999", "99999999999M", "1s,", " 1"} {
		if got, ok := ParseTime(s, false); ok {
			t.Errorf("%q was taken for %v", s, got)
		}
	}
	if got, ok := ParseTime("1y", true); !ok || got != 365*24*time.Hour {
		t.Errorf("1y: %v, %v", got, ok)
	}
	if _, ok := ParseTime("10ms", true); ok {
		t.Error("milliseconds in whole seconds")
	}
}

func TestCommonDirectivesExist(t *testing.T) {
	for _, name := range commonDirectives {
		if masks, from := DefaultVersion.lookup(name); masks == nil || from != fromNginx {
			t.Errorf("%q is not nginx's", name)
		}
	}
	for name := range understood {
		if masks, _ := DefaultVersion.lookup(name); masks == nil {
			t.Errorf("%q is not in the table", name)
		}
	}
}
