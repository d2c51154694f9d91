package learn

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Translation are texts of a scenario in another language, by the English ones.
type Translation struct {
	report *yamltree.Reporter
	texts  map[string]string
	places map[string]yamltree.Place // of the English texts in the file
}

const aTranslation = `texts: with a list such as [{en: Everyone, say: 所有人}, ...]`

// ReadTranslation reads the text of a file of translations, which problems call name.
func ReadTranslation(name string, text []byte) (*Translation, yamltree.Errors) {
	r := &yamltree.Reporter{Name: name}
	t := &Translation{report: r, texts: make(map[string]string), places: make(map[string]yamltree.Place)}
	root := yamltree.Read(r, text)
	if root == nil {
		return nil, r.Errors()
	}
	list := root.Find("texts")
	if list == nil || len(root.Pairs) != 1 || list.Value.Kind != yamltree.Sequence {
		r.At(root.Place, "this is no file of translations", aTranslation, "")
		return nil, r.Errors()
	}
	for _, item := range list.Value.Items {
		t.entry(item)
	}
	return t, r.Errors()
}

// entry reads one text and its translation.
func (t *Translation) entry(item *yamltree.Node) {
	en, say := item.Find("en"), item.Find("say")
	isText := func(p *yamltree.Pair) bool {
		return p != nil && p.Value.Kind == yamltree.Scalar && strings.TrimSpace(p.Value.Text) != ""
	}
	if !isText(en) || !isText(say) || len(item.Pairs) != 2 {
		t.report.At(item.Place, "this translates nothing", "en: with a text of the scenario, and say: with its translation", "")
		return
	}
	key := unbroken(en.Value.Text)
	if _, twice := t.texts[key]; twice {
		t.report.At(en.Value.Place, "this text is translated twice", "each text once: the translation is used wherever it stands", "")
		return
	}
	t.texts[key], t.places[key] = say.Value.Text, en.Value.Place
}

// unbroken is a text without its line breaks, by which it is found.
func unbroken(text string) string { return strings.Join(strings.Fields(text), " ") }

// Of returns the scenario with its texts translated, those without a translation in
// English. What is translated and is no text of the scenario is a problem: the English
// text was changed.
func (t *Translation) Of(f *scenario.File) (*scenario.File, yamltree.Errors) {
	out := copyTexts(f)
	used := make(map[string]bool)
	eachText(out, func(text *string) {
		key := unbroken(*text)
		if say, ok := t.texts[key]; ok {
			*text, used[key] = say, true
		}
	})
	for key, place := range t.places {
		if !used[key] {
			t.report.At(place, fmt.Sprintf("the scenario has no text %q", yamltree.Shorten(key)), "a text of the scenario as it is now", "translate what it says in its place")
		}
	}
	return out, t.report.Errors()
}

// Untranslated returns the texts of a scenario that have no translation.
func (t *Translation) Untranslated(f *scenario.File) (out []string) {
	eachText(copyTexts(f), func(text *string) {
		if _, ok := t.texts[unbroken(*text)]; !ok && !slices.Contains(out, *text) {
			out = append(out, *text)
		}
	})
	return out
}

// copyTexts copies a file as far as it holds texts.
func copyTexts(f *scenario.File) *scenario.File {
	out := *f
	out.Expect = slices.Clone(f.Expect)
	out.Variants = slices.Clone(f.Variants)
	for i, v := range f.Variants {
		out.Variants[i].File = copyTexts(v.File)
	}
	if f.Lesson != nil {
		l := *f.Lesson
		l.Narration, l.Predictions = slices.Clone(l.Narration), slices.Clone(l.Predictions)
		for i, p := range l.Predictions {
			l.Predictions[i].Choices = slices.Clone(p.Choices)
		}
		out.Lesson = &l
	}
	return &out
}

// eachText calls do for each text of a file that is written for people, and not empty.
func eachText(f *scenario.File, do func(*string)) {
	all := []*string{&f.Title, &f.Summary}
	for i := range f.Expect {
		all = append(all, &f.Expect[i].Because)
	}
	if l := f.Lesson; l != nil {
		for i := range l.Narration {
			all = append(all, &l.Narration[i].Say)
		}
		for i := range l.Predictions {
			p := &l.Predictions[i]
			all = append(all, &p.Ask)
			for k := range p.Choices {
				all = append(all, &p.Choices[k].Say)
			}
		}
		all = append(all, &l.Cause, &l.Fixed)
	}
	for _, text := range all {
		if strings.TrimSpace(*text) != "" {
			do(text)
		}
	}
	for _, v := range f.Variants {
		eachText(v.File, do)
	}
}

// Translated returns a course with titles and summaries in a language, as far as they
// are translated; the English ones are among what people search for. It fails when a
// built-in translation is not valid.
func Translated(course []Entry, language string) ([]Entry, error) {
	out := slices.Clone(course)
	for i, e := range out {
		text, err := scenarios.Translation(language, e.Name)
		if err != nil {
			continue // there is none
		}
		t, problems := ReadTranslation(e.Name+".yaml", text)
		if len(problems) > 0 {
			return nil, problems
		}
		out[i].Texts = slices.Concat(e.Texts, []string{e.Title, e.Summary})
		for _, text := range []*string{&out[i].Title, &out[i].Summary} {
			if say, ok := t.texts[unbroken(*text)]; ok {
				*text = format.Line(say)
			}
		}
	}
	return out, nil
}
