package scenario

import (
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// Header is a line that a client adds to the head of every request.
type Header struct{ Name, Value string }

// The versions of Engine.IO that a client may speak.
const (
	Protocol4 = 4 // Socket.IO 3 and 4
	Protocol3 = 3 // Socket.IO 2, which nodes refuse
)

// Bounds of what a group adds.
const (
	MaxText    = 20_000_000 // bytes of a say's text
	MaxHeaders = 20
	maxHeader  = 1000 // bytes of a header's value
)

// credentials reads whether a client gives cookies back.
func (d *decoder) credentials(into **bool) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		with, err := strconv.ParseBool(n.Text)
		if n.Kind != yamltree.Scalar || err != nil {
			d.wrong(n, path, "credentials", "true or false", "")
			return
		}
		*into = &with
	}
}

// protocol reads the version of Engine.IO.
func (d *decoder) protocol(into *int) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, err := strconv.Atoi(n.Text)
		if n.Kind != yamltree.Scalar || err != nil || v != Protocol3 && v != Protocol4 {
			d.wrong(n, path, "protocol", "4 (of Socket.IO 3 and 4) or 3 (of Socket.IO 2)", "")
			return
		}
		*into = v
	}
}

// headers reads header lines by name.
func (d *decoder) headers(into *[]Header) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		const expected = "names with their value, such as {X-Forwarded-For: 203.0.113.7}"
		switch {
		case n.Kind != yamltree.Mapping:
			d.wrong(n, path, "headers", expected, "")
			return
		case len(n.Pairs) == 0:
			d.invalid(n, path, "there are no headers", expected, "")
			return
		}
		seen := map[string]yamltree.Place{}
		var list []Header
		for _, p := range n.Pairs {
			if d.Repeated(seen, p) || !d.countStep(p.Value) {
				continue
			}
			at := yamltree.Join(path, p.Key)
			d.Origin.Nodes[at], d.Origin.Keys[at] = p.Value, p.Place
			if p.Value.Kind != yamltree.Scalar {
				d.wrong(p.Value, at, p.Key, "text", "")
				continue
			}
			h := Header{p.Key, p.Value.Text}
			if wrong, name := CheckHeader(h, list); wrong != nil {
				d.Origin.Bad[at] = true
				if name {
					d.At(p.Place, wrong.Text, wrong.Expected, wrong.Hint)
				} else {
					d.invalid(p.Value, at, wrong.Text, wrong.Expected, wrong.Hint)
				}
				continue
			}
			list = append(list, h)
		}
		*into = list
	}
}

var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")

// own are the headers that the client or its connection decides.
var own = []string{
	"Host", "Connection", "Upgrade", "Content-Length", "Cookie", "Content-Type", "Transfer-Encoding", "Keep-Alive",
	"Te", "Trailer", "Expect", "Proxy-Connection",
}

// CheckHeader says why a header cannot stand after others, nil when it can; name
// reports whether it is for its name.
func CheckHeader(h Header, before []Header) (wrong *yamltree.Problem, name bool) {
	canonical := textproto.CanonicalMIMEHeaderKey(h.Name)
	switch {
	case !headerName.MatchString(h.Name):
		return &yamltree.Problem{Text: fmt.Sprintf("%q is not the name of a header", yamltree.Shorten(h.Name)), Expected: "letters, digits and -"}, true
	case slices.Contains(own, canonical), strings.HasPrefix(canonical, "Sec-"):
		return &yamltree.Problem{Text: fmt.Sprintf("the header %s is the client's own", canonical), Expected: "another header, such as X-Forwarded-For", Hint: ownHint[canonical]}, true
	case slices.ContainsFunc(before, func(o Header) bool { return strings.EqualFold(o.Name, h.Name) }):
		return &yamltree.Problem{Text: fmt.Sprintf("the header %s stands twice", canonical)}, true
	case len(h.Value) > maxHeader:
		return &yamltree.Problem{Text: fmt.Sprintf("the value of %s has %d bytes", h.Name, len(h.Value)), Expected: fmt.Sprintf("at most %d", maxHeader)}, false
	case h.Value != strings.TrimSpace(h.Value), strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' || r > '~' }):
		return &yamltree.Problem{Text: fmt.Sprintf("%q can not be the value of a header", yamltree.Shorten(h.Value)), Expected: "printable ASCII on one line"}, false
	case len(before) >= MaxHeaders:
		return &yamltree.Problem{Text: fmt.Sprintf("%d headers", len(before)+1), Expected: fmt.Sprintf("at most %d", MaxHeaders)}, true
	}
	return nil, false
}

