package syntax

import (
	"slices"
	"testing"
)

// TestLoops promises that what a template repeats is found, and what it only writes under a condition is not.
func TestLoops(t *testing.T) {
	for text, want := range map[string][]string{
		"a {% for x in y %}b{% if z %}c{% endif %}{% endfor %} d":   {"b{% if z %}c{% endif %}"},
		"{{ range .A }}b{{ if .B }}c{{ end }}{{ end }}{{ .D }}":     {"b{{ if .B }}c{{ end }}"},
		"<% nodes.each do |n| %>b <%= n %><% end %>":                {"b <%= n %>"},
		"{{#each nodes}}b{{/each}}":                                 {"b"},
		"{% if a %}b{% endif %}{{ if .A }}c{{ end }}":               nil,
		"{{ range .A }}never ended":                                 nil,
		"{{ end }}{% endfor %} more ends than there are beginnings": nil,
		"server a:1; # no template":                                 nil,
	} {
		var got []string
		for _, s := range Loops(text) {
			got = append(got, text[s.From:s.To])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
