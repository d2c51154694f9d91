package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"stickylab/scenarios"
	"stickylab/ui/control"
	weblive "stickylab/ui/web/live"
)

func newWeb() *cobra.Command {
	var listen string
	var open bool
	cmd := &cobra.Command{
		Use:   "web [SCENARIO]",
		Short: "Show scenarios and lessons in a browser, steer them, go back in time",
		Long: `web serves a page that shows what watch and learn show: which client lands on
which node, which messages arrive and why others do not, and lessons with their
questions. Each tab has a run of its scenario in this process. The page is for this
machine alone, and for whoever has the link, which holds a token.`,
		Example: `  stickylab web
  stickylab web two-regions --open
  stickylab web ./my.yaml --listen 127.0.0.1:8090`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("web takes one scenario at most, not %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			return web(cmd, args, listen, open)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "where to listen on this machine, `HOST:PORT`; port 0 takes a free one")
	cmd.Flags().BoolVar(&open, "open", false, "open the page in the browser")
	return cmd
}

// fileName is the name by which the page asks for the file that was named.
const fileName = "file"

func web(cmd *cobra.Command, args []string, listen string, open bool) error {
	if err := checkListen("--listen", listen); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	if host, _, err := net.SplitHostPort(listen); err != nil || host == "" || !control.Loopback(host) {
		return &exitError{code: ExitInput, err: fmt.Errorf("--listen: %q can be reached from other machines: web is for this one, such as 127.0.0.1:8090", listen)}
	}
	what := ""
	o := weblive.Options{Token: rand.Text()}
	if len(args) == 1 {
		if _, code := load(cmd, args, loading{}); code != ExitOK {
			return said(code)
		}
		what = args[0]
		if isFile(args[0]) {
			what = fileName
			o.Read = func(name string) (string, []byte, error) {
				if name == fileName {
					text, err := readFile(args[0])
					return args[0], text, err
				}
				text, err := scenarios.Read(name)
				return name + ".yaml", text, err
			}
		}
	}
	l, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", listen)
	if err != nil {
		return &exitError{code: ExitInput, err: fmt.Errorf("--listen: %w", err)}
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return failed(err)
	}
	o.Hosts = []string{l.Addr().String(), net.JoinHostPort("localhost", port)}
	handler, err := weblive.New(o)
	if err != nil {
		l.Close()
		return failed(err)
	}
	link := url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/", RawQuery: url.Values{"token": {o.Token}}.Encode(), Fragment: what}
	fmt.Fprintln(cmd.OutOrStdout(), link.String())
	fmt.Fprintln(cmd.ErrOrStderr(), "open this link in a browser of this machine; ctrl+c ends it")
	if open {
		if err := openBrowser(cmd.Context(), link.String()); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: no browser could be opened: %v\n", err)
		}
	}
	return failed(serveWeb(cmd.Context(), l, handler))
}

// serveWeb serves until ctx ends, which also ends the engines.
func serveWeb(ctx context.Context, l net.Listener, handler *weblive.Handler) error {
	engines, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	s := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return engines },
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	end()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if s.Shutdown(grace) != nil {
		s.Close()
	}
	handler.Wait()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// openBrowser opens a link as the system does.
func openBrowser(ctx context.Context, link string) error {
	name, args := "xdg-open", []string{link}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", link}
	}
	cmd := exec.CommandContext(ctx, name, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // its end says nothing: it may be the browser itself
	return nil
}
