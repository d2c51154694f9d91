package outfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// in returns a folder with an input.yaml, which is known by other names too, and
// an old.txt.
func in(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	err := errors.Join(
		os.WriteFile("input.yaml", []byte("input"), 0o644), os.WriteFile("old.txt", []byte("old"), 0o640), os.Chmod("old.txt", 0o640),
		os.Link("input.yaml", "hard"), os.Symlink("input.yaml", "soft"), os.Symlink("soft", "softer"),
		os.Symlink("old.txt", "link.txt"), os.Symlink("sub/new.txt", "dangling"), os.Mkdir("sub", 0o755), os.Symlink("sub", "folder"),
	)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// No output is written onto an input or onto another output, whatever it is
// called, and nothing is left behind by the attempt.
func TestOutputsAreNoInputs(t *testing.T) {
	dir := in(t)
	before := names(t, dir)
	for _, name := range []string{"input.yaml", "./input.yaml", "sub/../input.yaml", "folder/../input.yaml", "hard", "soft", "softer", filepath.Join(dir, "input.yaml"), "/proc/self/cwd/input.yaml"} {
		var s Set
		s.Reads("./soft")
		if f, err := s.Create("--trace", name); err == nil || !strings.Contains(err.Error(), "--trace "+name+": this is ./soft as well") {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	for _, pair := range [][2]string{{"new", "./new"}, {"old.txt", "link.txt"}, {"dangling", "folder/new.txt"}, {"sub/new.txt", "dangling"}} {
		var s Set
		f, err := s.Create("--trace", pair[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Create("--junit", pair[1]); err == nil || !strings.Contains(err.Error(), "this is --trace as well") {
			t.Errorf("%q: %v", pair, err)
		}
		f.Discard()
	}
	for _, name := range []string{"", "sub", "nowhere/new", "input.yaml/new"} {
		if _, err := new(Set).Create("--trace", name); err == nil {
			t.Errorf("%q can be written", name)
		}
	}
	if after := names(t, dir); !slices.Equal(before, after) {
		t.Errorf("%q, before %q", after, before)
	}
}

// The standard input is an input, and the standard output an output.
func TestStreams(t *testing.T) {
	in(t)
	input, err := os.Open("input.yaml")
	if err != nil {
		t.Fatal(err)
	}
	output, err := os.Create("out")
	if err != nil {
		t.Fatal(err)
	}
	stdin, stdout := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = input, output
	defer func() { os.Stdin, os.Stdout = stdin, stdout }()
	if _, err := new(Set).Create("--trace", "hard"); err == nil {
		t.Error("the standard input can be written")
	}
	if _, err := new(Set).Create("--trace", "out"); err == nil {
		t.Error("the file of the standard output can be written")
	}
	io.WriteString(os.Stdout, "report\n")
	f, err := new(Set).Create("--trace", "/proc/self/fd/"+itoa(output.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "trace\n")
	if err := f.Commit(); err != nil {
		t.Error(err)
	}
	io.WriteString(os.Stdout, "more\n")
	if text, err := os.ReadFile("out"); string(text) != "report\ntrace\nmore\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func itoa(fd uintptr) string {
	return strings.TrimLeft(string([]byte{'0' + byte(fd/10), '0' + byte(fd%10)}), "0")
}

// A file is whole or as it was, with its mode, and a link stays one.
func TestWholeOrAsItWas(t *testing.T) {
	for _, c := range []struct {
		name, file string // what is written, and where it lands
		mode       fs.FileMode
	}{{"old.txt", "old.txt", 0o640}, {"link.txt", "old.txt", 0o640}, {"dangling", "sub/new.txt", 0o644}, {"folder/a", "sub/a", 0o644}} {
		for _, fails := range []bool{true, false} {
			dir := in(t)
			before, _ := os.ReadFile(c.file)
			f, err := new(Set).Create("--trace", c.name)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(f, "whole")
			if now, _ := os.ReadFile(c.file); string(now) != string(before) {
				t.Errorf("%s: %q before it is whole", c.name, now)
			}
			want := "whole"
			var failure error
			if fails {
				want, failure = string(before), errors.New("failed")
			}
			if err := f.End(failure); err != failure {
				t.Error(err)
			}
			if now, _ := os.ReadFile(c.file); string(now) != want {
				t.Errorf("%s: %q, want %q", c.name, now, want)
			}
			if info, err := os.Stat(c.file); !fails && (err != nil || info.Mode() != c.mode) {
				t.Errorf("%s: %v, %v", c.name, info.Mode(), err)
			}
			if info, err := os.Lstat("link.txt"); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("the link is %v, %v", info.Mode(), err)
			}
			for _, name := range append(names(t, dir), names(t, "sub")...) {
				if strings.HasPrefix(name, ".stickylab") {
					t.Errorf("%s is left", name)
				}
			}
		}
	}
}

// A file that must not be there is never half there.
func TestNew(t *testing.T) {
	in(t)
	for _, name := range []string{"old.txt", "link.txt", "dangling", "sub"} {
		if _, err := New(name); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := New("new.yaml")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "half")
	DiscardAll()
	if _, err := os.Stat("new.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it is there")
	}
}

// A special file is written as it is, and its errors have the name of the flag.
func TestSpecialFiles(t *testing.T) {
	in(t)
	f, err := new(Set).Create("--junit", "/dev/full")
	if err != nil {
		t.Fatal(err)
	}
	if err := func() error { _, err := io.WriteString(f, "x"); return f.End(err) }(); err == nil || err.Error() != "--junit /dev/full: no space left on device" {
		t.Error(err)
	}
	var s Set
	for range 2 {
		f, err := s.Create("--trace", os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); err != nil {
			t.Error(err)
		}
	}
}
