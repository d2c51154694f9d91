package doctor

// Only returns options with which only these experiments run after the first, by
// their names in a report.
func (o Options) Only(names ...string) Options {
	o.only = append([]string{}, names...)
	return o
}
