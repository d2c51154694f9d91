package run

// arrangeLow lays the panes out where there is little height, since there is text below it:
// the clients and the nodes, who hears whom with the expectations, and the journey of the last message.
func arrangeLow(f *Frame, width, height int) (layout, bool) {
	matrix := min(1+len(f.Nodes), max(height/2-2, 2)) + 2
	clients := height - matrix
	if clients < 4 || width < leastMarks {
		return layout{}, false
	}
	words := 0
	if width >= 76 {
		need := f.MarksHeight(width-1-max(nodesWidth, width/2-1)) - 2
		need = max(need, min(3*len(f.Nodes), 9)) + 2
		switch {
		case clients-need >= 4:
			words, clients = clients-need, need
		case clients >= 10:
			words, clients = 5, clients-5
		}
	}
	l := layout{form: barsOnly, folded: true, rows: [][]place{
		{{pane: PaneClients, w: width, h: clients}},
		{{pane: PaneMatrix, w: width, h: matrix}},
	}}
	if width >= 76 {
		nodes := max(nodesWidth, width/2-1)
		l.rows[0][0].w = width - 1 - nodes
		l.rows[0] = append(l.rows[0], place{pane: PaneNodes, w: nodes, h: clients})
		l.rows[1][0].w = width - 1 - leastWords
		l.rows[1] = append(l.rows[1], place{pane: PaneErrors, w: leastWords, h: matrix})
	}
	if words >= 5 && width >= leastJourney {
		l.rows = append(l.rows, []place{{pane: PaneStage, w: width, h: 5}})
		words -= 5
	}
	if words >= 4 {
		l.rows = append(l.rows, []place{{pane: PaneLog, w: width, h: words}})
	}
	l.settle()
	return l, true
}
