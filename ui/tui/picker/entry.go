// Package picker is the list of scenarios from which the viewer opens one.
package picker

import (
	"io"
	"os"
	"slices"
	"strings"

	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
	"stickylab/ui/learn"
	"stickylab/ui/why"
)

// Entry is a scenario in the list.
type Entry struct {
	Arg     string // by which it is loaded: a built-in name, or a file
	Topic   string
	Title   string
	Summary string
	Setting []string // what is in it, in a few words each
	Teaches []string // what its expectations say, and why
	Texts   []string // what people who need its lesson search for
	Problem string   // why it cannot be opened; "" when it can

	Lesson    bool          // it has one
	Questions int           // that the lesson asks
	Status    *learn.Status // what became of the lesson; nil means that it is not kept
}

// finished reports whether its lesson is.
func (e *Entry) finished() bool { return e.Status != nil && e.Status.Finished }

// lesson tells of its lesson.
func (e *Entry) lesson() string {
	text := "a lesson with " + format.Plural(e.Questions, "question")
	if e.Status != nil {
		text += ", " + e.Status.String()
	}
	return text + ": l begins it"
}

// The topics of scenarios that name none.
const (
	others  = "more"
	yourOwn = "files"
)

// Entries returns the built-in scenarios, topic by topic, and files.
func Entries(files []string) []Entry {
	var out []Entry
	for _, name := range scenarios.Names() {
		text, err := scenarios.Read(name)
		e := read(name, name+".yaml", text, err)
		if e.Topic == "" {
			e.Topic = others
		}
		out = append(out, e)
	}
	for _, path := range files {
		text, err := readFile(path)
		e := read(path, path, text, err)
		e.Topic = yourOwn
		out = append(out, e)
	}
	return byTopic(out)
}

// byTopic brings entries of a topic together, topics in order of appearance,
// files last.
func byTopic(list []Entry) []Entry {
	var topics []string
	for _, e := range list {
		if !slices.Contains(topics, e.Topic) {
			topics = append(topics, e.Topic)
		}
	}
	slices.SortStableFunc(list, func(a, b Entry) int { return slices.Index(topics, a.Topic) - slices.Index(topics, b.Topic) })
	return list
}

// readFile reads a scenario file, but not more than one may hold.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, yamltree.MaxSize+1))
}

func read(arg, file string, text []byte, err error) Entry {
	e := Entry{Arg: arg, Title: arg}
	if err != nil {
		e.Problem = format.Printable(err.Error())
		return e
	}
	f, problems := plan.Parse(file, text)
	if len(problems) > 0 {
		e.Problem = format.Printable(problems[0].Error())
		if n := len(problems); n > 1 {
			e.Problem += "\nand " + format.Number(n-1) + " more: stickylab check " + arg
		}
		return e
	}
	if f.Title != "" {
		e.Title = f.Title
	}
	e.Title, e.Summary, e.Topic = format.Line(e.Title), format.Line(f.Summary), format.Line(topicOf(f))
	e.Setting = settingOf(f)
	if f.Lesson != nil {
		e.Lesson, e.Questions, e.Texts = true, len(f.Lesson.Predictions), f.Lesson.Texts
	}
	for _, x := range f.Expect {
		line := x.That
		if x.Because != "" {
			line = x.Because
		}
		if line = format.Line(line); !slices.Contains(e.Teaches, line) {
			e.Teaches = append(e.Teaches, line)
		}
	}
	return e
}

func topicOf(f *scenario.File) string {
	if f.Lesson == nil {
		return ""
	}
	return strings.TrimSpace(f.Lesson.Topic)
}

// settingOf tells what is in a scenario.
func settingOf(f *scenario.File) []string {
	clients := f.ClientCount()
	nodes := max(f.Nodes.Count, len(f.Nodes.List))
	var out []string
	if nodes > 0 {
		out = append(out, format.Plural(nodes, "node"))
	}
	out = append(out, format.Plural(clients, "client"), format.Seconds(f.Duration), "adapter "+f.Adapter)
	if f.Proxy.Policy != "" {
		out = append(out, f.Proxy.Policy)
	}
	if n := len(f.Steps); n > 0 {
		out = append(out, format.Plural(n, "step"))
	}
	return out
}

// matches reports whether a filter lets the entry through.
func (e *Entry) matches(f why.Filter) bool {
	return f.Matches(e.Arg, append([]string{e.Topic, e.Title, e.Summary}, e.Texts...)...)
}
