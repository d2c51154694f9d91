package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
)

// misuse returns what cobra says about the arguments of a command in a plain
// sentence, with the help of that command.
func misuse(cmd *cobra.Command, err error) *exitError {
	return &exitError{code: ExitInput, err: fmt.Errorf("%w\nsee: %s --help", plain(cmd, err), cmd.CommandPath())}
}

// plain returns err in a plain sentence.
func plain(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var wrong *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		// The flag may well be right, after a word that is no command.
		if cmd.HasSubCommands() && cmd.Args != nil {
			if wrong := cmd.Args(cmd, cmd.Flags().Args()); wrong != nil {
				return wrong
			}
		}
		return unknownFlag(cmd, unknown)
	case errors.As(err, &wrong):
		return fmt.Errorf("--%s: %q is %s", wrong.GetFlag().Name, wrong.GetValue(), unwanted(wrong))
	case errors.As(err, &missing):
		return fmt.Errorf("--%s needs a value", missing.GetFlag().Name)
	}
	if a, b, found := apart(cmd); found {
		return fmt.Errorf("--%s and --%s exclude each other", a, b)
	}
	return err
}

// apart finds two flags that were given and exclude each other.
func apart(cmd *cobra.Command) (a, b string, found bool) {
	given := make(map[string]string) // by the group, as cobra keeps it
	cmd.Flags().Visit(func(f *pflag.Flag) {
		for _, group := range f.Annotations["cobra_annotation_mutually_exclusive"] {
			if other, ok := given[group]; ok && !found {
				a, b, found = other, f.Name, true
			}
			given[group] = f.Name
		}
	})
	return a, b, found
}

// unknownFlag names the flag that was probably meant.
func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError) error {
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		return fmt.Errorf("unknown flag %q", "-"+short)
	}
	name := unknown.GetSpecifiedName()
	var flags []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	if near := spell.Nearest(name, flags); near != "" {
		return fmt.Errorf("unknown flag %q, did you mean %q?", "--"+name, "--"+near)
	}
	return fmt.Errorf("unknown flag %q", "--"+name)
}

// unwanted says what is wrong with the value of a flag.
func unwanted(wrong *pflag.InvalidValueError) string {
	switch wrong.GetFlag().Value.Type() {
	case "uint64":
		if errors.Is(wrong, strconv.ErrRange) {
			return "too large"
		}
		return "not a whole number, 0 or more"
	case "int":
		return "not a whole number"
	case "intSlice":
		return "not a list of whole numbers separated by commas"
	case "bool":
		return "neither true nor false"
	case "duration":
		return "not a duration such as 20s"
	}
	return errors.Unwrap(wrong).Error()
}

// someScenarios lets a command take one scenario or more.
func someScenarios(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("name a scenario, such as two-regions")
	}
	return nil
}

// oneScenario lets a command take exactly one scenario.
func oneScenario(cmd *cobra.Command, args []string) error {
	if err := someScenarios(cmd, args); err != nil {
		return err
	}
	return atMostOne("scenario")(cmd, args)
}

// oneOrTwo lets a command take one scenario or two.
func oneOrTwo(cmd *cobra.Command, args []string) error {
	if err := someScenarios(cmd, args); err != nil {
		return err
	}
	if len(args) > 2 {
		return fmt.Errorf("%s takes one scenario or two, not %d", cmd.Name(), len(args))
	}
	return nil
}

// atMostOne lets a command take one thing or none.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return fmt.Errorf("%s takes one %s, not %d", cmd.Name(), what, len(args))
		}
		return nil
	}
}

// nothing lets a command take no arguments.
func nothing(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments: %q", cmd.Name(), args[0])
	}
	return nil
}

// onlyFiles lets the program without a command take scenario files, for its
// list of scenarios; any other word is a misspelt command.
func onlyFiles(cmd *cobra.Command, args []string) error {
	for _, arg := range args {
		if !isFile(arg) {
			return unknownCommand(cmd, arg)
		}
	}
	return nil
}

// unknownCommand says what was probably meant by a word that is no command of
// cmd.
func unknownCommand(cmd *cobra.Command, word string) error {
	if slices.Contains(scenarios.Names(), word) {
		return fmt.Errorf("%s is a scenario: stickylab run %s, watch %s or learn %s", word, word, word, word)
	}
	if hint := nginxHint(word); hint != "" {
		return fmt.Errorf("%q is no command\nhint: %s", word, hint)
	}
	var commands []string
	for _, c := range cmd.Commands() {
		commands = append(commands, c.Name())
	}
	err := fmt.Errorf("unknown command %q", word)
	if near := spell.Nearest(word, commands); near != "" {
		return fmt.Errorf("%w, did you mean %q?", err, near)
	}
	if near := spell.Nearest(word, scenarios.Names()); near != "" {
		return fmt.Errorf("%w, did you mean the scenario %q, as in stickylab run %s?", err, near, near)
	}
	return err
}

// newHelp is the command for the help of the others.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) (out []string, _ cobra.ShellCompDirective) {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			for _, c := range about.Commands() {
				if c.IsAvailableCommand() && strings.HasPrefix(c.Name(), word) {
					out = append(out, c.Name()+"\t"+c.Short)
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return misuse(about, unknownCommand(about, rest[0]))
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}
