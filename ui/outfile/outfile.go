// Package outfile writes files that are whole or not there, and never what a
// command reads.
package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// A File is written under a temporary name next to its own until Commit. A special
// file, such as /dev/stdout or a named pipe, is written directly.
type File struct {
	file  *os.File
	temp  string // "" means that the file is written under its own name
	final string
	label string // what errors begin with
	keep  bool   // the file is a stream of the program, which stays open
}

var (
	mu         sync.Mutex
	unfinished = make(map[string]bool) // the files to remove when the program ends before they are whole
)

// DiscardAll removes what is unfinished. It is for a program that ends at once.
func DiscardAll() {
	mu.Lock()
	defer mu.Unlock()
	for path := range unfinished {
		os.Remove(path)
	}
	clear(unfinished)
}

// create creates a file that must not be there, to be removed unless it is
// finished.
func create(path string) (*os.File, error) {
	mu.Lock()
	defer mu.Unlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		unfinished[path] = true
	}
	return f, err
}

// New creates a file that must not be there. It fails with fs.ErrExist when it is.
func New(path string) (*File, error) {
	f, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, Reason(err))
	}
	return &File{file: f, final: path, label: path}, nil
}

// Write writes to the file. It fails when the disk or the reader of a pipe does not
// take it.
func (f *File) Write(b []byte) (int, error) {
	n, err := f.file.Write(b)
	return n, f.named(err)
}

// Commit ends the writing and gives the file its name. After an error of it there
// is no file, or the one that was there before.
func (f *File) Commit() error {
	if f.keep {
		return nil
	}
	if err := f.file.Close(); err != nil {
		f.Discard()
		return f.named(err)
	}
	mu.Lock()
	if f.temp != "" {
		if err := os.Rename(f.temp, f.final); err != nil {
			mu.Unlock()
			f.Discard()
			return f.named(err)
		}
	}
	delete(unfinished, f.path())
	mu.Unlock()
	return nil
}

// Discard ends the writing and leaves what was there before.
func (f *File) Discard() {
	if f.keep {
		return
	}
	f.file.Close() // a second time it does nothing
	mu.Lock()
	defer mu.Unlock()
	if path := f.path(); unfinished[path] {
		delete(unfinished, path)
		os.Remove(path)
	}
}

// path is the name under which the file is written.
func (f *File) path() string {
	if f.temp != "" {
		return f.temp
	}
	return f.final
}

// End commits the file unless err, or the writing of it, is an error. It returns
// all errors.
func (f *File) End(err error) error {
	if err != nil {
		f.Discard()
		return err
	}
	return f.Commit()
}

func (f *File) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", f.label, Reason(err))
}

// Reason returns an error about a file without what was done and the name.
func Reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
