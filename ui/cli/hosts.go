package cli

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/sim/scenario"
)

// hostFlag is the flag --host, which says what addresses the names of a file have.
type hostFlag struct{ pairs []string }

func (h *hostFlag) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&h.pairs, "host", nil, "the addresses of a name in FILE: `NAME=IP[,IP...]` (repeatable; default: localhost has two, any other name one)")
}

// hosts reads the flag. It returns an error for a pair that is not NAME=IP[,IP...],
// and for a name that comes twice.
func (h *hostFlag) hosts() (out []scenario.Host, err error) {
	for _, pair := range h.pairs {
		name, list, ok := strings.Cut(pair, "=")
		if !ok || name == "" || list == "" {
			return nil, fmt.Errorf("--host: %q is not NAME=IP[,IP...], such as app=10.0.0.1,10.0.0.2", pair)
		}
		host := scenario.Host{Name: name}
		for text := range strings.SplitSeq(list, ",") {
			a, err := netip.ParseAddr(text)
			if err != nil || a.Zone() != "" {
				return nil, fmt.Errorf("--host: %q is not an address, such as 10.0.0.1", text)
			}
			if slices.Contains(host.Addresses, a) {
				return nil, fmt.Errorf("--host: %s has the address %s twice", name, text)
			}
			host.Addresses = append(host.Addresses, a)
		}
		if slices.ContainsFunc(out, func(o scenario.Host) bool { return o.Name == host.Name }) {
			return nil, fmt.Errorf("--host: %s is given twice; write all addresses of it in one: %s=IP,IP", name, name)
		}
		out = append(out, host)
	}
	return out, nil
}
