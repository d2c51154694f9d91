package tui

import "os"

// motionSigns are the variables by which an environment asks for less motion. There is no standard: these are
// those that other programs honour.
var motionSigns = []string{"NO_MOTION", "REDUCE_MOTION", "REDUCED_MOTION"}

// reducedMotion reports whether the environment asks for less motion.
func reducedMotion() bool {
	for _, name := range motionSigns {
		switch os.Getenv(name) {
		case "", "0", "false", "no":
		default:
			return true
		}
	}
	return false
}
