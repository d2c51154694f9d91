package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
	"stickylab/ui/learn"
)

// english is the tag of the language in which all texts are.
const english = "en"

// sameTexts are further tags of a language (RFC 5646) that are read with the same texts:
// of Chinese those of the simplified script.
var sameTexts = map[string][]string{"zh-CN": {"zh", "zh-Hans", "zh-Hans-CN", "zh-Hans-SG", "zh-SG"}}

// languageFlag adds the flag that chooses the language of lessons.
func languageFlag(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "lang", "", "the `LANGUAGE` of lessons, such as "+strings.Join(tags(), " or ")+", not that of the environment")
	cmd.RegisterFlagCompletionFunc("lang", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return tags(), cobra.ShellCompDirectiveNoFileComp
	})
}

// tags are those of all languages.
func tags() []string { return append([]string{english}, scenarios.Languages()...) }

// language returns the language of texts, "" for English: that of the flag --lang, or
// without it that of the environment. It fails when there are no texts in the language
// of the flag.
func language(flag string) (string, error) {
	if flag == "" {
		return languageOf(os.Getenv), nil
	}
	known := lookUp(flag)
	if known == "" && !strings.EqualFold(flag, english) {
		return "", &exitError{code: ExitInput, err: fmt.Errorf("--lang: there are no texts in %q\nhint: %s", flag, cmp.Or(spell.DidYouMean(flag, tags()), yamltree.OneOf(tags())))}
	}
	return known, nil
}

// languageOf returns the language of an environment: of the first of LC_ALL, LC_MESSAGES
// and LANG that is set, as POSIX has it (Base Definitions, 8.2). It is "" when there are
// no texts in it, or its characters are not those of UTF-8.
func languageOf(env func(string) string) string {
	locale := cmp.Or(env("LC_ALL"), env("LC_MESSAGES"), env("LANG"))
	locale, _, _ = strings.Cut(locale, "@")
	locale, charset, given := strings.Cut(locale, ".")
	if given && !strings.EqualFold(strings.ReplaceAll(charset, "-", ""), "utf8") {
		return ""
	}
	return lookUp(strings.ReplaceAll(locale, "_", "-"))
}

// lookUp returns the language in which there are texts for a tag, "" when there is none.
func lookUp(tag string) string {
	for _, known := range scenarios.Languages() {
		if slices.ContainsFunc(append(sameTexts[known], known), func(t string) bool { return strings.EqualFold(t, tag) }) {
			return known
		}
	}
	return ""
}

// courseIn returns the course with titles in the language of a flag. It fails when there
// is no such language, or a built-in file is not valid.
func courseIn(flag string) ([]learn.Entry, error) {
	lang, err := language(flag)
	if err != nil {
		return nil, err
	}
	course, err := learn.Course()
	if err == nil && lang != "" {
		course, err = learn.Translated(course, lang)
	}
	if err != nil {
		return nil, &exitError{code: ExitProgram, err: err}
	}
	return course, nil
}

// translated returns a scenario with its texts in a language, as far as they are
// translated. The translations of a built-in scenario are built in, those of a file in
// the folder of the language next to it.
func translated(arg string, f *scenario.File, lang string) (*scenario.File, yamltree.Errors) {
	if lang == "" {
		return f, nil
	}
	name := lang + "/" + arg + ".yaml"
	text, err := scenarios.Translation(lang, arg)
	if isFile(arg) {
		name = path.Join(path.Dir(arg), lang, path.Base(arg))
		text, err = os.ReadFile(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, yamltree.Errors{{Text: err.Error()}}
	}
	t, problems := learn.ReadTranslation(name, text)
	if len(problems) > 0 {
		return nil, problems
	}
	return t.Of(f)
}
