package cli

import "github.com/spf13/cobra"

// noMotion is the flag that lets nothing on a screen move but numbers.
const noMotion = "no-motion"

// motionFlag gives a command that has a screen the flag.
func motionFlag(cmd *cobra.Command) {
	cmd.Flags().Bool(noMotion, false, "nothing moves on the screen but numbers; so it is where $NO_MOTION, $REDUCE_MOTION or $REDUCED_MOTION is set")
}

// still reports whether the command was given the flag.
func still(cmd *cobra.Command) bool {
	given, err := cmd.Flags().GetBool(noMotion)
	return err == nil && given
}
