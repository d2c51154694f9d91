package syntax

import (
	"regexp"
	"strings"
)

// A Span is a part of a text, in bytes.
type Span struct{ From, To int }

// statement is what a template engine with {{ }} carries out, and does not fill in.
var statement = regexp.MustCompile(`^\{\{[-~]?\s*(range|if|else|end|with|define|block|template|include|break|continue|/\*|[#/](each|if|unless|with|for)|\$\w+\s*:?=)`)

// Tags of template engines, and those of them that begin a loop, begin another block, or end one.
var (
	tags   = regexp.MustCompile(`\{%.*?%\}|\{\{.*?\}\}|<%.*?%>`)
	loops  = regexp.MustCompile(`^(\{%[-+]?\s*for\b|\{\{[-~]?\s*(range|#each|#for)\b|<%-?\s*(for\b|while\b|.*\.(each|times|map|forEach)\b))`)
	opens  = regexp.MustCompile(`^(\{%[-+]?\s*(if|macro|block|call|filter|raw|with|unless|case)\b|\{\{[-~]?\s*(if|with|define|block|#if|#unless|#with)\b|<%-?\s*(if|unless|case)\b|<%-?.*\bdo\b)`)
	closes = regexp.MustCompile(`^(\{%[-+]?\s*end\w+|\{\{[-~]?\s*(end\b|/(each|if|unless|with|for))|<%-?\s*(end\b|\}))`)
)

// Loops returns the parts of a text that a template engine repeats.
func Loops(text string) (out []Span) {
	if !strings.Contains(text, "{%") && !strings.Contains(text, "{{") && !strings.Contains(text, "<%") {
		return nil
	}
	var open []int // where the open blocks begin, -1 for those that are no loops
	for _, at := range tags.FindAllStringIndex(text, -1) {
		switch tag := text[at[0]:at[1]]; {
		case closes.MatchString(tag):
			if n := len(open); n > 0 {
				if open[n-1] >= 0 {
					out = append(out, Span{open[n-1], at[0]})
				}
				open = open[:n-1]
			}
		case loops.MatchString(tag):
			open = append(open, at[1])
		case opens.MatchString(tag):
			open = append(open, -1)
		}
	}
	return out
}
