package scenario

import (
	"errors"
	"strings"

	"stickylab/cluster/spell"
)

// Methods are the balancing methods that completion and hints offer.
var Methods = []string{"round_robin", "ip_hash", "least_conn", "random", "random two least_conn", "hash $remote_addr", "hash $remote_addr consistent"}

// MethodProblem returns an error of nginx.ParseMethod as a problem, and the hint
// that names the method which was probably meant; the hint may be empty.
func MethodProblem(text string, err error) (problem, hint string) {
	if name, _, _ := strings.Cut(strings.TrimSpace(text), " "); name == "sticky" {
		return err.Error(), "sticky is a directive of the upstream, next to its method: write it in nginx text (`proxy: nginx:`, the step `reload`), or try it with `stickylab compare --policy 'sticky cookie'`"
	}
	var unknown *spell.Unknown
	if errors.As(err, &unknown) {
		return unknown.Problem, spell.Meant(unknown.Near)
	}
	return err.Error(), spell.DidYouMean(text, Methods)
}
