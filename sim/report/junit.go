package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/format"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
}

type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the results as JUnit XML: a testsuite for each scenario, a
// testcase for each expectation. An expectation that is not met is a failure.
// An inconclusive one, or one that was not judged, is an error, not a skip: most
// readers of JUnit are green with skipped tests, and a check that judged nothing must
// not look like a pass. A run that did not come to its end is an error by itself. Times are wall-clock seconds, and a testcase, being a look at a run,
// takes none.
func WriteJUnit(w io.Writer, results []*Result) error {
	all := junitSuites{Name: "stickylab"}
	var total time.Duration
	for _, r := range results {
		s := suite(r)
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		total += r.Wall
	}
	all.Time = junitTime(total)
	text, err := xml.MarshalIndent(all, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, format.EscapeXML(text))
	}
	if err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	return nil
}

func suite(r *Result) junitSuite {
	s := junitSuite{
		Name: r.Name(), Tests: len(r.Expectations), Time: junitTime(r.Wall),
		Properties: []junitProperty{
			{"title", r.Title},
			{"seed", strconv.FormatUint(r.Seed, 10)},
			{"virtual_seconds", strconv.FormatFloat(r.Virtual.Seconds(), 'f', -1, 64)},
			{"replay", r.Replay()},
		},
	}
	for _, x := range r.Expectations {
		c := junitCase{Class: r.Name(), Name: r.span(x) + "  " + x.That, Time: junitTime(0)}
		problem := &junitProblem{
			Type: x.Verdict.String(), Message: "actual " + x.Actual,
			Text: fmt.Sprintf("expected  %s\nactual    %s\nwhy       %s\nreplay    %s\n", x.That, x.Actual, x.Why, r.Replay()),
		}
		switch x.Verdict {
		case expect.Fail:
			c.Failure = problem
			s.Failures++
		case expect.Pass:
		default:
			c.Error = problem
			s.Errors++
		}
		s.Cases = append(s.Cases, c)
	}
	if r.Err != nil {
		s.Cases = append(s.Cases, junitCase{Class: r.Name(), Name: "the run comes to its end", Time: junitTime(0), Error: &junitProblem{
			Type: "error", Message: format.Line(r.Err.Error()), Text: fmt.Sprintf("%v\nreplay    %s\n", r.Err, r.Replay()),
		}})
		s.Tests++
		s.Errors++
	}
	return s
}

func junitTime(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
