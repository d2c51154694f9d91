//go:build peers

package twins

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// outcome is what comes of a request.
type outcome struct {
	status  string   // "200 OK"; or how the connection ended
	header  []string // sorted, without those that tell the time
	body    string
	refused []string // peers that refused the connection
	seen    []string // requests of the nodes
	noLive  int      // how often no peer was left
}

// difference is where nginx and our proxy differ.
type difference struct {
	kind string // "status 404/502", nginx's first
	step int    // its number in the play; -1: the configuration
	text string
}

func (d *difference) String() string {
	return fmt.Sprintf("%s at step %d:\n%s", d.kind, d.step, d.text)
}

// refusal compares whether both take a configuration.
func refusal(real, own error, step int) *difference {
	switch {
	case (real == nil) == (own == nil):
		return nil
	case real == nil:
		return &difference{"only we refuse: " + reason(own), step, own.Error()}
	}
	return &difference{"only nginx refuses: " + reason(real), step, real.Error()}
}

// particular is what differs from one refusal of a kind to another.
var particular = regexp.MustCompile(`"[^"]*"|[\d./:]+| in .*`)

// reason is why a configuration is refused, in general.
func reason(err error) string {
	_, text, emergency := strings.Cut(err.Error(), "[emerg] ")
	if !emergency {
		_, text, _ = strings.Cut(err.Error(), ": ")
	}
	text, _, _ = strings.Cut(text, "\n")
	return strings.TrimSpace(particular.ReplaceAllString(text, ""))
}

// errorPages finds the statuses in error_page directives.
var errorPages = regexp.MustCompile(`(?m)\berror_page [^;]*;`)

// known reports whether two outcomes differ where ours does it on purpose. Words are what
// nginx logs.
//   - A file that error_page names is taken to be there, as it is where somebody wrote
//     that line; here nginx does not find it.
//   - nginx spoils an upgrade that an error page makes: it answers with the error's status, as if a body followed.
//   - nginx never answers a body in chunks that is too large where error_page for 413 leads to an
//     upstream: it waits for more of a body that has ended.
func (t *theater) known(say, words string, want, got *outcome) bool {
	missing := strings.Contains(words, "(2: No such file or directory)") || strings.Contains(words, "is not found")
	if missing && slices.Equal(want.seen, got.seen) && slices.Equal(want.refused, got.refused) {
		pages := strings.Join(errorPages.FindAllString(t.text, -1), " ")
		if pages != "" && (code(got.status) == "200" || strings.Contains(pages, code(got.status))) {
			return true
		}
	}
	if code(got.status) == "101" && slices.Contains(want.header, "Upgrade: websocket") {
		return true
	}
	return want.status == "nothing came" && strings.Contains(say, "\r\nTransfer-Encoding: chunked\r\n")
}

// differ compares two outcomes.
func differ(s step, want, got *outcome) *difference {
	kind := ""
	switch {
	case want.status != got.status:
		kind = "status " + code(want.status) + "/" + code(got.status)
	case !slices.Equal(want.refused, got.refused):
		kind = "peers that refuse"
	case len(want.seen) != len(got.seen):
		kind = "number of peers"
	case want.noLive != got.noLive:
		kind = "no live upstreams"
	}
	for i := range want.seen {
		if kind == "" && want.seen[i] != got.seen[i] {
			kind = seenKind(want.seen[i], got.seen[i])
		}
	}
	if kind == "" && !slices.Equal(want.header, got.header) {
		kind = "answer: " + firstOther(want.header, got.header)
	}
	if kind == "" && want.body != got.body {
		kind = "body"
	}
	if kind == "" {
		return nil
	}
	return &difference{kind: kind, text: fmt.Sprintf("%s to %s: %q\nnginx: %s\nours:  %s", s.from, s.to, s.say, want, got)}
}

func (o *outcome) String() string {
	return fmt.Sprintf("%s %q\n       refused %v, no live %d, nodes got %q\n       %.300q", o.status, o.header, o.refused, o.noLive, o.seen, o.body)
}

func code(status string) string {
	if len(status) > 3 && status[0] <= '9' {
		return status[:3]
	}
	return status
}

// seenKind says how two requests to nodes differ.
func seenKind(want, got string) string {
	a, b := strings.Split(want, "\r\n"), strings.Split(got, "\r\n")
	switch {
	case a[0] != b[0]:
		return "chosen peer"
	case a[1] != b[1]:
		return "request line"
	}
	if slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))) {
		return "order of headers"
	}
	return "header to the peer: " + firstOther(a[2:], b[2:])
}

// firstOther names the first header that only one has.
func firstOther(a, b []string) string {
	for _, lists := range [][2][]string{{a, b}, {b, a}} {
		for _, line := range lists[0] {
			if !slices.Contains(lists[1], line) {
				name, _, _ := strings.Cut(line, ":")
				return name
			}
		}
	}
	return "how often"
}
