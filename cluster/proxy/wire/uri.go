package wire

import "strings"

// split parts a target into the path as nginx reads it, and the arguments. A "#" ends
// either (ngx_http_process_request_uri). ok is false for a path that nginx refuses.
func split(target string) (path, args string, ok bool) {
	path = target
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		path = target[:i]
		if target[i] == '?' {
			args, _, _ = strings.Cut(target[i+1:], "#")
		}
	}
	if path == "" {
		path = "/"
	}
	path, ok = resolve(path)
	return path, args, ok
}

// resolve decodes a path, makes doubled slashes one, and resolves dots. ok is false
// for a bad escape, a zero byte, and a way out above the root
// (ngx_http_parse_complex_uri).
func resolve(raw string) (path string, ok bool) {
	if !strings.Contains(raw, "//") && !strings.Contains(raw, "/.") && strings.IndexByte(raw, '%') < 0 {
		return raw, true
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		ch, plain := raw[i], false
		if ch == '%' {
			if i+2 >= len(raw) || !hex(raw[i+1]) || !hex(raw[i+2]) {
				return "", false
			}
			ch = unhex(raw[i+1])<<4 | unhex(raw[i+2])
			i += 2
			if ch == 0 {
				return "", false
			}
			plain = ch == '%' || ch == '#' || ch == '?'
		}
		if ch == '/' && !plain {
			if out, ok = segment(out); !ok {
				return "", false
			}
			if len(out) > 0 && out[len(out)-1] == '/' {
				continue
			}
		}
		out = append(out, ch)
	}
	out, ok = segment(out)
	return string(out), ok
}

// segment resolves the last segment of a path when it is "." or "..": what is left
// ends in a slash. It reports false when that leads above the root.
func segment(out []byte) ([]byte, bool) {
	i := len(out) - 1
	for i >= 0 && out[i] != '/' {
		i--
	}
	switch string(out[i+1:]) {
	case ".":
		return out[:i+1], true
	case "..":
		if i <= 0 {
			return nil, false
		}
		out = out[:i]
		for out[len(out)-1] != '/' {
			out = out[:len(out)-1]
		}
	}
	return out, true
}

func hex(ch byte) bool { return digit(ch) || ch|0x20 >= 'a' && ch|0x20 <= 'f' }

func unhex(ch byte) byte {
	if digit(ch) {
		return ch - '0'
	}
	return ch | 0x20 - 'a' + 10
}
