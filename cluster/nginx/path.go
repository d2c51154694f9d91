package nginx

import "strings"

// CleanPath returns a decoded path as $uri holds it and locations are looked for:
// doubled slashes are one (merge_slashes is on by default), dot segments are
// resolved. ok is false for what nginx refuses as a bad request: a zero byte, or a
// way out above the root (ngx_http_parse_complex_uri).
func CleanPath(path string) (clean string, ok bool) {
	ok = strings.IndexByte(path, 0) < 0
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	if !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return path, ok
	}
	var kept []string
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case "", ".":
		case "..":
			ok = ok && len(kept) > 0
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, s)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/"), ok
}
