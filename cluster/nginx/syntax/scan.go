package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ending is what a statement ended with.
type ending byte

const (
	endSemicolon ending = iota // ";", also where it was missing before "}"
	endOpen                    // "{"
	endClose                   // "}" with nothing before it
	endFile
)

// scanner cuts a text into statements by the rules of ngx_conf_read_token: a
// "}" or a quote within a bare word is part of the word, "${" opens no block.
// It reports what nginx would refuse and continues after it. crossplane's parser
// does not fit here: it knows no columns, drops the tree at the first syntax
// error and ends blocks early after others. Its tree is what the tests compare with.
type scanner struct {
	text  string
	i     int
	line  int
	start int // offset up to which columns are counted
	col   int // column of start
	words []Word
	cut   bool // the text ended within a statement
	torn  bool // the quotes of the last statement are wrong
	*Report
}

func newScanner(text string, to *Report) *scanner {
	return &scanner{text: text, line: 1, col: 1, Report: to}
}

// here returns the place of the current byte. Columns are counted on from the
// last call, so that one long line costs no more than many short ones.
func (s *scanner) here() Pos {
	for ; s.start < s.i; s.start++ {
		switch c := s.text[s.start]; {
		case c == '\n':
			s.line++
			s.col = 1
		case c&0xc0 != 0x80: // not inside a UTF-8 sequence
			s.col++
		}
	}
	return Pos{s.line, s.col}
}

// statement reads up to ";", "{" or "}" and returns the words before it.
func (s *scanner) statement() ([]Word, ending) {
	first := len(s.words)
	s.torn = false
	for s.i < len(s.text) {
		if len(s.words) == first {
			if n := noisy(s.text, s.i); n > 0 {
				s.i += n
				continue
			}
		}
		if n := tag(s.text[s.i:]); n > 0 {
			s.i += n
			continue
		}
		switch c := s.text[s.i]; c {
		case ' ', '\t', '\r', '\n':
			s.i++
		case '#':
			s.comment()
		case ';', '{':
			if placeholder(s.text[s.i:]) > 0 {
				s.bare()
				continue
			}
			words := s.since(first)
			if len(words) == 0 {
				s.Fail(Malformed, s.here(), "", "unexpected %q", c2s(c))
			}
			s.i++
			if c == '{' {
				return words, endOpen
			}
			if len(words) > 0 {
				return words, endSemicolon
			}
		case '}':
			if words := s.since(first); len(words) > 0 {
				last := words[len(words)-1]
				s.Fail(Malformed, s.here(), fmt.Sprintf("%q in line %d is not terminated by \";\"", words[0].Text, last.Pos.Line), `unexpected "}"`)
				return words, endSemicolon
			}
			s.i++
			return nil, endClose
		case '"', '\'':
			if !s.quoted(c) {
				return s.since(first), endFile
			}
		default:
			s.bare()
		}
	}
	words := s.since(first)
	if len(words) > 0 {
		s.cut = true
		s.Fail(Malformed, s.last(), fmt.Sprintf("%q is not terminated by \";\"", words[0].Text), `unexpected end of file, expecting ";" or "}"`)
	}
	return words, endFile
}

// placeholder returns the length of what a template engine fills in, "{{ host }}" or
// "<%= host %>", at the beginning of a text; 0 without one. No text with such a
// thing is nginx's own: it refuses a "{" after another.
func placeholder(text string) int {
	for _, p := range [][2]string{{"{{", "}}"}, {"<%=", "%>"}} {
		if strings.HasPrefix(text, p[0]) {
			if i := strings.Index(firstLine(text), p[1]); i > 0 {
				return i + len(p[1])
			}
		}
	}
	return 0
}

// tag returns the length of a statement of a template engine, "{% if tls %}",
// which stands for nothing, at the beginning of a text.
func tag(text string) int {
	if strings.HasPrefix(text, "{{") && statement.MatchString(text) {
		return placeholder(text)
	}
	for _, p := range [][2]string{{"{%", "%}"}, {"{#", "#}"}, {"<%", "%>"}} {
		if strings.HasPrefix(text, p[0]) && !strings.HasPrefix(text, "<%=") {
			if i := strings.Index(firstLine(text), p[1]); i > 0 {
				return i + len(p[1])
			}
		}
	}
	return 0
}

