package run

import (
	"time"

	"stickylab/ui/stage"
	"stickylab/ui/tui/screen"
)

// motion is where the picture is between two frames: while time passes it lags behind by one of them, so that what happened between
// the two can be seen to move.
type motion struct {
	frame *Frame        // the last one that was seen
	from  time.Duration // the instant of the one before
	began time.Time     // when it was seen
	at    time.Duration // the instant that is shown
}

// longestStep is the span between two frames that is shown as movement. What takes place in more, at a high
// speed, is too much to be followed.
const longestStep = 600 * time.Millisecond

// animate moves the picture on; moved reports whether there is anything that moves.
func (p *Player) animate(t screen.Tick) (moved bool) {
	x := &p.motion
	if p.Frame == nil {
		return false
	}
	if x.frame != p.Frame {
		x.from = p.Frame.Cursor.At
		if x.frame != nil && x.frame.Live == p.Frame.Live {
			x.from = x.frame.Cursor.At
		}
		x.frame, x.began = p.Frame, t.Now
	}
	before, to := x.at, p.Frame.Cursor.At
	x.at = to
	if step := to - x.from; p.passes() && step > 0 && step <= longestStep {
		share := min(float64(t.Now.Sub(x.began))/float64(RefreshTime), 1)
		x.at = x.from + time.Duration(share*float64(step))
	}
	return x.at != before
}

// passes reports whether time passes by itself.
func (p *Player) passes() bool { return p.served != nil && p.riding || p.playing }

// moving returns what moves in the picture: nothing when that is not wanted or would be too fast.
func (p *Player) moving() []stage.Dot {
	x := &p.motion
	switch {
	case p.Still || p.Frame == nil:
		return nil
	case x.frame != p.Frame || !p.passes():
		return p.Frame.Stage.Dots(p.Frame.Cursor.At)
	case x.frame.Cursor.At-x.from > longestStep:
		return nil
	}
	return p.Frame.Stage.Dots(x.at)
}

// instant returns the instant of the picture, for what is drawn again only when that changes.
func (p *Player) instant() time.Duration {
	if p.Still || p.motion.frame != p.Frame {
		return 0
	}
	return p.motion.at
}
