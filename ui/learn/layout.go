package learn

import "strings"

// layout writes a configuration of nginx with one directive on a line, each
// indented by the blocks around it, so that two can be compared line by line.
// Comments and what stands in quotes stay as they are.
func layout(text string) string {
	var out strings.Builder
	var line []byte
	depth := 0
	end := func() {
		if s := strings.TrimSpace(string(line)); s != "" {
			out.WriteString(strings.Repeat("  ", depth) + s + "\n")
		}
		line = line[:0]
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			line = append(line, c, text[i+1])
			i++
		case c == '"' || c == '\'':
			n := quoted(text[i:])
			line = append(line, text[i:i+n]...)
			i += n - 1
		case c == '#' && (len(line) == 0 || line[len(line)-1] == ' '):
			n := strings.IndexByte(text[i:]+"\n", '\n')
			line = append(line, text[i:i+n]...)
			i += n - 1
			end()
		case c == '{' && len(line) > 0 && line[len(line)-1] == '$':
			n := strings.IndexByte(text[i:]+"}", '}') + 1 // a variable: ${name}
			line = append(line, text[i:min(i+n, len(text))]...)
			i += n - 1
		case c == '{':
			line = append(line, c)
			end()
			depth++
		case c == '}':
			end()
			depth = max(depth-1, 0)
			line = append(line, c)
			end()
		case c == ';':
			line = append(line, c)
			end()
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if len(line) > 0 && line[len(line)-1] != ' ' {
				line = append(line, ' ')
			}
		default:
			line = append(line, c)
		}
	}
	end()
	return out.String()
}

// quoted is how long the quoted text is that s begins with.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}