var ownHint = map[string]string{
	"Host":   "url: says which host is asked for",
	"Cookie": "clients give back the cookies that they got",
}

// traitPairs are the keys of what sets a group apart, without the defaults.
func (g Group) traitPairs() []string {
	size, protocol, credentials := "", "", ""
	if g.Size > 0 {
		size = FormatBytes(g.Size)
	}
	if g.Protocol != 0 && g.Protocol != Protocol4 {
		protocol = strconv.Itoa(g.Protocol)
	}
	if g.Credentials != nil {
		credentials = strconv.FormatBool(*g.Credentials)
	}
	return []string{"size", size, "url", yamltree.QuoteSome(g.URL), "headers", headersFlow(g.Headers), "credentials", credentials, "protocol", protocol}
}

func headersFlow(list []Header) string {
	if len(list) == 0 {
		return ""
	}
	var pairs []string
	for _, h := range list {
		pairs = append(pairs, yamltree.Quote(h.Name), quoted(h.Value))
	}
	return yamltree.Flow(pairs...)
}

// quoted is quote for a value that may be empty, which flow would leave out.
func quoted(s string) string {
	if s == "" {
		return `""`
	}
	return yamltree.Quote(s)
}

// traitWords are the same for a step in words.
func (g *Group) traitWords() []string {
	var out []string
	if g.Size > 0 {
		out = append(out, "size", FormatBytes(g.Size))
	}
	if g.URL != "" {
		out = append(out, "url", oneWord(g.URL))
	}
	for _, h := range g.Headers {
		value := oneWord(h.Value)
		if value == "" {
			value = `""`
		}
		out = append(out, "header", oneWord(h.Name), value)
	}
	if g.Credentials != nil {
		state := "on"
		if !*g.Credentials {
			state = "off"
		}
		out = append(out, "credentials", state)
	}
	if g.Protocol != 0 {
		out = append(out, "protocol", strconv.Itoa(g.Protocol))
	}
	return out
}

// trait takes one of them from a step in words; false: it is none.
func (x *phrase) trait(g *Group, name string) bool {
	switch name {
	case "size":
		g.Size = x.size()
	case "url":
		g.URL = x.next("a URL")
		if x.err == nil && !x.open {
			if wrong := x.CheckURL(g.URL); wrong != nil {
				x.fail(wrong.Text, yamltree.OrElse(wrong.Hint, wrong.Expected))
			}
		}
	case "header":
		h := Header{x.next("the name of a header"), x.next("the value of a header")}
		if x.err == nil {
			if wrong, _ := CheckHeader(h, g.Headers); wrong != nil {
				x.fail(wrong.Text, yamltree.OrElse(wrong.Hint, wrong.Expected))
			}
		}
		g.Headers = append(g.Headers, h)
	case "credentials":
		on := x.next("on or off")
		if x.err == nil && on != "on" && on != "off" {
			x.fail(fmt.Sprintf("credentials can not be %q", yamltree.Shorten(on)), "on or off")
		}
		with := on == "on"
		g.Credentials = &with
	case "protocol":
		g.Protocol = x.number("a version", Protocol3, Protocol4)
	default:
		return false
	}
	return true
}

// size takes a number of bytes.
func (x *phrase) size() int {
	w := x.next("a number of bytes")
	if x.err != nil {
		return 0
	}
	n, hint, ok := parseBytes(w)
	if !ok || n < 1 || n > MaxText {
		x.fail(fmt.Sprintf("size can not be %q", yamltree.Shorten(w)), yamltree.OrElse(hint, aSize+", up to "+FormatBytes(MaxText)))
	}
	return n
}
