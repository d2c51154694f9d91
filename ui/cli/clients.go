package cli

import (
	"fmt"
	"net/netip"
	"os"

	"github.com/spf13/cobra"

	"stickylab/sim/doctor"
	"stickylab/sim/plan"
	"stickylab/sim/population"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// clientsFlag adds the flag that names a file with the users of a site.
func (o *loading) clientsFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.clients, "clients", "", fmt.Sprintf("your users in place of its clients, at most %d of them: an access log, or a list of addresses, in `FILE`", doctor.MostUsers))
}

// readClients reads the file of --clients.
func readClients(cmd *cobra.Command, path string) (*population.Clients, error) {
	in := cmd.InOrStdin()
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("--clients: %w", err)
		}
		defer f.Close()
		in = f
	}
	return population.Read(nameOf(path), in)
}

// users are those of the file of --clients.
type users struct {
	*population.Clients
	file string
}

// users reads the file of --clients; nil means that none is given.
func (o loading) users(cmd *cobra.Command) (*users, error) {
	if o.clients == "" {
		return nil, nil
	}
	c, err := readClients(cmd, o.clients)
	if err != nil {
		return nil, err
	}
	return &users{c, nameOf(o.clients)}, nil
}

// in puts the users into a scenario in place of its clients, and says so. Like its first group
// they talk and connect. Its expectations are left out, which speak of the others, and so
// are its variants.
func (u *users) in(f *scenario.File, override *uint64) (*scenario.File, []string, yamltree.Errors) {
	p, problems := plan.Resolve(f, override)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	s := u.Sample(doctor.MostUsers, p.Seed, func(a netip.Addr) bool { return !p.Taken(a) })
	if s.Total == 0 {
		return nil, nil, yamltree.Errors{{Text: "no client is left: " + s.LeftOut(u.file)}}
	}
	like := scenario.NewGroup("users")
	if len(f.Clients) > 0 {
		like = f.Clients[0]
		like.Name = "users"
	}
	out := f.Bare()
	out.Clients, out.Expect, out.Lesson, out.Variants = s.Groups(like), nil, nil, nil
	said := []string{"Clients: " + s.Sentence(u.file, p.Seed) + ". What the scenario expects of others is left out."}
	if left := s.LeftOut(u.file); left != "" {
		said = append(said, "Note: "+left)
	}
	after, problems := plan.Resolve(out, override)
	if len(problems) > 0 {
		problems[0].Text = "with the clients of " + u.file + ": " + problems[0].Text
		return nil, nil, problems[:1]
	}
	if text := population.Unreached(after.NoteTexts()); text != "" {
		said = append(said, "Note: "+text)
	}
	return out, said, nil
}
