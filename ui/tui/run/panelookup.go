package run

// has reports whether a pane is on the screen.
func (l layout) has(p Pane) bool { return l.find(p).pane == p }

// find returns where a pane is; the zero place is nowhere.
func (l layout) find(p Pane) place {
	for _, row := range l.rows {
		for _, at := range row {
			if at.pane == p {
				return at
			}
		}
	}
	return place{}
}

// at returns the pane in a cell of the screen.
func (l layout) at(x, y int) place {
	for _, row := range l.rows {
		for _, p := range row {
			if x >= p.x && x < p.x+p.w && y >= p.y && y < p.y+p.h {
				return p
			}
		}
	}
	return place{}
}

// next returns the pane that tab, or with back shift-tab, goes to.
func (l layout) next(from Pane, back bool) Pane {
	order := []Pane{PaneClients, PaneNodes, PaneLog, PaneErrors}
	var here []Pane
	at := 0
	for _, p := range order {
		if l.has(p) {
			if p == from {
				at = len(here)
			}
			here = append(here, p)
		}
	}
	if len(here) == 0 {
		return from
	}
	if back {
		return here[(at+len(here)-1)%len(here)]
	}
	return here[(at+1)%len(here)]
}
