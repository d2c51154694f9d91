package cli

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
)

func TestWatchNeedsATerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"watch", "two-regions"}, "stickylab run two-regions"},
		{[]string{"watch", "two-regions", "--readonly", "--speed", "max"}, "stickylab run two-regions"},
		{[]string{"watch", "../../scenarios/two-regions.yaml"}, "stickylab run ../../scenarios/two-regions.yaml"},
	} {
		for _, stdout := range []interface{ Write([]byte) (int, error) }{&bytes.Buffer{}, null} {
			var stderr bytes.Buffer
			if code := Main(c.args, stdout, &stderr); code != ExitInput {
				t.Errorf("%q: exit %d", c.args, code)
			}
			for _, want := range []string{"needs a terminal", c.want} {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("%q says %q, without %q", c.args, stderr.String(), want)
				}
			}
			if b, ok := stdout.(*bytes.Buffer); ok && b.Len() > 0 {
				t.Errorf("%q writes %q", c.args, b)
			}
		}
	}
}

func TestNothingWithoutATerminalIsHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := Main([]string{}, &stdout, &stderr); code != ExitOK {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{"Usage:", "watch", "run"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the help does not have %q", want)
		}
	}
	if stderr.Len() > 0 {
		t.Errorf("says %q", &stderr)
	}
}

func TestSpeed(t *testing.T) {
	for text, want := range map[string]float64{"4": 4, "x10": 10, "0.1": 0.1, "1000": 1000, "max": math.Inf(1)} {
		var s speed
		if err := s.Set(text); err != nil || float64(s) != want {
			t.Errorf("%q is %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "fast", "0", "-1", "1001", "0.09", "NaN", "Inf", "1s"} {
		s := speed(1)
		if err := s.Set(text); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
	for s, want := range map[speed]string{1: "1", 0.5: "0.5", speed(math.Inf(1)): "max"} {
		if got := s.String(); got != want {
			t.Errorf("%v is written %q", float64(s), got)
		}
	}
}

func TestWatchesWords(t *testing.T) {
	for _, args := range [][]string{{"watch"}, {"watch", "a", "b"}, {"watch", "two-regions", "--speed", "0"}, {"watch", "two-regions", "--fast"}} {
		var stdout, stderr bytes.Buffer
		if code := Main(args, &stdout, &stderr); code != ExitInput || stderr.Len() == 0 {
			t.Errorf("%q: exit %d, says %q", args, code, &stderr)
		}
	}
}
