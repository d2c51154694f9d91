package cli

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"

	"stickylab/ui/control"
)

// checkListen returns an error when a flag's value is not an address to listen
// on. An empty one is none.
func checkListen(flag, address string) error {
	if address == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(address)
	if err == nil && host != "" && host != "localhost" {
		_, err = netip.ParseAddr(host)
	}
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%s: %q is not an address and a port such as 127.0.0.1:8080", flag, address)
	}
	return nil
}

// warnOpen warns of an address that other machines can reach.
func warnOpen(w io.Writer, flag, address string) {
	if host, _, err := net.SplitHostPort(address); err == nil && (host == "" || !control.Loopback(host)) {
		fmt.Fprintf(w, "warning: %s %s can be reached from other machines; nothing is encrypted, and no client is asked who it is\n", flag, address)
	}
}
