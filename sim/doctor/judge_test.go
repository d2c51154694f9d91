package doctor

import "testing"

// Configurations with two nodes.
const (
	byIP       = "upstream im { hash $remote_addr consistent; server 10.0.0.1:1; server 10.0.0.2:1; }\nserver { location / { proxy_pass http://im; } }\n"
	byOffice   = "upstream im { ip_hash; server 10.0.0.1:1; server 10.0.0.2:1; }\nserver { location / { proxy_pass http://im; } }\n"
	roundRobin = "upstream im { server 10.0.0.1:1; server 10.0.0.2:1; }\nserver { location / { proxy_pass http://im; } }\n"
	weighted   = "upstream im { ip_hash; server 10.0.0.1:1 weight=99; server 10.0.0.2:1; }\nserver { location / { proxy_pass http://im; } }\n"
	oneNode    = "server { location / { proxy_pass http://10.0.0.1:1; } }\n"
)

// spread are clients of every kind that polls, on both nodes and never disconnected.
var spread = []string{
	"4 browser-world: a a", "4 browser-world: b b", "3 polling-world: a a", "3 polling-world: b b", "3 native-world: a a", "3 native-world: b b",
}

func and(clients []string, more ...string) []string {
	return append(clients[:len(clients):len(clients)], more...)
}

