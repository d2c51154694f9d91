package nginx

import "fmt"

// SetSticky writes a sticky directive, such as "cookie srv expires=1h", into the
// block of an upstream, behind its balancing method, in the place of the one
// that is there. Without parameters it takes that one out. The rest of the text
// stays as it is. Whether the parameters are right, Parse tells.
func SetSticky(text, upstream, parameters string) (string, error) {
	block, err := blockOf(text, upstream)
	if err != nil {
		return "", fmt.Errorf("set sticky of upstream %q: %w", upstream, err)
	}
	e := edit{text, block}
	written := ""
	if parameters != "" {
		written = "sticky " + parameters + ";"
	}
	var changes []change
	var method *directive
	for _, d := range block.block {
		if _, ok := methods[d.text]; ok {
			method = d
		}
		if d.text != "sticky" {
			continue
		}
		if written != "" {
			changes = append(changes, change{d.off, d.end, written})
			written = ""
			continue
		}
		from, to := e.whole(d.off, d.end)
		changes = append(changes, change{from, to, ""})
	}
	if written != "" {
		at, neighbour := block.inner, method
		if method != nil {
			at = method.end
		} else if len(block.block) > 0 {
			neighbour = block.block[0]
		}
		at, before, after := e.insertion(at, neighbour)
		changes = append(changes, change{at, at, before + written + after})
	}
	return e.with(changes), nil
}
