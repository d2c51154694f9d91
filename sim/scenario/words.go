package scenario

import (
	"strconv"
	"strings"
)

// String is the step in a few words, without its time: "adapter redis im-3030",
// "kill im-5080", `say beijing-01 "hi"`.
func (s Step) String() string {
	words := []string{string(s.Verb)}
	switch s.Verb {
	case Adapter:
		words = append(words, s.Adapter, s.Node)
	case Kill, Restart:
		words = append(words, s.Node)
	case Say:
		words = append(words, s.Who, strconv.Quote(s.Text))
	case Connect, Disconnect:
		words = append(words, s.Who)
	case Move:
		words = append(words, s.Who)
		for _, r := range s.IP {
			words = append(words, r.String())
		}
	case Policy:
		words = append(words, s.Policy, s.Upstream)
	}
	return strings.TrimRight(strings.Join(words, " "), " ")
}
