//go:build peers

package twins

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A play is a configuration and what happens under it.
type play struct {
	text  string // what the http block holds
	steps []step
}

// A step is one thing that happens. The verb says which fields count.
type step struct {
	verb   verb
	from   string // the client's address: "127.0.0.1"
	to     string // where it connects, or the node: "127.70.1.1:21000"
	say    string // the bytes of a request, or what the node does from now on
	reload string // the next configuration
}

type verb string

const (
	ask    verb = "ask"    // one request, on the connection of that client that is open
	become verb = "node"   // a node changes its mode
	reload verb = "reload" // nginx reads another configuration
)

// Marks of the parts of a file.
const (
	stepsMark  = "---- steps"
	reloadMark = "---- reload"
)

// String writes a play as a file has it: the configuration, the steps, and after a
// reload the next configuration and its steps.
func (p *play) String() string {
	var b strings.Builder
	b.WriteString(p.text + stepsMark + "\n")
	for _, s := range p.steps {
		switch s.verb {
		case ask:
			fmt.Fprintf(&b, "ask %s %s %s\n", s.from, s.to, strconv.QuoteToASCII(s.say))
		case become:
			fmt.Fprintf(&b, "node %s %s\n", s.to, s.say)
		case reload:
			fmt.Fprintf(&b, "%s\n%s%s\n", reloadMark, s.reload, stepsMark)
		}
	}
	return b.String()
}

// readPlay reads a file as String writes it. Lines before the steps that begin with "#" are comments
// of nginx. It fails when a step cannot be read.
func readPlay(file string) (*play, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &play{}
	text, inSteps, first := "", false, true
	for i, line := range strings.SplitAfter(string(src), "\n") {
		bare := strings.TrimSpace(line)
		switch {
		case bare == stepsMark:
			if first {
				p.text, first = text, false
			} else {
				p.steps = append(p.steps, step{verb: reload, reload: text})
			}
			inSteps = true
		case bare == reloadMark:
			text, inSteps = "", false
		case !inSteps:
			text += line
		case bare != "":
			s, err := readStep(bare)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, i+1, err)
			}
			p.steps = append(p.steps, s)
		}
	}
	return p, nil
}

func readStep(line string) (step, error) {
	words := strings.SplitN(line, " ", 4)
	switch {
	case words[0] == string(ask) && len(words) == 4:
		say, err := strconv.Unquote(words[3])
		return step{verb: ask, from: words[1], to: words[2], say: say}, err
	case words[0] == string(become) && len(words) == 3:
		return step{verb: become, to: words[1], say: words[2]}, nil
	}
	return step{}, fmt.Errorf("%q is not a step", line)
}

// nodeAddress finds the nodes in a configuration: theirs are these ports.
var nodeAddress = regexp.MustCompile(`\b127\.\d+\.\d+\.\d+:22\d\d\d\b`)

// ownAddress finds an address that belongs to one play.
var ownAddress = regexp.MustCompile(`\b127\.\d+\.\d+\.\d+:2\d\d\d\d\b`)

// nodes lists the addresses of the nodes.
func (p *play) nodes() []string {
	list := nodeAddress.FindAllString(p.text, -1)
	for _, s := range p.steps {
		list = append(list, nodeAddress.FindAllString(s.reload, -1)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
