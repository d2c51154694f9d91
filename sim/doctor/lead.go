package doctor

import (
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario"
)

// A sign is how a text shows where Socket.IO is, the weakest first.
type sign int

const (
	noSign   sign = iota // no location that proxies takes its usual path
	usual                // one does, and nothing else says anything
	upgraded             // the location passes Upgrade on
	namesIt              // a location names it
	asked                // the options say so
)

// lead is a path at which clients may find Socket.IO in a server block.
type lead struct {
	path  string
	sign  sign
	plain bool // it is more likely a WebSocket that is not Socket.IO
}

// leads returns where Socket.IO may be in a server block: where the strongest
// sign is. Take returns the location whose proxy_pass a path leads to, or nil.
func leads(s *nginx.Server, path string, php bool, take func(path string) *nginx.Location) (out []lead) {
	if path != "" {
		return []lead{{path: path, sign: asked}}
	}
	add := func(l lead) {
		if !slices.ContainsFunc(out, func(o lead) bool { return o.path == l.path }) {
			out = append(out, l)
		}
	}
	for l := range s.All() {
		if path := namedPath(s, l); path != "" {
			add(lead{path: path, sign: namesIt})
		}
	}
	if len(out) > 0 {
		return out
	}
	root := take(scenario.DefaultPath)
	if root != nil && passesUpgrade(root) {
		return []lead{{path: scenario.DefaultPath, sign: upgraded}}
	}
	for l := range s.All() {
		if path, plain := below(s, l, php); path != "" {
			add(lead{path: path, sign: upgraded, plain: plain})
		}
	}
	if len(out) > 0 || slices.ContainsFunc(slices.Collect(s.All()), func(l *nginx.Location) bool { return passesUpgrade(l) && l.Modifier != "@" && l.Path != "/" }) {
		return out // it is elsewhere, though at which path may not be known
	}
	if root != nil {
		return []lead{{path: scenario.DefaultPath, sign: usual}}
	}
	return []lead{{path: scenario.DefaultPath}}
}

// passesUpgrade reports whether a location proxies, and sets Upgrade.
func passesUpgrade(l *nginx.Location) bool { return l.Return == nil && l.PassesUpgrade() }

// namedPath is the path of Socket.IO that a location names: /api/socket.io/ of
// "location /api/socket.io"; "" without one.
func namedPath(s *nginx.Server, l *nginx.Location) string {
	text := l.Path
	if strings.HasPrefix(l.Modifier, "~") {
		text = strings.NewReplacer(`\.`, ".", `\/`, "/", `\-`, "-", "^", "", "(", "", "?:", "").Replace(text)
	}
	i := strings.Index(strings.ToLower(text), "socket.io")
	if i < 0 || l.Modifier == "@" {
		return ""
	}
	end := i + len("socket.io")
	path := text[:end] + "/"
	if strings.HasPrefix(l.Modifier, "~") {
		path = "/" + strings.TrimLeft(path, "/")
	} else if end < len(text) && text[end] != '/' { // /socket.io.js
		return ""
	}
	switch {
	case scenario.IsPath(path):
		return path
	case s.Location(scenario.DefaultPath) == l:
		return scenario.DefaultPath
	}
	return ""
}

// plainPath matches the path of a WebSocket service that is not Socket.IO, as
// frameworks name it.
var plainPath = regexp.MustCompile(`(?i)(^|[/_-])(wss?|web-?sockets?|sockjs(-node)?|cable|hubs?|signalr|graphql|subscriptions?|mqtt|stomp|hmr|webpack-hmr|live-?reload|phx|xterm|ttyd?|terminals?|vnc|websockify|jsonrpc|lsp|events|kernels|reverb|pusher|centrifugo|connection/websocket)(/|$)`)

// below returns the path at which clients find what is behind a location that
// passes Upgrade on, and whether it is more likely a plain WebSocket.
//
// Next to PHP, /app is the path of Pusher's protocol, which Laravel speaks.
func below(s *nginx.Server, l *nginx.Location, php bool) (path string, plain bool) {
	at := l.Path
	if m := literalPrefix.FindStringSubmatch(at); m != nil && strings.HasPrefix(l.Modifier, "~") {
		at = m[1]
	} else if l.Modifier != "" && l.Modifier != "^~" {
		return "", false
	}
	if !passesUpgrade(l) || at == "/" {
		return "", false
	}
	path = strings.TrimSuffix(at, "/") + "/"
	if plain = plainPath.MatchString(l.Path) || php && path == "/app/"; !plain {
		path += "socket.io/"
	}
	if !scenario.IsPath(path) || strings.HasPrefix(l.Modifier, "~") && s.Location(path) != l {
		return "", false
	}
	return path, plain
}

// literalPrefix matches a pattern that takes all below a path.
var literalPrefix = regexp.MustCompile(`^\^(/[A-Za-z0-9_/-]+/)(\(\?<\w+>\.\*\)|\(\.\*\)|\(\.\+\)|\.\*)?\$?$`)

// arrives returns the path that the node is asked for; "" means that none is.
func (s *site) arrives() string { return s.asked }

// cleanPath is the usual path of Socket.IO, below a prefix or not.
var cleanPath = regexp.MustCompile(`^(/[^/]+)*/socket\.io/$`)

// nodePath is the path that the nodes are taken to have: the one that they are
// asked for, when it may be that of Socket.IO, or else the usual one.
func (s *site) nodePath() string {
	to := s.arrives()
	if to == s.path && scenario.IsPath(to) || s.sign != usual && s.sign != noSign && s.path != scenario.DefaultPath && cleanPath.MatchString(to) {
		return to
	}
	return scenario.DefaultPath
}

// kinds are the kinds of clients that the site has.
func (s *site) kinds() []string {
	if s.plain {
		return []string{websocket}
	}
	return kinds
}
