package wire

import "strings"

// validHost returns a host in lower case and without its port and a dot at the end.
// ok is false for what nginx refuses (ngx_http_validate_host), which newer versions do
// by the rules of RFC 3986.
func validHost(text string, strict bool) (host string, ok bool) {
	n, special := strings.IndexByte(text, ':'), byte('%')
	if strings.HasPrefix(text, "[") {
		if n, special = strings.IndexByte(text, ']')+1, ':'; n == 0 {
			n = -1
		}
	}
	if n < 0 {
		n = len(text)
	}
	for i := range len(text) {
		ch := text[i]
		switch {
		case ch == '.' && i > 0 && text[i-1] == '.', ch <= ' ' || ch == 0x7f || ch == '/':
			return "", false
		case strict && i < n && !literal(ch) && ch != special && !(special == ':' && (i == 0 || i == n-1)):
			return "", false
		}
	}
	if strict && n < len(text) && !validPort(text[n:]) || strict && special == ':' && text[n-1] != ']' {
		return "", false
	}
	host = strings.ToLower(strings.TrimSuffix(text[:n], "."))
	return host, host != ""
}

// validPort reads ":" and a port, which may be missing.
func validPort(text string) bool {
	n := 0
	for i := 1; i < len(text); i++ {
		if n = 10*n + int(text[i]-'0'); !digit(text[i]) || n > 65535 {
			return false
		}
	}
	return text[0] == ':'
}
