package scenario

import _ "embed"

// Starter is a commented scenario file to begin with.
//
//go:embed starter.yaml
var Starter string
