package learn

import (
	"strings"
	"testing"

	"stickylab/scenarios"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

func parsed(t *testing.T, name, text string) *scenario.File {
	t.Helper()
	f, problems := plan.Parse(name, []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return f
}

// Whatever is translated is a text of the scenario as it is in English now, and all of
// its texts are translated; so are all lessons of the road.
func TestTranslationsFitTheirScenarios(t *testing.T) {
	for _, language := range scenarios.Languages() {
		for _, name := range scenarios.Names() {
			source, err := scenarios.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			f := parsed(t, name, string(source))
			text, err := scenarios.Translation(language, name)
			if err != nil {
				if f.Lesson.Topic == scenario.Topics[0] {
					t.Errorf("%s is not translated to %s", name, language)
				}
				continue
			}
			x, problems := ReadTranslation(language+"/"+name+".yaml", text)
			if len(problems) > 0 {
				t.Error(problems)
				continue
			}
			out, problems := x.Of(f)
			if len(problems) > 0 {
				t.Error(problems)
				continue
			}
			if left := x.Untranslated(f); len(left) > 0 {
				t.Errorf("%s, %s: not translated: %q", language, name, left)
			}
			if _, err := New(name, name, out, nil); err != nil {
				t.Error(err)
			}
			for i, c := range out.Lesson.Predictions[0].Choices {
				if was := f.Lesson.Predictions[0].Choices[i]; c.That != was.That {
					t.Errorf("%s: the choice %q has another condition", name, c.Say)
				}
			}
		}
	}
}

const translatedAsking = `
texts:
  - {en: Who goes away?, say: 谁走了？}
  - en: >-
      a node knows
      only its own sockets
    say: |-
      节点只认识自己的
      socket
`

// A text is found whatever its line breaks are; one without a translation stays, and the
// scenario that was read does not change.
func TestTranslation(t *testing.T) {
	f := parsed(t, "asking.yaml", asking)
	x, problems := ReadTranslation("zh.yaml", []byte(translatedAsking))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	out, problems := x.Of(f)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	l := out.Lesson
	if l.Predictions[0].Ask != "谁走了？" || l.Cause != "节点只认识自己的\nsocket" || l.Predictions[1].Ask != "Who hears the other node?" || out.Title != "Asking" {
		t.Errorf("%+v", l)
	}
	if f.Lesson.Predictions[0].Ask != "Who goes away?" || f.Lesson.Cause != "a node knows only its own sockets" {
		t.Error("the scenario was changed")
	}
	if left := x.Untranslated(f); len(left) != 9 || left[0] != "Asking" {
		t.Errorf("%d left: %q", len(left), left)
	}
}

// What translates nothing, or what is no longer there, is told with its place.
func TestBadTranslations(t *testing.T) {
	f := parsed(t, "asking.yaml", asking)
	for text, want := range map[string]string{
		"texts: [":                         "zh.yaml:1:",
		"[]":                               "zh.yaml:1:1: this is no file of translations",
		"text: []":                         "this is no file of translations",
		"texts:\n  - {en: Who goes away?}": "zh.yaml:2:5: this translates nothing",
		"texts:\n  - {en: Who?, say: ' '}": "this translates nothing",
		"texts:\n  - {en: Who went away?, say: 谁？}":                   `zh.yaml:2:10: the scenario has no text "Who went away?"`,
		"texts:\n  - {en: Asking, say: 问}\n  - {en: Asking, say: 问题}": "zh.yaml:3:10: this text is translated twice",
	} {
		x, problems := ReadTranslation("zh.yaml", []byte(text))
		if len(problems) == 0 {
			_, problems = x.Of(f)
		}
		if len(problems) == 0 || !strings.Contains(problems.Error(), want) {
			t.Errorf("%q: %v, want %q", text, problems, want)
		}
	}
}

func FuzzTranslation(f *testing.F) {
	f.Add([]byte(translatedAsking))
	f.Add([]byte("texts: [{en: [], say: {}}, 1]"))
	file, _ := plan.Parse("asking.yaml", []byte(asking))
	f.Fuzz(func(t *testing.T, text []byte) {
		x, problems := ReadTranslation("zh.yaml", text)
		if len(problems) == 0 {
			x.Of(file)
		}
	})
}
