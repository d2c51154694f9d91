package expect

// Verdict is what became of an expectation, of a choice, or of a whole run. The zero
// value is NotJudged: what no check has looked at is never a pass.
type Verdict string

// The verdicts.
const (
	NotJudged    Verdict = ""
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive" // it had nothing to judge
)

// Verdicts are all of them, the worst first. A verdict that is none of these counts as
// NotJudged.
var Verdicts = []Verdict{Fail, NotJudged, Inconclusive, Pass}

// String is the verdict in words.
func (v Verdict) String() string {
	if v == NotJudged {
		return "not judged"
	}
	return string(v)
}

// MarshalText writes the verdict in words, for JSON. It never fails.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Worst returns the worst of several verdicts; without any it is a pass.
func Worst(all ...Verdict) Verdict {
	worst := len(Verdicts) - 1
	for _, v := range all {
		worst = min(worst, v.rank())
	}
	return Verdicts[worst]
}

// rank is the place of a verdict in Verdicts.
func (v Verdict) rank() int {
	for i, w := range Verdicts {
		if v == w {
			return i
		}
	}
	return NotJudged.rank()
}