func (s *scanner) since(first int) []Word { return s.words[first:len(s.words):len(s.words)] }

func (s *scanner) comment() {
	if n := strings.IndexByte(s.text[s.i:], '\n'); n >= 0 {
		s.i += n
		return
	}
	s.i = len(s.text)
}

func (s *scanner) bare() {
	at, off := s.here(), s.i
	variable := false
scan:
	for s.i < len(s.text) {
		c := s.text[s.i]
		if n := placeholder(s.text[s.i:]); n > 0 {
			s.i += n
			continue
		}
		if c == '{' && variable {
			s.i++
			continue
		}
		variable = false
		switch c {
		case ' ', '\t', '\r', '\n', ';', '{':
			break scan
		case '\\':
			s.i++
		case '$':
			variable = true
		}
		s.i++
	}
	s.i = min(s.i, len(s.text))
	s.words = append(s.words, Word{unescape(s.text[off:s.i]), at, off, s.i, false})
}

// quoted reads a word in quotes, and reports whether it ends. A word that spans
// several lines and then is wrong most likely lacks its closing quote: the mistake
// is reported where it opens, and the quote is left out.
func (s *scanner) quoted(quote byte) bool {
	at, off := s.here(), s.i
	line, start, col := s.line, s.start, s.col
	back := func() {
		s.i, s.line, s.start, s.col = off+1, line, start, col
		s.torn = true
	}
	for s.i++; s.i < len(s.text) && s.text[s.i] != quote; s.i++ {
		if s.text[s.i] == '\\' {
			s.i++
		}
	}
	if s.i >= len(s.text) {
		s.i = len(s.text)
		if end := s.last(); end.Line > at.Line && !s.Full() {
			s.Fail(Malformed, at, "the quote that opens here is not closed", `unexpected end of file, expecting ";" or "}"`)
			back()
			return true
		}
		s.cut, s.torn = true, true
		s.Fail(Malformed, s.last(), fmt.Sprintf("the quote opened in line %d, column %d is not closed", at.Line, at.Column),
			`unexpected end of file, expecting ";" or "}"`)
		return false
	}
	s.i++
	s.words = append(s.words, Word{unescape(s.text[off+1 : s.i-1]), at, off, s.i, true})
	if s.i < len(s.text) {
		switch c := s.text[s.i]; c {
		case ' ', '\t', '\r', '\n', ';', '{', ')', '}':
		default:
			s.torn = true
			if end := s.here(); end.Line > at.Line && !s.Full() {
				s.words = s.words[:len(s.words)-1]
				s.Fail(Malformed, at, "the quote that opens here ends only there", "unexpected %q in line %d", c2s(c), end.Line)
				back()
				return true
			}
			s.Fail(Malformed, s.here(), "a space or \";\" is missing after the closing quote", "unexpected %q", c2s(c))
		}
	}
	return true
}

// last returns the place of the last visible character, for what is wrong
// about the end of the text.
func (s *scanner) last() Pos {
	visible := strings.TrimRight(s.text, " \t\r\n")
	_, size := utf8.DecodeLastRuneInString(visible)
	end := newScanner(visible, nil)
	end.i = len(visible) - size
	return end.here()
}

// skipLua skips the body of a Lua block, which is not nginx's language: up to
// the "}" that closes it, outside of strings and comments.
func (s *scanner) skipLua() {
	for depth := 1; s.i < len(s.text) && depth > 0; s.i++ {
		switch c := s.text[s.i]; c {
		case '{':
			depth++
		case '}':
			depth--
		case '"', '\'':
			for s.i++; s.i < len(s.text) && s.text[s.i] != c && s.text[s.i] != '\n'; s.i++ {
				if s.text[s.i] == '\\' {
					s.i++
				}
			}
		case '-':
			if strings.HasPrefix(s.text[s.i:], "--") {
				s.comment()
				s.i--
			}
		}
	}
	s.i = min(s.i, len(s.text))
}

// c2s returns a byte as a string; string(c) would make a byte above 127 a Latin-1
// character.
func c2s(c byte) string { return string([]byte{c}) }

// unescape undoes the escapes that nginx knows; other backslashes stay.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if n := strings.IndexByte(`"'\trn`, s[i+1]); n >= 0 {
				b = append(b, "\"'\\\t\r\n"[n])
				i++
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}
