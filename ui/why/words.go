package why

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// steering matches what colours a pasted log.
var steering = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

// tokens returns the words of a text in lower case: letters, digits and _, and a
// dot between two of them, as in socket.io and 1.1. An apostrophe is left out, and
// escaped line breaks of JSON separate words.
func tokens(text string) []string {
	if strings.Contains(text, "\x1b") {
		text = steering.ReplaceAllString(text, " ")
	}
	if strings.Contains(text, `\`) {
		text = strings.NewReplacer(`\n`, " ", `\r`, " ", `\t`, " ").Replace(text)
	}
	var out []string
	var word strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '_':
			word.WriteRune(unicode.ToLower(r))
		case r == '.' && word.Len() > 0 && i+1 < len(runes) && (unicode.IsLetter(runes[i+1]) || unicode.IsDigit(runes[i+1])):
			word.WriteRune(r)
		case (r == '\'' || r == '’') && word.Len() > 0 && i+1 < len(runes) && unicode.IsLetter(runes[i+1]):
		case word.Len() > 0:
			out = append(out, word.String())
			word.Reset()
		}
	}
	if word.Len() > 0 {
		out = append(out, word.String())
	}
	return out
}

// key returns the words of a text in one string, by which equal texts are found.
func key(text string) string { return strings.Join(tokens(text), " ") }

// small are words that say nothing about a fault, in this field.
var small = set(`a an the of to in on is are was were be been it its and or with my our your i we you they them but for at by from that this these those
	as so if do does did has have had get gets got getting why how what when while then there here some any one just even very really still also into
	than via per using use used after before socket.io socket io socketio js node.js nodejs application app's problem issue error errors help please
	can could would should will may might nginx behind hi hello two three`)

// same maps words to the one that stands for them here.
var same = map[string]string{}

func init() {
	for _, line := range strings.Split(strings.TrimSpace(synonyms), "\n") {
		words := strings.Fields(line)
		for _, w := range words {
			same[stem(w)] = words[0]
		}
	}
}

// synonyms are words that mean the same when people tell of a fault, a line each.
const synonyms = `
user client people person player visitor browser tab customer member connection
server node instance backend process worker pod container replica dyno machine host
message event emit notification packet broadcast chat
receive arrive reach deliver hear come
lost lose missing miss missed vanish disappear
disconnect drop cut kick disconnection interrupt
reconnect reconnection
twice thrice duplicate multiple double repeated copies copy
production deployed remote hosting online vps live
local locally localhost desk laptop
redeploy deploy deployment release rollout
restart reboot
phone mobile android ios smartphone flutter swift native cellular lte 4g 5g 3g iphone
all every everyone everything whole entire each
add scale adding new newly
remove delete removing
same single
uneven unbalanced unequal imbalanced unevenly evenly balanced
second seconds sec
minute minutes min
random randomly sometimes occasionally intermittent intermittently
slow late delay delayed latency lag
big large huge
stuck remain fallback
upgrade upgrading
room rooms
half part
not doesnt dont isnt wont cant cannot didnt never wasnt arent havent hasnt
wrong incorrect
count number size total
`

// stem cuts the endings of grammar off a word, so that its forms are equal.
func stem(word string) string {
	if len(word) < 4 || strings.ContainsAny(word, "._0123456789") {
		return word
	}
	for _, ending := range []string{"ing", "ied", "ed", "ies", "es", "s"} {
		if rest, ok := strings.CutSuffix(word, ending); ok && len(rest) >= 3 && !strings.HasSuffix(word, "ss") {
			word = rest
			break
		}
	}
	if rest, ok := strings.CutSuffix(word, "e"); ok && len(rest) >= 3 {
		word = rest
	}
	return word
}

// meant returns the words of a text that say something, each in the form that
// stands for all that mean the same; one with dots also in its parts.
func meant(words []string) []string {
	var out []string
	for _, w := range words {
		if small[w] {
			continue
		}
		parts := []string{w}
		if strings.Contains(w, ".") {
			parts = append(parts, strings.Split(w, ".")...)
		}
		for _, w := range parts {
			if small[w] {
				continue
			}
			w = stem(w)
			if s, ok := same[w]; ok {
				w = s
			}
			out = append(out, w)
		}
	}
	return out
}

// distinct sorts words and leaves each once.
func distinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
