//go:build unix

package outfile

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a file the owner and the group of another, as far as the user
// may.
func keepOwner(f *os.File, of fs.FileInfo) {
	was := of.Sys().(*syscall.Stat_t)
	f.Chown(int(was.Uid), int(was.Gid))
}
