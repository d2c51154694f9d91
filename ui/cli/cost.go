package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario/yamltree"
)

// What is worth a note before a run begins.
const (
	muchCPU    = 60  // seconds
	muchMemory = 1e9 // bytes
)

// yesFlag adds the flag that runs what would be refused.
func (o *loading) yesFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.yes, "yes", false, "run also what is not expected to fit in memory")
}

// affordable notes what jobs will cost that are large, and refuses those that do not fit
// in memory, unless the user has said yes; so many run at once. It returns the outcome of
// the command, nil if they can be run.
func (o loading) affordable(cmd *cobra.Command, jobs []job, atOnce int) error {
	free, known := freeMemory()
	var sizes []float64
	var heaviest job
	for _, j := range jobs {
		load := plan.Estimate(j.plan)
		if load.CPU >= muchCPU || load.Memory >= muchMemory {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: %s: %s\n", j.arg, costs(load))
		}
		if sizes = append(sizes, load.Memory); load.Memory == slices.Max(sizes) {
			heaviest = j
		}
	}
	slices.SortFunc(sizes, func(a, b float64) int { return cmp.Compare(b, a) })
	need := 0.0
	for _, size := range sizes[:min(len(sizes), max(atOnce, 1))] {
		need += size
	}
	if !known || need <= free || o.yes {
		return nil
	}
	return complain(cmd, o.json, heaviest.arg, yamltree.Errors{{
		File: heaviest.file, Text: fmt.Sprintf("about %s of memory would be needed, %s are free", memory(need), memory(free)),
		Hint: "fewer clients, less often or a shorter run; --yes runs it all the same",
	}})
}

// costs words what a run is about to cost.
func costs(l plan.Load) string {
	text := amount(l.Deliveries, 1, "delivery")
	if l.Bytes >= 1e6 {
		text += " with " + amount(l.Bytes, 1e6, "MB") + " of text"
	}
	if l.Deliveries <= most {
		text = "about " + text
	}
	return fmt.Sprintf("%s, %s of CPU, %s of memory", text, seconds(l.CPU), memory(l.Memory))
}

// most is the greatest number that is written out.
const most = 1_000_000_000_000_000

// amount is a number of units.
func amount(n, unit float64, noun string) string {
	more := ""
	if n = math.Round(n / unit); n > most {
		n, more = most, "more than "
	}
	if noun == strings.ToUpper(noun) { // a unit has no plural
		return more + format.Number(int(n)) + " " + noun
	}
	return more + format.Plural(int(n), noun)
}

// memory is a number of bytes.
func memory(n float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}} {
		if n >= u.size && n < 100*u.size {
			return strconv.FormatFloat(n/u.size, 'f', 1, 64) + " " + u.name
		} else if n >= u.size {
			return amount(n, u.size, u.name)
		}
	}
	return amount(n, 1e6, "MB")
}

// seconds is a length of time.
func seconds(s float64) string {
	const mostHours = 1_000_000
	if s > mostHours*3600 {
		return "more than " + format.Number(mostHours) + " h"
	}
	return format.Seconds(time.Duration(s * float64(time.Second)))
}

// freeMemory returns how many bytes a run may take: what the system has left, and what
// the control group of the process has. known is false where that cannot be found out.
func freeMemory() (free float64, known bool) {
	free = math.Inf(1)
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range bytes.Lines(info) {
			if kilobytes, ok := strings.CutPrefix(string(line), "MemAvailable:"); ok {
				if n, err := strconv.ParseFloat(strings.Fields(kilobytes + " -")[0], 64); err == nil {
					free = n * 1024
				}
			}
		}
	}
	limit, used := number("/sys/fs/cgroup/memory.max"), number("/sys/fs/cgroup/memory.current")
	if limit > 0 {
		free = min(free, max(limit-used, 0))
	}
	return free, !math.IsInf(free, 1)
}

// number reads a file that holds a number, 0 for any other.
func number(path string) float64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	if err != nil {
		return 0
	}
	return n
}
