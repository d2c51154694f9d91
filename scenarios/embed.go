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

// road is the order in which the first scenarios tell their story.
var road = []string{
	"no-upgrade", "upgrade-only", "works-on-my-machine", "two-regions", "redis-adapter", "toggle-live",
	"same-slash24", "behind-a-cdn", "node-dies", "remove-instead-of-down", "consistent-hash", "sticky-cookie", "idle-timeout", "all-failed",
}

// Names returns the names of the built-in scenarios: the road first, then the
// others by name.
func Names() []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(err) // embedded: can not happen
	}
	names := slices.Clone(road)
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".yaml"); !slices.Contains(road, name) {
			names = append(names, name)
		}
	}
	return names
}

// Read returns the text of a built-in scenario, or fs.ErrNotExist.
func Read(name string) ([]byte, error) { return files.ReadFile(name + ".yaml") }
