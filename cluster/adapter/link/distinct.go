package link

import "slices"

// Distinct returns ss with each string once, in the order of their first
// places; ss itself when it is short and nothing is there twice.
func Distinct(ss []string) []string {
	twice := len(ss) > 8 // so many are not compared with each other
	for i := 0; i < len(ss) && !twice; i++ {
		twice = slices.Contains(ss[:i], ss[i])
	}
	if !twice {
		return ss
	}
	seen := make(map[string]struct{}, len(ss))
	once := make([]string, 0, len(ss))
	for _, s := range ss {
		if _, ok := seen[s]; !ok {
			seen[s] = struct{}{}
			once = append(once, s)
		}
	}
	return once
}