func TestJudgements(t *testing.T) {
	unreached := func(o *outcome) *outcome { o.all.Sessions.Opened = 0; return o }
	long := func(o *outcome) *outcome { o.duration = deathLasts + 1; return o }
	errors := func(n int, text string) map[string]int { return map[string]int{text: n} }
	for _, c := range []struct {
		promise string
		judge   func(*site, results) verdict
		conf    string
		r       results
		want    string
	}{
		{
			"a session anywhere means that requests reach a node", judgeReach, byIP,
			results{steady: made(steady, "polling-world: - -", "native-world: a a")},
			"polling 0/1, native 0/1; ",
		},
		{
			"without any session no request reaches a node", judgeReach, byIP,
			results{steady: unreached(made(steady, "2 polling-world: - -").with(0, "polling-world", errors(3, "404 Not Found")))},
			"polling 2/2 never connected; 3 x 404 Not Found",
		},

		{
			"polling that loses its session breaks", judgeSticky, byIP,
			results{steady: made(steady, "polling-world: a -", "polling-office: a a").with(1, "polling-world", errors(2, "Session ID unknown"))},
			"polling 1/2 lost their session; 2 x Session ID unknown",
		},
		{
			"a session that was lost and is back is lost", judgeSticky, byIP,
			results{steady: made(steady, "polling-world: a ~a")},
			"polling 1/1 lost their session; ",
		},
		{
			"clients that never connected are counted apart", judgeSticky, byIP,
			results{steady: made(steady, "2 native-world: - -", "native-world: a -")},
			"native 3/3 2 never connected, 1 lost their session; ",
		},
		{
			"clients that never poll say nothing of polling", judgeSticky, byIP,
			results{steady: made(steady, "websocket-world: - -")},
			"; ",
		},
		{
			"where no request reaches a node sessions are not judged", judgeSticky, byIP,
			results{steady: unreached(made(steady, "polling-world: - -"))},
			"; ",
		},

		{
			"WebSockets that do not connect break", judgeUpgrade, byIP,
			results{steady: made(steady, "websocket-world: - -", "polling-world: a a").with(0, "websocket-world", errors(5, "websocket error"))},
			"websocket 1/1 never connected; 5 x websocket error",
		},
		{
			"a session that stays on polling has no upgrade", judgeUpgrade, byIP,
			results{steady: made(steady, "browser-world: a/poll a/poll", "browser-world: a/poll a", "websocket-world: a a")},
			"websocket 0/1, browser 1/2 stay on polling; ",
		},
		{
			"sessions that break say nothing of their upgrade", judgeUpgrade, byIP,
			results{steady: made(steady, "browser-world: a/poll -", "websocket-world: a a")},
			"websocket 0/1; ",
		},

		{
			"clients of many networks on one node share a key", judgeKey, byIP,
			results{steady: made(steady, "4 browser-world: a a", "2 polling-world: a a", "2 native-world: a a")},
			"browser 4/4 on one node, polling 2/2 on one node, native 2/2 on one node; 8 on a, 0 on b",
		},
		{
			"clients on both nodes have different keys", judgeKey, byIP,
			results{steady: made(steady, spread...)},
			"browser 0/8, polling 0/6, native 0/6; 10 on a, 10 on b",
		},
		{
			"a few clients are on one node by chance", judgeKey, byIP,
			results{steady: made(steady, "2 browser-world: a a", "2 polling-world: a a", "2 native-world: a a")},
			"browser 0/2, polling 0/2, native 0/2; 6 on a, 0 on b",
		},
		{
			"weights may put all clients on one node", judgeKey, weighted,
			results{steady: made(steady, "4 browser-world: a a", "2 polling-world: a a", "2 native-world: a a")},
			"; ",
		},
		{
			"with one node there is nothing to spread", judgeKey, oneNode,
			results{steady: made(steady, "4 browser-world: a a", "4 polling-world: a a", "4 native-world: a a")},
			"; ",
		},
		{
			"placement is not judged where sessions break", judgeKey, byIP,
			results{steady: made(steady, "9 browser-world: a a", "polling-world: a -", "native-world: a a")},
			"; ",
		},

		{
			"a whole /24 on one node weighs on it", judgeOffice, byOffice,
			results{steady: made(steady, and(spread, "4 browser-office: a a", "4 polling-office: a a", "native-office: a a")...)},
			"browser 4/4 on one node, polling 4/4 on one node, native 1/1 on one node; 9 on a, 0 on b",
		},
		{
			"a key that all clients share is not reported of the office again", judgeOffice, byOffice,
			results{steady: made(steady, "8 browser-world: a a", "polling-world: a a", "native-world: a a", "8 polling-office: a a")},
			"; ",
		},

		{
			"all clients behind a proxy on one node have its address for a key", judgeBehind, byIP,
			results{steady: made(steady, spread...), behind: made(behind, "4 browser-world: b b", "4 websocket-world: b b")},
			"browser 4/4 on one node, websocket 4/4 on one node; 0 on a, 8 on b",
		},

		{
			"clients that bypass the proxy may lose their sessions", judgeBypass, byIP,
			results{bypass: made(bypass, "browser-world: a a", "polling-world: a -")},
			"browser 0/1, polling 1/1 lost their session; ",
		},

		{
			"claimed addresses that spread clients place them", judgeSpoofed, byIP,
			results{spoofed: made(spoofed, "browser-world: a", "browser-world: b", "polling-world: a")},
			"browser 2/2 placed by what they claim, polling 1/1 placed by what they claim; 2 on a, 1 on b",
		},
		{
			"one machine stays on one node whatever it claims", judgeSpoofed, byIP,
			results{spoofed: made(spoofed, "2 browser-world: b")},
			"browser 0/2; 0 on a, 2 on b",
		},
		{
			"where the address decides nothing, claiming one does not either", judgeSpoofed, roundRobin,
			results{spoofed: made(spoofed, "browser-world: a", "browser-world: b")},
			"; ",
		},

		{
			"idle connections that are cut break", judgeIdle, byIP,
			results{idle: made(idle, "polling-world: a ~a", "websocket-world: a a").with(1, "polling-world", errors(4, "transport close"))},
			"websocket 0/1, polling 1/1 lost their connection; 1 connection lost in 60 s, 4 x transport close",
		},

		{
			"clients of the dead node come back on another", judgeDeath, byIP,
			results{death: made(death, "polling-world: a ~b", "native-world: b b")},
			"polling 0/1, native 0/1; ",
		},
		{
			"clients of the dead node that are not back break", judgeDeath, byIP,
			results{death: made(death, "2 polling-world: a -", "native-world: b b")},
			"polling 2/2 on the dead node not back after 14 s, native 0/1; ",
		},
		{
			"clients of other nodes notice nothing", judgeDeath, byIP,
			results{death: made(death, "polling-world: b ~b", "polling-world: b b")},
			"polling 1/2 on other nodes disconnected too; ",
		},
		{
			"a dead node that is tried again costs a 502", judgeDeath, byIP,
			results{death: long(made(death, "polling-world: a ~b b", "native-world: b b b").with(2, "polling-world", errors(1, "502 Bad Gateway")).unserved(2, "polling-world"))},
			"polling 1/1 got 502 later, when nginx tried the dead node again, native 0/1; 1 x 502 Bad Gateway",
		},
		{
			"clients that were not connected when the node died are not judged", judgeDeath, byIP,
			results{death: made(death, "polling-world: - -")},
			"; ",
		},
		{
			"where idle connections are cut a death is not to blame", judgeDeath, byIP,
			results{idle: made(idle, "polling-world: a ~a"), death: made(death, "polling-world: a -")},
			"; ",
		},

		{
			"a reload that cuts connections breaks", judgeReload, byIP,
			results{reload: made(reload, "websocket-world: a ~a", "polling-world: a a").with(1, "websocket-world", errors(1, "transport close"))},
			"websocket 1/1 lost their connection, polling 0/1; 1 x transport close",
		},

		{
			"an added server that moves most sessions has a cost", judgeScale, byIP,
			results{steady: made(steady, spread...), scale: made(scale, "2 polling-world: a ~b", "polling-world: b b")},
			"polling 2/3 moved, and lost their sessions; 2 of 3 sessions moved; the share of the new server is 1 in 3",
		},
		{
			"an added server may move its share", judgeScale, byIP,
			results{steady: made(steady, spread...), scale: made(scale, "polling-world: a ~b", "2 polling-world: b b")},
			"polling 0/3; 1 of 3 sessions moved; the share of the new server is 1 in 3",
		},
		{
			"where a reload cuts connections scaling is not to blame", judgeScale, byIP,
			results{steady: made(steady, spread...), reload: made(reload, "polling-world: a ~a"), scale: made(scale, "polling-world: a ~b")},
			"; ",
		},

		{
			"a message that costs the session is too large", judgeLarge, byIP,
			results{large: made(large, "polling-world: a ~a", "websocket-world: a a").with(1, "polling-world", errors(1, "413 Request Entity Too Large"))},
			"websocket 0/1, polling 1/1 lost their session; 1 x 413 Request Entity Too Large",
		},
	} {
		if got := c.judge(theSite(t, c.conf), c.r).String(); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.promise, got, c.want)
		}
	}
}

