package cli

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stickylab/cluster/nginx"
	"stickylab/sim/doctor"
	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
	"stickylab/ui/why"
)

// around says how a scenario is made around an nginx.conf.
type around struct {
	doctor.Options
	behind bool
	given  []string // those of its flags that are on the command line, to replay it
}

// aroundFlags are the flags for an nginx.conf.
var aroundFlags = []string{"adapter", "server", "upstream", "path", "nginx-version", "behind"}

// register adds the flags that only an nginx.conf has a use for.
func (o *around) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.Adapter, "adapter", "", "of an nginx.conf: the `ADAPTER` that its nodes share: redis or none")
	f.StringVar(&o.Server, "server", "", "of an nginx.conf: only the server block with the server_name `NAME`")
	f.StringVar(&o.Upstream, "upstream", "", "of an nginx.conf: only what leads to the upstream `NAME`")
	f.StringVar(&o.Path, "path", "", "of an nginx.conf: the `PATH` of Socket.IO (default: /socket.io/, or what the file implies)")
	f.StringVar((*string)(&o.Version), "nginx-version", string(nginx.DefaultVersion), "of an nginx.conf: the `VERSION` that reads it: 1.30 or 1.22")
	f.BoolVar(&o.behind, "behind", false, "of an nginx.conf: all clients come through a proxy in front of it, such as a CDN")
}

// take reads the flags that were given, people being the users of the site, nil for unknown.
func (o *around) take(cmd *cobra.Command, people *users) error {
	o.given = nil
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(aroundFlags, f.Name) {
			o.given = append(o.given, "--"+f.Name+"="+f.Value.String())
		}
	})
	if o.behind {
		o.From = doctor.Behind
	}
	if people != nil {
		o.Clients, o.ClientsFile = people.Clients, people.file
	}
	return checkOptions(&o.Options)
}

// checkOptions checks what flags say about an nginx.conf; the error names the flag.
func checkOptions(o *doctor.Options) (err error) {
	if o.Version, err = nginx.ParseVersion(string(o.Version)); err != nil {
		return fmt.Errorf("--nginx-version: %w", err)
	}
	if o.Adapter != "" && o.Adapter != scenario.AdapterRedis && o.Adapter != scenario.AdapterNone {
		return fmt.Errorf("--adapter: %q is neither redis nor none", o.Adapter)
	}
	if o.Path == "" {
		return nil
	}
	if !strings.HasPrefix(o.Path, "/") {
		return fmt.Errorf("--path: %q does not begin with /", o.Path)
	}
	u, err := url.Parse("http://host" + o.Path)
	if err != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("--path: %q is not the path of a URL", o.Path)
	}
	o.Path = strings.TrimSuffix(u.Path, "/") + "/"
	return nil
}

// read makes a scenario around the nginx.conf that arg names, with a seed, nil for the usual
// one.
func (o *around) read(cmd *cobra.Command, arg string, seed *uint64) (source, *scenario.File, yamltree.Errors) {
	src := source{arg: arg, path: arg, name: format.Line(strings.TrimSuffix(path.Base(arg), ".conf")), file: format.Line(arg)}
	refuse := func(text string) (source, *scenario.File, yamltree.Errors) {
		return src, nil, yamltree.Errors{{Text: text}}
	}
	text, err := readNginx(cmd, arg, true)
	if err == nil && strings.ContainsRune(text, 0) {
		err = fmt.Errorf("%s: not a text file in UTF-8: it contains zero bytes", src.file)
	}
	if err != nil {
		return refuse(err.Error())
	}
	options := o.Options
	options.Source = nameOf(arg)
	if seed != nil {
		options.Seed = *seed
	}
	s, problems, err := doctor.Around(text, options)
	switch {
	case len(problems) > 0:
		return src, nil, placed(src.file, text, problems)
	case errors.Is(err, doctor.ErrUnusable):
		return src, nil, yamltree.Errors{{File: src.file, Text: err.Error(), Hint: "stickylab doctor " + format.ShellWord(arg) + " says more"}}
	case err != nil:
		return refuse(err.Error())
	}
	src.scene, src.said, src.flags = s, append(append([]string{s.About}, s.Sentences()...), "stickylab doctor "+format.ShellWord(arg)+" judges the file."), o.given
	if o.Clients != nil {
		src.flags = append(slices.Clone(src.flags), "--clients="+o.ClientsFile)
	}
	return src, s.File, nil
}

// noneOf returns the error for flags that are of no use with a scenario.
func (o *around) noneOf(arg string) error {
	if len(o.given) == 0 {
		return nil
	}
	name, _, _ := strings.Cut(o.given[0], "=")
	return fmt.Errorf("%s: is for an nginx.conf; %s is a scenario, which says that itself", name, format.Line(arg))
}

// tellScenes writes what is to be known of scenarios that were made or changed, above what comes
// of them.
func tellScenes(cmd *cobra.Command, jobs []job) {
	before := ""
	for _, j := range jobs {
		if len(j.said) == 0 || j.arg == before {
			continue
		}
		before = j.arg
		p := why.NewPage(format.ScreenOf(cmd.ErrOrStderr()))
		for _, s := range j.said {
			p.Wrap(s)
		}
		p.Gap()
		p.WriteTo(cmd.ErrOrStderr())
	}
}

// unjudged says of the result of a scenario that was made or changed that it has no verdict, and
// why.
func (j job) unjudged(r *report.Result) {
	r.Flags = j.flags
	switch {
	case j.scene != nil:
		r.Unjudged = "Nothing is judged here: stickylab doctor " + format.ShellWord(j.arg) + " does that."
	case len(j.said) > 0:
		r.Unjudged = "Nothing is judged here: what the scenario expects is about other clients."
	default:
		return
	}
	r.Verdict = expect.Inconclusive
}
