package nginx

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// share is a line of split_clients: all hashes below its bound that no line
// before it took.
type share struct {
	below uint32 // 0 means the rest
	value string
}

// splitClients reads a split_clients block
// (ngx_conf_split_clients_block).
func (r *reader) splitClients(d *syntax.Directive) {
	m := &Map{Pos: d.Pos, Source: d.Args[0].Text}
	r.uses(d.Args[0])
	if !r.mapVariable(m, d.Args[1]) {
		return
	}
	m.shares = []share{}
	sum, last := 0, uint64(0)
	for _, line := range d.Block {
		if line.IsBlock || len(line.Args) != 1 {
			r.Fail(BadForm, line.Pos, "a line is a share and a value, such as 10% new", "invalid number of the split_clients parameters")
			continue
		}
		s := share{value: line.Args[0].Text}
		if line.Name == "*" {
			sum = 10000
		} else {
			n, ok := hundredths(line.Name)
			if !ok {
				r.Fail(BadValue, line.Pos, "a share is written as 10% or 0.5%", "invalid percent value %q", line.Name)
				continue
			}
			sum += n
			last += uint64(n) * math.MaxUint32 / 10000
			s.below = uint32(last)
		}
		if sum > 10000 {
			r.Fail(BadValue, line.Pos, "", "percent total is greater than 100%%")
			return
		}
		m.shares = append(m.shares, s)
	}
}

// hundredths reads a share, "0.5%", above 0.
func hundredths(s string) (int, bool) {
	s, ok := strings.CutSuffix(s, "%")
	whole, part, _ := strings.Cut(s, ".")
	if !ok || len(part) > 2 || !digits(whole) || part != "" && !digits(part) {
		return 0, false
	}
	n, err := strconv.Atoi(whole + (part + "00")[:2])
	return n, err == nil && n > 0 && n <= 10000
}

// split returns the value of the share that a key falls into, "" when none has
// it.
func split(shares []share, key string) string {
	h := murmur(key)
	for _, s := range shares {
		if s.below == 0 || h < s.below {
			return s.value
		}
	}
	return ""
}

// murmur is MurmurHash2 with seed 0 (ngx_murmur_hash2).
func murmur(s string) uint32 {
	const m = 0x5bd1e995
	b := []byte(s)
	h := uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := binary.LittleEndian.Uint32(b) * m
		h = h*m ^ (k^k>>24)*m
	}
	for i := len(b) - 1; i >= 0; i-- {
		h ^= uint32(b[i]) << (8 * i)
	}
	if len(b) > 0 {
		h *= m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}
