package scenario

import (
	"regexp"
	"strconv"
	"strings"
)

// A number of bytes is written as 1MB (a million), 500kB (a thousand each) or
// plain 1048576.
const aSize = "a number of bytes such as 1MB, 500kB or 1048576"

var sizeForm = regexp.MustCompile(`^([0-9]{1,12})(\.[0-9]{1,6})? *([A-Za-z]*)$`)

// byteUnits are the units that a file may use.
var byteUnits = map[string]int64{"": 1, "B": 1, "kB": 1000, "MB": 1_000_000}

// meantUnits are others that people write, with what they probably mean here:
// nginx's k and m, the units of 1024.
var meantUnits = map[string]string{
	"b": "B", "bytes": "B", "byte": "B", "k": "kB", "kb": "kB", "kib": "kB", "m": "MB", "mb": "MB", "mib": "MB",
}

// parseBytes reads a number of bytes. The hint is how the text was probably
// meant.
func parseBytes(text string) (n int, hint string, ok bool) {
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, "", false
	}
	unit, known := byteUnits[m[3]]
	if !known || strings.Contains(text, " ") {
		if meant, ok := meantUnits[strings.ToLower(m[3])]; ok {
			hint = "did you mean " + m[1] + m[2] + meant + "?"
		}
		return 0, hint, false
	}
	v, err := strconv.ParseFloat(m[1]+m[2], 64)
	whole := int64(v*float64(unit) + 0.5)
	if err != nil || m[2] != "" && float64(whole) != v*float64(unit) {
		return 0, "", false
	}
	return int(whole), "", true
}

// FormatBytes is a number of bytes as a file has it: 1500kB, 2MB, 1048576.
func FormatBytes(n int) string {
	switch {
	case n > 0 && n%1_000_000 == 0:
		return strconv.Itoa(n/1_000_000) + "MB"
	case n > 0 && n%1000 == 0:
		return strconv.Itoa(n/1000) + "kB"
	}
	return strconv.Itoa(n)
}

// Words stands for a text of so many bytes where people read.
func Words(size int) string { return FormatBytes(size) + " of text" }
