package run

import "slices"

// has reports whether a pane is on the screen.
func (l layout) has(p Pane) bool { return l.find(p).pane == p }

// find returns where a pane is; the zero place is nowhere.
func (l layout) find(p Pane) place {
	return l.first(func(at place) bool { return at.pane == p })
}

// at returns the pane in a cell of the screen.
func (l layout) at(x, y int) place {
	return l.first(func(p place) bool { return x >= p.x && x < p.x+p.w && y >= p.y && y < p.y+p.h })
}

func (l layout) first(is func(place) bool) place {
	for _, row := range l.rows {
		if i := slices.IndexFunc(row, is); i >= 0 {
			return row[i]
		}
	}
	return place{}
}

// focusOrder are the panes that can have the focus, in the order of tab.
var focusOrder = []Pane{PaneClients, PaneNodes, PaneStage, PaneMatrix, PaneLog, PaneErrors}

// next returns the pane that tab, or with back shift-tab, goes to.
func (l layout) next(from Pane, back bool) Pane {
	here := slices.DeleteFunc(slices.Clone(focusOrder), func(p Pane) bool { return !l.has(p) })
	if len(here) == 0 {
		return from
	}
	by := 1
	if back {
		by = len(here) - 1
	}
	return here[(max(slices.Index(here, from), 0)+by)%len(here)]
}
