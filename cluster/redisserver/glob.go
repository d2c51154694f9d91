package redisserver

// matches reports whether a pattern with *, ?, [...] and \ matches all of s, as
// stringmatchlen in util.c of Redis does. It takes at most the product of their lengths.
func matches(pattern, s string) bool {
	back, from := -1, 0 // after the last star, and where it begins to match
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			p++
			back, from = p, i
			continue
		}
		if p < len(pattern) {
			if next, ok := matchOne(pattern, p, s[i]); ok {
				p, i = next, i+1
				continue
			}
		}
		if back < 0 {
			return false
		}
		from++
		p, i = back, from
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches one byte with the part of the pattern that begins at p, and returns
// where the next part does.
func matchOne(pattern string, p int, c byte) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return matchClass(pattern, p+1, c)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, pattern[p] == c
}

func matchClass(pattern string, p int, c byte) (next int, ok bool) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	for ; p < len(pattern) && pattern[p] != ']'; p++ {
		low := pattern[p]
		switch {
		case low == '\\' && p+1 < len(pattern):
			p++
			ok = ok || pattern[p] == c
		case p+2 < len(pattern) && pattern[p+1] == '-':
			p += 2
			high := pattern[p]
			ok = ok || min(low, high) <= c && c <= max(low, high)
		default:
			ok = ok || low == c
		}
	}
	return min(p+1, len(pattern)), ok != not
}
