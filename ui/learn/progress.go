package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Progress holds which lessons one user has finished. It is kept in a file.
type Progress struct {
	path    string // "" means that nothing is kept
	lessons map[string]Record
}

// Record is one finished lesson.
type Record struct {
	Finished time.Time `json:"finished"` // the last time
	Asked    int       `json:"asked"`    // questions
	Right    int       `json:"right"`    // of those, then
}

// document is the file.
type document struct {
	Program string            `json:"program"` // tells our file from others
	Schema  int               `json:"schema"`
	Lessons map[string]Record `json:"lessons"`
}

const (
	program     = "stickylab"
	schema      = 1
	maxProgress = 1 << 20 // bytes
)

// StateFile returns where progress is kept: stickylab/progress.json in
// $XDG_STATE_HOME, or, when that is not an absolute path, in ~/.local/state
// (XDG Base Directory Specification). It fails when there is no home directory.
func StateFile() (string, error) {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no place for your progress: %w", err)
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "stickylab", "progress.json"), nil
}

// ReadProgress reads what is kept in a file; one that is not there is nothing
// learned. A file that cannot be read, or is not one of ours, is an error too,
// but the progress can be used: it is empty, and Finish keeps that file aside.
// With the path "" nothing is kept.
func ReadProgress(path string) (*Progress, error) {
	p := &Progress{path: path, lessons: make(map[string]Record)}
	text, err := readAll(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		var kept map[string]Record
		kept, err = parse(text)
		maps.Copy(p.lessons, kept)
	}
	if err != nil {
		return p, fmt.Errorf("your progress in %s cannot be read: %w", path, err)
	}
	return p, nil
}

func readAll(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxProgress+1))
	if err == nil && len(text) > maxProgress {
		err = fmt.Errorf("it is larger than %d bytes", maxProgress)
	}
	return text, err
}

func parse(text []byte) (map[string]Record, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	switch {
	case d.Program != program:
		return nil, fmt.Errorf("it is not a file of %s", program)
	case d.Schema != schema:
		return nil, fmt.Errorf("it is of version %d, this program knows %d", d.Schema, schema)
	}
	for name, r := range d.Lessons {
		if r.Right < 0 || r.Right > r.Asked {
			return nil, fmt.Errorf("%q has %d right answers to %d questions", name, r.Right, r.Asked)
		}
	}
	return d.Lessons, nil
}

// Status says whether a lesson is finished; the zero value means not yet.
type Status struct {
	Finished     bool
	Asked, Right int // questions, and right answers to them the last time
}

// String returns "finished, 2 of 2 right", or "not yet".
func (s Status) String() string {
	switch {
	case !s.Finished:
		return "not yet"
	case s.Asked == 0:
		return "finished"
	}
	return fmt.Sprintf("finished, %d of %d right", s.Right, s.Asked)
}

// Status returns whether a lesson is finished, and how.
func (p *Progress) Status(name string) Status {
	r, ok := p.lessons[name]
	return Status{ok, r.Asked, r.Right}
}

// Finish records that a lesson was finished. aside is where a file that could not
// be read was moved to, "" when there was none. It fails when the file cannot be
// written or moved aside.
func (p *Progress) Finish(name string, s Score, now time.Time) (aside string, err error) {
	kept, bad := ReadProgress(p.path) // another process may have finished another one meanwhile
	maps.Copy(p.lessons, kept.lessons)
	p.lessons[name] = Record{now.UTC().Truncate(time.Second), s.Asked, s.Right}
	if p.path == "" {
		return "", nil
	}
	if bad != nil {
		aside, err = setAside(p.path)
	}
	if err == nil {
		err = p.write()
	}
	if err != nil {
		return aside, fmt.Errorf("your progress is not kept: %w", err)
	}
	return aside, nil
}

// setAside renames a file to one that there is not yet.
func setAside(path string) (string, error) {
	for n := 1; n < 100; n++ {
		aside := path + ".bad"
		if n > 1 {
			aside = fmt.Sprintf("%s%d", aside, n)
		}
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(path, aside)
		}
	}
	return "", fmt.Errorf("there are too many of %s.bad", path)
}

// write replaces the file in one go.
func (p *Progress) write() error {
	dir := filepath.Dir(p.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(document{program, schema, p.lessons}, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "progress-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), p.path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Reset forgets everything and returns the names of the lessons that were
// finished. A file that could not be read is moved aside, not removed. It fails when
// that, or removing the file, does.
func (p *Progress) Reset() (forgotten []string, aside string, err error) {
	forgotten = slices.Sorted(maps.Keys(p.lessons))
	if _, bad := ReadProgress(p.path); bad != nil {
		aside, err = setAside(p.path)
	} else if p.path != "" {
		err = os.Remove(p.path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	clear(p.lessons)
	return forgotten, aside, nil
}
