package nginx

import "strings"

// CleanPath returns a decoded path as $uri holds it: doubled slashes are one,
// dot segments are resolved. ok is false for what nginx refuses as a bad
// request: a zero byte, or a way out above the root (ngx_http_parse_complex_uri).
func CleanPath(path string) (clean string, ok bool) {
	if strings.IndexByte(path, 0) >= 0 {
		return "", false
	}
	depth := 0
	if strings.Contains(path, "/..") {
		for _, segment := range strings.Split(path, "/") {
			switch segment {
			case "", ".":
			case "..":
				if depth--; depth < 0 {
					return "", false
				}
			default:
				depth++
			}
		}
	}
	return cleanPath(path), true
}