// What was not tried is not judged.
func TestOnlyWhatWasTriedIsJudged(t *testing.T) {
	_, g := theTarget(t, byIP, Options{})
	for i, v := range judge(g, results{steady: made(steady, spread...)}) {
		if c := criteria[i]; c.experiment != steady && len(v.judged) > 0 {
			t.Errorf("%s is judged without %s: %s", c.id, c.experiment, v)
		}
	}
}

// A fix is refused when it breaks what worked.
func TestWhatMakesItWorse(t *testing.T) {
	of := func(kind string, bad int) verdict { return verdict{judged: []Affected{{Kind: kind, Bad: bad, Of: 2}}} }
	for _, c := range []struct {
		promise       string
		whole         bool
		before, after verdict
		want          bool
	}{
		{"clients that passed fail", false, of(polling, 0), of(polling, 1), true},
		{"clients that failed still do", false, of(polling, 1), of(polling, 2), false},
		{"others were judged before", false, of(native, 0), of(polling, 1), false},
		{"no client was judged before", false, verdict{}, of(polling, 1), false},
		{"it failed as a whole before", true, verdict{judged: append(of(polling, 1).judged, of(native, 0).judged...)}, of(native, 1), false},
	} {
		if got := (&criterion{whole: c.whole}).breaks(c.before, c.after); got != c.want {
			t.Errorf("%s: %t", c.promise, got)
		}
	}
}
