package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"stickylab/sim/format"
	"stickylab/ui/export"
)

// jobOptions are the flags of export kubernetes-job.
type jobOptions struct {
	loading
	seeds  string
	sets   []string
	shards int
	image  string
}

func newExportJob() *cobra.Command {
	var o jobOptions
	c := &cobra.Command{
		Use:   "kubernetes-job SCENARIO",
		Short: "Print Kubernetes manifests of a sweep, a shard in each pod",
		Long: `kubernetes-job prints manifests of an Indexed Job that runs stickylab sweep, a shard
in each pod, and of a Job that merges the shards and reports the whole. A scenario
file goes along in a ConfigMap. No image is published: the first lines tell how to
make it from stickylab's source folder.`,
		Example: `  stickylab export kubernetes-job two-regions --seeds 1..10000 --shards 20 > sweep.yaml
  kubectl apply -f sweep.yaml`,
		Args:              oneScenario,
		ValidArgsFunction: names,
		RunE:              func(cmd *cobra.Command, args []string) error { return exportJob(cmd, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.seeds, "seeds", "1..1000", "run with the seeds `FROM..TO`")
	setFlag(c, &o.sets, "run with each of the values of `KEY=A,B` (more than once for all combinations)")
	o.variantFlag(c, "run this `VARIANT`")
	f.IntVar(&o.shards, "shards", 10, "the number of pods, `N`")
	imageFlag(c, &o.image)
	return c
}

// exportJob writes the manifests of a sweep that can be run.
func exportJob(cmd *cobra.Command, arg string, o jobOptions) error {
	space, err := sweepSpace(o.seeds, o.sets)
	if err == nil && (o.shards < 1 || o.shards > export.MostShards) {
		err = fmt.Errorf("--shards: %d is not a number from 1 to %s", o.shards, format.Number(export.MostShards))
	}
	if err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	src, text, plans, problems := readSweep(arg, o.variant, space)
	if len(problems) > 0 {
		return complain(cmd, false, arg, problems)
	}
	j := export.Job{Plan: plans[0], Name: src.arg, Shards: o.shards, Image: o.image, Words: []string{"--seeds", space.Seeds.String()}}
	if isFile(arg) {
		j.Name, j.Text = src.name, string(text)
	}
	if o.variant != "" {
		j.Words = append(j.Words, "--variant", format.ShellWord(o.variant))
	}
	for _, set := range o.sets {
		j.Words = append(j.Words, "--set", format.ShellWord(set))
	}
	return failed(format.Data(cmd.OutOrStdout(), export.KubernetesJob(j)))
}
