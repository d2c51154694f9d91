package scenario

import (
	"fmt"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// Kind is what a verb is about.
type Kind int

// The kinds of verbs.
const (
	OfCluster Kind = iota // the adapter and the nodes' processes
	OfNode                // what a node's process does itself, or stops doing
	OfProxy               // the configuration of the proxy, which is rewritten
	OfNetwork
	OfClients
)

// Ref is what kind of thing an argument names.
type Ref int

// What an argument may name.
const (
	RefNone     Ref = iota
	RefNode         // a node
	RefClients      // a group or a client
	RefClient       // one client
	RefHost         // a node, a group, a client, or a host of the simulation
	RefUpstream     // an upstream block
	RefRoom
)

// Kind returns what the verb is about.
func (v Verb) Kind() Kind {
	if spec := specOf(v); spec != nil {
		return spec.kind
	}
	return OfCluster
}

// Rewrites reports whether the verb changes the configuration of the proxy.
func (v Verb) Rewrites() bool { return v.Kind() == OfProxy }

// Usage is how a verb is written in words: "slow NODE DELAY".
func (v Verb) Usage() string {
	spec := specOf(v)
	if spec == nil {
		return string(v)
	}
	return spec.usage()
}

// mostSettings is how many optional settings usage names.
const mostSettings = 4

// verbSpec describes a verb: all that reading, writing, help, the schema and the
// reference know of it.
type verbSpec struct {
	verb  Verb
	alias string // another name, which files and words may use
	kind  Kind
	doc   string
	args  func(s *Step) []field                               // its own first, without a key
	fit   func(s *Step) (key string, wrong *yamltree.Problem) // what single keys do not show; nil means nothing
	fill  func(s *Step)                                       // sets what is left out; nil means nothing
}

// fields are the keys of a step with the verb, but for its time; the first is the verb.
func (v *verbSpec) fields(s *Step) []field {
	out := v.args(s)
	out[0].key = string(v.verb)
	return out
}

// form is what follows the verb in words.
func (v *verbSpec) form() string {
	var out []string
	settings := 0
	for _, f := range v.fields(&Step{}) {
		if f.setting() != "" {
			if settings++; settings > mostSettings {
				continue
			}
		}
		out = append(out, someWords(f.word)...)
	}
	if settings > mostSettings {
		out = append(out, "...")
	}
	return strings.Join(out, " ")
}

func (v *verbSpec) usage() string { return strings.TrimRight(string(v.verb)+" "+v.form(), " ") }

// specOf returns the description of a verb, by its name or its alias; nil for what is
// none.
func specOf(v Verb) *verbSpec {
	for i := range verbs {
		if verbs[i].verb == v || v != "" && verbs[i].alias == string(v) {
			return &verbs[i]
		}
	}
	return nil
}

// Verbs are all verbs, in the order in which help shows them.
var Verbs, verbNames = func() (all []Verb, names []string) {
	for _, v := range verbs {
		all, names = append(all, v.verb), append(names, string(v.verb))
	}
	return all, names
}()

// Argument is what a step names under one of its keys.
type Argument struct {
	Key   string
	Ref   Ref
	Names []string
}

// Arguments returns what a step names, in the order of its keys.
func (s Step) Arguments() []Argument {
	spec := specOf(s.Verb)
	if spec == nil {
		return nil
	}
	var out []Argument
	for _, f := range spec.fields(&s) {
		if f.value.names != nil {
			out = append(out, Argument{f.key, f.value.ref, f.value.names()})
		}
	}
	return out
}

// Check reports what is wrong with a step that was not read, by itself: a verb that is
// none, and values that do not fit.
func (s Step) Check(r *yamltree.Reporter, path string) {
	spec := specOf(s.Verb)
	if spec == nil {
		r.Value(path, fmt.Sprintf("a step cannot %q", string(s.Verb)), aStep, "")
		return
	}
	checkFields(r, path, "a step", spec.fields(&s))
	if spec.fit == nil {
		return
	}
	if key, wrong := spec.fit(&s); wrong != nil {
		r.Value(yamltree.Join(path, key), wrong.Text, wrong.Expected, wrong.Hint)
	}
}
