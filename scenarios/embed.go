// Package scenarios holds the built-in scenario files.
package scenarios

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

//go:embed zh-CN/*.yaml
var translations embed.FS

// course is the order of the lessons, a line for each topic, as their keys
// `topic` and `order` have it.
var course = []string{
	"no-upgrade", "upgrade-only", "works-on-my-machine", "two-regions", "redis-adapter", "toggle-live",
	"same-slash24", "behind-a-cdn", "privacy-addresses", "roaming", "two-proxies", "forged-header",
	"silent-polling", "websocket-only", "adapter-is-not-affinity", "upgrade-elsewhere", "sticky-cookie",
	"native-clients", "consistent-hash", "which-policy",
	"node-dies", "remove-instead-of-down", "empty-newcomer", "old-workers", "all-failed", "deploy-herd",
	"drained-for-good",
	"idle-timeout", "cut-when-quiet", "slow-node", "frozen-node", "blocked-loop",
	"forgot-the-adapter", "redis-down", "missed-while-away", "two-apps-one-redis", "copies", "wrong-counts",
	"frozen-count", "fan-out",
	"forgotten-room", "handlers-on-connect", "recovery",
	"too-large", "old-client",
}

// Names returns the names of the built-in scenarios, in the order of the
// course.
func Names() []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(err) // embedded: cannot happen
	}
	names := slices.Clone(course)
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".yaml"); !slices.Contains(course, name) {
			names = append(names, name)
		}
	}
	return names
}

// Read returns the text of a built-in scenario, or fs.ErrNotExist.
func Read(name string) ([]byte, error) { return files.ReadFile(name + ".yaml") }

// Languages returns the tags of the languages in which there are texts, besides English.
func Languages() []string {
	entries, err := fs.ReadDir(translations, ".")
	if err != nil {
		panic(err) // embedded: cannot happen
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// Translation returns the text of the file with the translated texts of a built-in
// scenario, or fs.ErrNotExist.
func Translation(language, name string) ([]byte, error) {
	return translations.ReadFile(language + "/" + name + ".yaml")
}
