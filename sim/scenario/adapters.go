package scenario

import "slices"

// AdapterKinds returns the kinds of adapter that a key switches through: those that the file
// names, in its order, and AdapterNone as the last. One that names none has the classic one.
func (f *File) AdapterKinds() (kinds []string) {
	add := func(kind string) {
		if kind != "" && kind != AdapterNone && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	add(f.Adapter)
	for _, s := range f.Steps {
		if s.Verb == Adapter {
			add(s.Adapter)
		}
	}
	if len(kinds) == 0 {
		add(AdapterRedis)
	}
	return append(kinds, AdapterNone)
}

// NextAdapter returns the kind after one: "off" stands for AdapterNone, "on" for
// AdapterRedis. What is neither, as when nodes have different ones, is followed by the
// first.
func (f *File) NextAdapter(now string) string {
	switch now {
	case "off":
		now = AdapterNone
	case "on":
		now = AdapterRedis
	}
	kinds := f.AdapterKinds()
	return kinds[(slices.Index(kinds, now)+1)%len(kinds)]
}
