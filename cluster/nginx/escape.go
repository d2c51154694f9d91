package nginx

import (
	"strconv"
	"strings"
)

// argument characters that ngx_escape_uri escapes in arguments.
const escapedInArgs = ` "#%&+;<>?\^` + "`{|}"

func escapeArgs(s string) string { return escape(s, escapedInArgs) }

// EscapeURI writes a decoded path as nginx does. Only a path that came with escapes
// gets any.
func EscapeURI(path string) string { return escape(path, ` "#%<>?\^`+"`{|}") }

// escape writes the bytes of a set as %XX, besides control characters and those above
// 126.
func escape(s, set string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(set, c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// unescapeRedirect undoes the escapes of a redirect that need not be, up to a "?", and
// drops what is left of broken ones (ngx_unescape_uri with NGX_UNESCAPE_REDIRECT).
func unescapeRedirect(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			switch {
			case i+1 == len(s):
				return b.String()
			case !hexDigit(s[i+1]):
				b.WriteByte(s[i+1])
				i++
				continue
			case i+2 == len(s):
				return b.String()
			case !hexDigit(s[i+2]):
				i += 2
				continue
			}
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if c = byte(n); c <= '%' || c >= 0x7f {
				b.WriteString(s[i : i+3])
				i += 2
				continue
			}
			i += 2
			if b.WriteByte(c); c == '?' && hexLetter(s[i]) {
				return b.String() + s[i+1:]
			}
			continue
		}
		if b.WriteByte(c); c == '?' {
			return b.String() + s[i+1:]
		}
	}
	return b.String()
}

func hexDigit(c byte) bool { return '0' <= c && c <= '9' || hexLetter(c) }

func hexLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'f' }

// Argument returns an argument's raw text, not percent-decoded; names are not
// case-sensitive.
func Argument(query, name string) string {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if key, value, ok := strings.Cut(pair, "="); ok && strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}
