// Stickylab runs a whole sticky-session cluster inside one process.
package main

import (
	"os"

	"stickylab/ui/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
