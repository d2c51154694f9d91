//go:build peers

package twins

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
)

// reduce makes a play that differs smaller, and says how to run it.
func (s *series) reduce(p *play, d *difference) string {
	if d.step >= 0 && d.step < len(p.steps) {
		p = &play{text: p.text, steps: p.steps[:d.step+1]}
	}
	k := &shrinker{play: p, until: time.Now().Add(*shrinking)}
	k.fails = func(p *play) bool {
		again, _, _, err := compare(s.version, p)
		if err != nil || again == nil || again.kind != d.kind {
			return false
		}
		d = again
		return true
	}
	k.shrink()
	text := k.play.String()
	f, err := os.CreateTemp("", "twins-*.play")
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	where := fmt.Sprintf("the smallest play (in testdata it is a regression test): go test -tags peers ./cluster/proxy/internal/twins -run Cases -args -file %s", nameOf(f))
	if err != nil {
		where = err.Error()
	}
	return fmt.Sprintf("%s\n%s\n%s", where, d, text)
}

func nameOf(f *os.File) string {
	if f == nil {
		return ""
	}
	return f.Name()
}

// A shrinker makes a play smaller for as long as it still differs in the same way.
type shrinker struct {
	play  *play
	fails func(*play) bool
	until time.Time
}

func (k *shrinker) over() bool { return time.Now().After(k.until) }

func (k *shrinker) try(p *play) bool {
	if k.over() || !k.fails(p) {
		return false
	}
	k.play = p
	return true
}

func (k *shrinker) shrink() {
	for before := ""; before != k.play.String() && !k.over(); {
		before = k.play.String()
		k.steps()
		k.text(k.play.text, func(text string) *play { return &play{text, k.play.steps} })
		for i := range k.play.steps {
			if k.play.steps[i].verb == reload {
				k.text(k.play.steps[i].reload, func(text string) *play { return k.with(i, func(s *step) { s.reload = text }) })
			}
		}
		k.requests()
	}
}

// with is the play with one step changed.
func (k *shrinker) with(i int, change func(*step)) *play {
	steps := slices.Clone(k.play.steps)
	change(&steps[i])
	return &play{k.play.text, steps}
}

// steps takes out as many steps as it can, many at once first.
func (k *shrinker) steps() {
	if last := len(k.play.steps) - 1; last > 0 {
		k.try(&play{k.play.text, k.play.steps[last:]})
	}
	for size := len(k.play.steps); size > 0; size /= 2 {
		for i := len(k.play.steps) - size; i >= 0; i -= size {
			steps := slices.Concat(k.play.steps[:i], k.play.steps[i+size:])
			k.try(&play{k.play.text, steps})
		}
	}
}

// text takes directives out of a configuration, many at once first and outer ones before
// inner ones, and then words out of those that are left.
func (k *shrinker) text(text string, put func(string) *play) {
	for depth := 0; k.blocks(&text, depth, put); depth++ {
	}
	for i := 0; !k.over(); i++ {
		tree := syntax.Scan(text)
		all := directives(tree)
		if i >= len(all) {
			return
		}
		for n := len(all[i].Args) - 1; n >= 0; n-- {
			if tree, all = syntax.Scan(text), directives(syntax.Scan(text)); i >= len(all) || n >= len(all[i].Args) {
				break
			}
			w := all[i].Args[n]
			for _, change := range []syntax.Change{tree.RemoveArg(w), syntax.Replace(w, "x"), syntax.Replace(w, "/"), syntax.Replace(w, "/a")} {
				if smaller := tree.Apply(change).Text(); len(smaller) < len(text) && k.try(put(smaller)) {
					text = smaller
					break
				}
			}
		}
	}
}

func directives(t *syntax.Tree) (all []*syntax.Directive) {
	syntax.Each(t.Directives, func(d *syntax.Directive) { all = append(all, d) })
	return all
}

// blocks shrinks the lists of directives at a depth. It reports whether there are any.
func (k *shrinker) blocks(text *string, depth int, put func(string) *play) bool {
	for which := 0; ; which++ {
		list := func() (*syntax.Tree, []*syntax.Directive) {
			tree := syntax.Scan(*text)
			lists := listsAt(tree.Directives, depth)
			if which >= len(lists) {
				return tree, nil
			}
			return tree, lists[which]
		}
		_, first := list()
		if first == nil {
			return which > 0 && !k.over()
		}
		for size := len(first); size > 0; size /= 2 {
			for tree, now := list(); ; {
				at := len(now) - size
				for ; at >= 0; at -= size {
					var changes []syntax.Change
					for _, d := range now[at : at+size] {
						changes = append(changes, tree.Remove(d))
					}
					if smaller := tree.Apply(changes...).Text(); k.try(put(smaller)) {
						*text = smaller
						break
					}
				}
				if at < 0 || k.over() {
					break
				}
				if size == len(now) { // none is left, and the next list has its number
					return k.blocks(text, depth, put)
				}
				tree, now = list()
			}
		}
	}
}

// listsAt are the lists of directives that are so deep in blocks.
func listsAt(list []*syntax.Directive, depth int) [][]*syntax.Directive {
	if len(list) == 0 {
		return nil
	}
	if depth == 0 {
		return [][]*syntax.Directive{list}
	}
	var lists [][]*syntax.Directive
	for _, d := range list {
		lists = append(lists, listsAt(d.Block, depth-1)...)
	}
	return lists
}

// requests makes what clients say simpler.
func (k *shrinker) requests() {
	for i := range k.play.steps {
		if k.play.steps[i].verb != ask {
			continue
		}
		head, body, _ := strings.Cut(k.play.steps[i].say, "\r\n\r\n")
		lines := strings.Split(head, "\r\n")
		say := func(lines []string) *play {
			return k.with(i, func(s *step) { s.say = strings.Join(lines, "\r\n") + "\r\n\r\n" + body })
		}
		for n := len(lines) - 1; n > 0; n-- {
			if strings.HasPrefix(lines[n], "Content-Length") && body != "" || strings.HasPrefix(lines[n], "Transfer") {
				continue
			}
			if without := slices.Concat(lines[:n], lines[n+1:]); k.try(say(without)) {
				lines = without
			}
		}
		for _, simple := range []string{"GET / HTTP/1.1", "GET /a HTTP/1.1", "GET /app/x HTTP/1.1"} {
			if len(simple) < len(lines[0]) && k.try(say(slices.Concat([]string{simple}, lines[1:]))) {
				break
			}
		}
		k.try(k.with(i, func(s *step) { s.from = "127.0.0.1" }))
	}
}
