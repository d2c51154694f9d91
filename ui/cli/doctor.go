package cli

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/nginx"
	"stickylab/scenarios"
	"stickylab/sim/doctor"
	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	doctor.Options
	front   string
	direct  bool
	explain int
	alone   bool // without the files that are included
	behind  bool
	json    bool
	names   hostFlag
	clients string
}

func newDoctor() *cobra.Command {
	o := doctorOptions{Options: doctor.Options{Version: nginx.DefaultVersion, From: doctor.Both}}
	cmd := &cobra.Command{
		Use:   "doctor {FILE | -}",
		Short: "Find what an nginx.conf breaks for which clients, and how to fix it",
		Long: `doctor reads an nginx.conf, whole or a part of one, and tries it on Socket.IO
clients of every kind: with and without WebSockets, with and without cookies,
from many networks, from one /24, from one address, and through a proxy in
front. A node dies, clients are idle for minutes, nginx is reloaded, a server is
added.

It reports what breaks for which clients, the line that causes it, and the
smallest change that fixes it. A fix is shown only if the same experiments pass
with it. BREAKS: sessions or messages are lost. COSTS: nothing is lost, but it is
uneven or expensive. IF: something is lost under a condition that the file does
not settle, such as a proxy in front; it does not count, and the flag that
settles it is named: --behind, --direct, --adapter, --processes, --path.

Exit codes: 0 nothing breaks, 1 something does, 2 the input is wrong, 3 nothing
was examined, 4 the program itself failed.`,
		Example: `  stickylab doctor /etc/nginx/nginx.conf
  nginx -T | stickylab doctor -
  stickylab doctor nginx.conf --nginx-version 1.22 --server im.example.com`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one file, or - for standard input\nsee: stickylab doctor --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return diagnose(cmd, args[0], o) },
	}
	f := cmd.Flags()
	f.StringVar((*string)(&o.Version), "nginx-version", string(nginx.DefaultVersion), "the nginx `VERSION` that reads FILE: 1.30 or 1.22")
	f.StringVar(&o.Path, "path", "", "the `PATH` of Socket.IO (default: /socket.io/, or what FILE implies)")
	f.StringVar(&o.Server, "server", "", "examine only the server block with the server_name `NAME`")
	f.StringVar(&o.Upstream, "upstream", "", "examine only what leads to the upstream `NAME`")
	f.StringVar(&o.front, "front", "", "the `IP` of the proxy or CDN in front of nginx, if there is one (default: 192.0.2.10, to be replaced)")
	f.BoolVar(&o.direct, "direct", false, "nothing is in front of nginx: do not try it behind a proxy")
	f.BoolVar(&o.behind, "behind", false, "all clients come through a proxy in front of nginx, such as a CDN")
	cmd.MarkFlagsMutuallyExclusive("direct", "behind")
	f.StringVar(&o.Adapter, "adapter", "", "the `ADAPTER` that the nodes share: redis or none (default: not known)")
	f.IntVar(&o.Processes, "processes", 0, "the `NUMBER` of processes behind each address (default: not known, taken for 1)")
	f.StringVar(&o.clients, "clients", "", "your users, for those of many networks: an access log, or a list of addresses, in `FILE`")
	o.names.register(cmd)
	f.BoolVar(&o.alone, "no-includes", false, "read FILE alone: not the files that it includes in its directory and in /etc/nginx")
	f.IntVar(&o.explain, "explain", 0, "show finding `N` in full: its evidence, its change, and what was tried")
	f.BoolVar(&o.json, "json", false, "write one line of JSON, and nothing else, to standard output")
	return cmd
}

// mostProcesses bounds --processes: more show nothing new.
const mostProcesses = 8

// diagnose examines a file and writes the report.
func diagnose(cmd *cobra.Command, file string, o doctorOptions) error {
	options, err := o.options(file)
	if err != nil {
		return o.refuse(cmd, file, err)
	}
	if people, err := (loading{clients: o.clients}).users(cmd); err != nil {
		return o.refuse(cmd, file, err)
	} else if people != nil {
		options.Clients, options.ClientsFile = people.Clients, people.file
	}
	text, err := readNginx(cmd, file, !o.alone)
	if err == nil && strings.ContainsRune(text, 0) {
		err = fmt.Errorf("%s: not a text file in UTF-8: it contains zero bytes", options.Source)
	}
	if err != nil {
		return o.refuse(cmd, options.Source, err)
	}
	r, problems, err := doctor.Examine(cmd.Context(), text, options)
	switch {
	case len(problems) > 0:
		return complain(cmd, o.json, options.Source, placed(options.Source, text, problems))
	case errors.Is(err, doctor.ErrUnusable):
		return complain(cmd, o.json, options.Source, yamltree.Errors{{File: options.Source, Text: err.Error()}})
	case err != nil:
		return &exitError{code: ExitProgram, err: err}
	}
	screen := format.ScreenOf(cmd.OutOrStdout())
	write := func(w io.Writer) error { return r.WriteText(w, screen) }
	switch {
	case o.json:
		write = r.WriteJSON
	case o.explain > r.Findings():
		return o.refuse(cmd, options.Source, fmt.Errorf("--explain: there is no finding %d: the last is %d", o.explain, r.Findings()))
	case o.explain > 0:
		write = func(w io.Writer) error { return r.WriteFinding(w, o.explain, screen) }
	}
	if err := write(cmd.OutOrStdout()); err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	switch r.Verdict() {
	case doctor.Broken:
		return said(ExitFailed)
	case doctor.Unexamined:
		return said(ExitInconclusive)
	}
	return nil
}

// options returns the flags as the doctor takes them, or an error that names the
// flag with a wrong value.
func (o doctorOptions) options(file string) (doctor.Options, error) {
	out := o.Options
	out.Source, out.Lessons = nameOf(file), taught()
	switch {
	case o.direct:
		out.From = doctor.Direct
	case o.behind:
		out.From = doctor.Behind
	}
	var err error
	if err = checkOptions(&out); err != nil {
		return out, err
	}
	if out.Hosts, err = o.names.hosts(); err != nil {
		return out, err
	}
	if o.Processes < 0 || o.Processes > mostProcesses {
		return out, fmt.Errorf("--processes: %d is not a number from 1 to %d", o.Processes, mostProcesses)
	}
	if o.clients == "-" && file == "-" {
		return out, errors.New("standard input can be read only once")
	}
	if o.explain < 0 {
		return out, fmt.Errorf("--explain: %d is not the number of a finding", o.explain)
	}
	if o.front != "" {
		a, err := netip.ParseAddr(o.front)
		if err != nil || !a.Is4() || a.IsUnspecified() || a.IsLoopback() {
			return out, fmt.Errorf("--front: %q is not an IPv4 address such as 192.0.2.10", o.front)
		}
		out.Front = a
	}
	return out, nil
}

// taught returns the built-in scenarios that are lessons.
func taught() []string {
	var out []string
	for _, name := range scenarios.Names() {
		if text, err := scenarios.Read(name); err == nil && strings.Contains(string(text), "\nlesson:") {
			out = append(out, name)
		}
	}
	return out
}

// refuse reports why nothing was examined when the cause is not in the text.
func (o doctorOptions) refuse(cmd *cobra.Command, source string, err error) error {
	if !o.json {
		return &exitError{code: ExitInput, err: err}
	}
	writeJSONError(cmd.OutOrStdout(), source, err)
	return said(ExitInput)
}
