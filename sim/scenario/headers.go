package scenario

import (
	"cmp"
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/sim/scenario/yamltree"
)

// headers are lines that a client adds to each request, by name.
func headers(into *[]Header) value {
	const expected = "names with their value, such as {X-Forwarded-For: 203.0.113.7}"
	return value{
		form: "texts by name",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if n.Kind == yamltree.Mapping && len(n.Pairs) == 0 {
				d.invalid(n, path, "there are no headers", expected, "")
				return
			}
			var list []Header
			d.named(n, path, what, expected, 1, func(p yamltree.Pair, at string) {
				if p.Value.Kind != yamltree.Scalar {
					d.wrong(p.Value, at, p.Key, "text", "")
					return
				}
				h := Header{p.Key, p.Value.Text}
				wrong, name := checkHeader(h, list)
				switch {
				case wrong == nil:
					list = append(list, h)
				case name:
					d.Origin.Bad[at] = true
					d.At(p.Place, wrong.Text, wrong.Expected, wrong.Hint)
				default:
					d.invalid(p.Value, at, wrong.Text, wrong.Expected, wrong.Hint)
				}
			})
			*into = list
		},
		write: func() string {
			var pairs []string
			for _, h := range *into {
				pairs = append(pairs, yamltree.Quote(h.Name), yamltree.Quote(h.Value))
			}
			return flowOf(pairs)
		},
		check: func(r *yamltree.Reporter, path, _ string) {
			for i, h := range *into {
				if wrong, _ := checkHeader(h, (*into)[:i]); wrong != nil {
					r.Value(path, wrong.Text, wrong.Expected, wrong.Hint)
				}
			}
		},
		take: func(x *phrase, _ string) {
			name := x.next("the name of a header")
			x.offer = nil
			h := Header{name, x.next("the value of a header")}
			if wrong, _ := checkHeader(h, *into); x.err == nil && wrong != nil {
				x.refuse(wrong)
			}
			*into = append(*into, h)
		},
		words: func() []string { // the word before the first is written as that of every setting
			var out []string
			for i, h := range *into {
				if i > 0 {
					out = append(out, "header")
				}
				out = append(out, oneWord(h.Name), cmp.Or(oneWord(h.Value), `""`))
			}
			return out
		},
		offer: func(*phrase) []string { return []string{"X-Forwarded-For"} },
		schema: func(*schemas) *jsonschema.Schema {
			one := either(&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"})
			return &jsonschema.Schema{Type: "object", MinProperties: number(1), AdditionalProperties: one}
		},
	}
}

var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")

// own are the headers that the client or its connection decides.
var own = []string{
	"Host", "Connection", "Upgrade", "Content-Length", "Cookie", "Content-Type", "Transfer-Encoding", "Keep-Alive",
	"Te", "Trailer", "Expect", "Proxy-Connection",
}

// checkHeader says why a header cannot stand after others, nil when it can; name
// reports whether it is for its name.
func checkHeader(h Header, before []Header) (wrong *yamltree.Problem, name bool) {
	canonical := textproto.CanonicalMIMEHeaderKey(h.Name)
	switch {
	case !headerName.MatchString(h.Name):
		return &yamltree.Problem{Text: fmt.Sprintf("%q is not the name of a header", yamltree.Shorten(h.Name)), Expected: "letters, digits and -"}, true
	case slices.Contains(own, canonical), strings.HasPrefix(canonical, "Sec-"):
		return &yamltree.Problem{Text: fmt.Sprintf("the header %s is the client's own", canonical), Expected: "another header, such as X-Forwarded-For", Hint: ownHint[canonical]}, true
	case slices.ContainsFunc(before, func(o Header) bool { return strings.EqualFold(o.Name, h.Name) }):
		return &yamltree.Problem{Text: fmt.Sprintf("the header %s appears twice", canonical)}, true
	case len(h.Value) > maxHeader:
		return &yamltree.Problem{Text: fmt.Sprintf("the value of %s has %d bytes", h.Name, len(h.Value)), Expected: fmt.Sprintf("at most %d", maxHeader)}, false
	case h.Value != strings.TrimSpace(h.Value), strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' || r > '~' }):
		return &yamltree.Problem{Text: fmt.Sprintf("%q cannot be the value of a header", yamltree.Shorten(h.Value)), Expected: "printable ASCII on one line"}, false
	case len(before) >= MaxHeaders:
		return &yamltree.Problem{Text: fmt.Sprintf("%d headers", len(before)+1), Expected: fmt.Sprintf("at most %d", MaxHeaders)}, true
	}
	return nil, false
}

var ownHint = map[string]string{
	"Host":   "url: says which host is asked for",
	"Cookie": "clients give back the cookies that they got",
}
