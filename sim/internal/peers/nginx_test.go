//go:build peers

package peers

import (
	"fmt"
	"regexp"
	"testing"

	"stickylab/cluster/proxy/realnginx"
)

var (
	listenLine = regexp.MustCompile(`\blisten\s+[^;]+;`)
	serverLine = regexp.MustCompile(`(\bserver\s+)([^\s;{]+)`)
)

// harnessed is the scenario's text with what nginx needs on one machine: ports
// of loopback in the place of the addresses, and the lines with which each
// virtual client has its own address.
func harnessed(text, listen string, real func(node string) string) string {
	text = listenLine.ReplaceAllString(text, "listen "+listen+" proxy_protocol;\n"+
		"set_real_ip_from 127.0.0.0/8;\nreal_ip_header proxy_protocol;")
	return serverLine.ReplaceAllStringFunc(text, func(line string) string {
		part := serverLine.FindStringSubmatch(line)
		if addr := real(part[2]); addr != "" {
			return part[1] + addr
		}
		return line
	})
}

// realNginx returns what starts an nginx that follows the scenario's text, as
// sim.Options.Proxy takes it.
func realNginx(t *testing.T, text string) func(func(string) string) (string, func(), error) {
	return func(real func(string) string) (string, func(), error) {
		addr, err := realnginx.FreeAddr()
		if err != nil {
			return "", nil, err
		}
		stop, err := realnginx.Start(t, addr, harnessed(text, addr, real))
		return addr, stop, err
	}
}

// version is which of the versions that scenarios know the system's nginx
// behaves as.
func version(t *testing.T) string {
	t.Helper()
	var minor, patch int
	if _, err := fmt.Sscanf(realnginx.Version(t), "1.%d.%d", &minor, &patch); err != nil {
		t.Fatal(err)
	}
	if minor > 29 || minor == 29 && patch >= 7 { // where proxy_http_version became 1.1
		return "1.30"
	}
	return "1.22"
}
