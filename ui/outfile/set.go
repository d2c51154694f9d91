package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Set is the files of one command: what it reads, and what it writes. The zero
// value is that of a command that reads and writes only its streams.
type Set struct{ used []used }

// used is a file that the command reads or writes.
type used struct {
	what string
	info fs.FileInfo // nil when it is not there yet
	path string      // that of an output, without symbolic links
}

// Reads notes a file that the command reads.
func (s *Set) Reads(path string) {
	if info, err := os.Stat(path); err == nil {
		s.used = append(s.used, used{what: path, info: info})
	}
}

// Create opens an output file; flag is the flag that names it. It fails when the
// file cannot be written, or is one that the command reads or writes already,
// whatever it is called.
func (s *Set) Create(flag, path string) (*File, error) {
	f, err := s.create(flag, path)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, path, Reason(err))
	}
	f.label = flag + " " + path
	return f, nil
}

func (s *Set) create(flag, path string) (*File, error) {
	if path == "" {
		return nil, errors.New("a name is needed")
	}
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	final, err := followed(path)
	if err != nil {
		return nil, err
	}
	stream := isStream(path)
	for _, u := range append(s.used, streams(stream)...) {
		same := info != nil && u.info != nil && os.SameFile(info, u.info) || u.path == final
		if same && (info == nil || info.Mode()&fs.ModeCharDevice == 0) { // a terminal, and /dev/null, have room for all
			return nil, fmt.Errorf("this is %s as well", u.what)
		}
	}
	s.used = append(s.used, used{flag, info, final})
	switch {
	case info == nil:
		return temporary(final, nil)
	case info.IsDir():
		return nil, errors.New("is a directory")
	case stream || !info.Mode().IsRegular():
		return direct(path, info)
	}
	if f, err := os.OpenFile(final, os.O_WRONLY, 0); err != nil {
		return nil, err
	} else {
		f.Close()
	}
	return temporary(final, info)
}

// direct opens a special file. The program's own outputs are used as they are:
// opened anew, a file behind them would be written from its beginning.
func direct(path string, info fs.FileInfo) (*File, error) {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if own, err := f.Stat(); err == nil && os.SameFile(info, own) {
			return &File{file: f, keep: true}, nil
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	return &File{file: f, final: path}, err
}

// temporary opens a file next to final, with the mode and the owner of the one
// that is there, if one is.
func temporary(final string, before fs.FileInfo) (*File, error) {
	for {
		temp := filepath.Join(filepath.Dir(final), ".stickylab-"+strconv.FormatUint(rand.Uint64(), 36))
		f, err := create(temp)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		out := &File{file: f, temp: temp, final: final}
		if err == nil && before != nil {
			keepOwner(f, before)
			if err = f.Chmod(before.Mode().Perm()); err != nil {
				out.Discard()
			}
		}
		return out, err
	}
}

// isStream reports whether a path names an open file of the program.
func isStream(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	for _, begin := range []string{"/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/"} {
		if strings.HasPrefix(abs, begin) {
			return true
		}
	}
	return false
}

// streams returns the program's own files as far as no output may be one of them:
// the standard input, and, unless named as such, the outputs.
func streams(named bool) (out []used) {
	for _, s := range []struct {
		file *os.File
		what string
		in   bool
	}{{os.Stdin, "the standard input", true}, {os.Stdout, "the standard output", false}, {os.Stderr, "the standard error", false}} {
		if info, err := s.file.Stat(); err == nil && (s.in || !named) {
			out = append(out, used{what: s.what, info: info})
		}
	}
	return out
}

// followed returns the path to which the symbolic links of a path lead; the file
// need not be there.
func followed(path string) (string, error) {
	const most = 40
	for range most {
		target, err := os.Readlink(path)
		if err != nil { // no link
			dir, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return "", err
			}
			return filepath.Abs(filepath.Join(dir, filepath.Base(path)))
		}
		if !filepath.IsAbs(target) {
			target = filepath.Dir(path) + string(filepath.Separator) + target
		}
		path = target
	}
	return "", errors.New("too many symbolic links")
}
