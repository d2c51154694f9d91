//go:build !unix

package outfile

import (
	"io/fs"
	"os"
)

// keepOwner does nothing: a file has the owner of its folder.
func keepOwner(*os.File, fs.FileInfo) {}
