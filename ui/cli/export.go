package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/ui/export"
)

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export {nginx|compose|kubernetes|kubernetes-job} SCENARIO",
		Short: "Write a scenario as nginx.conf, compose file or manifests",
		Args:  aForm,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("export what? " + anyForm)
		},
	}
	for _, form := range []struct {
		name, short, long, example, listens string
		as                                  func(export.Options) (string, []string, error)
	}{
		{
			"nginx", "Print a whole nginx.conf in front of nodes of this machine",
			`nginx prints the scenario's proxy as a whole nginx.conf. The nodes are expected on
this machine: the first lines tell how to start them.`,
			`  stickylab export nginx two-regions > nginx.conf
  nginx -t -c "$PWD/nginx.conf"`,
			"nginx", export.Nginx,
		},
		{
			"compose", "Print a compose file with nginx, Redis and the nodes",
			`compose prints a file for docker compose: nginx with the scenario's configuration,
Redis, and the nodes, which are built from stickylab's source folder (this one, or
$STICKYLAB_SOURCE).`,
			`  stickylab export compose redis-adapter > compose.yaml
  docker compose up --build`,
			"this machine", export.Compose,
		},
		{
			"kubernetes", "Print Kubernetes manifests of nginx, Redis and the nodes",
			`kubernetes prints manifests: nginx with the scenario's configuration, whose server
lines lead to services, Redis if the adapter needs it, and the nodes. No image is
published: the first lines tell how to make it from stickylab's source folder.`,
			`  stickylab export kubernetes redis-adapter > cluster.yaml
  kubectl apply -f cluster.yaml`,
			"", export.Kubernetes,
		},
	} {
		var o export.Options
		var l loading
		c := &cobra.Command{
			Use: form.name + " SCENARIO", Short: form.short, Long: form.long, Example: form.example,
			Args:              oneScenario,
			ValidArgsFunction: names,
			RunE:              func(cmd *cobra.Command, args []string) error { return write(cmd, args, l, o, form.as) },
		}
		if form.listens != "" {
			c.Flags().StringVar(&o.Listen, "listen", "", "where "+form.listens+" listens for clients, `HOST:PORT` (default 127.0.0.1:8080)")
		} else {
			imageFlag(c, &o.Image)
		}
		l.variantFlag(c, "export this `VARIANT`")
		cmd.AddCommand(c)
	}
	cmd.AddCommand(newExportJob())
	return cmd
}

// forms are what a scenario is exported to.
var forms = []string{"nginx", "compose", "kubernetes", "kubernetes-job"}

const anyForm = "nginx, compose, kubernetes or kubernetes-job"

func imageFlag(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "image", export.DefaultImage, "the `IMAGE` of stickylab, as the cluster finds it")
}

// aForm refuses a word where the form has to be.
func aForm(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if slices.Contains(scenarios.Names(), args[0]) || isFile(args[0]) {
		return fmt.Errorf("export %s as what? stickylab export nginx %s, compose, kubernetes or kubernetes-job", args[0], args[0])
	}
	err := fmt.Errorf("%q is not a form to export to: %s", args[0], anyForm)
	if near := spell.Nearest(args[0], forms); near != "" {
		err = fmt.Errorf("%w, did you mean %q?", err, near)
	}
	return err
}

// write writes a scenario in another form.
func write(cmd *cobra.Command, args []string, l loading, o export.Options, as func(export.Options) (string, []string, error)) error {
	if err := checkListen("--listen", o.Listen); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	jobs, code := load(cmd, args, l)
	if code != ExitOK {
		return said(code)
	}
	o.Plan, o.Name, o.Listen = jobs[0].plan, jobs[0].name, numeric(o.Listen)
	text, notes, err := as(o)
	if err != nil {
		return &exitError{code: ExitInput, err: fmt.Errorf("%s: %w", jobs[0].arg, err)}
	}
	for _, n := range notes {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %s\n", n)
	}
	return failed(format.Data(cmd.OutOrStdout(), text))
}
