package export

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Compose returns a compose file with nginx, Redis and the nodes, and notes on
// what will be different. It fails when a server line stands for several nodes.
func Compose(o Options) (text string, remarks []string, err error) {
	o.Listen = cmp.Or(o.Listen, defaultListen)
	p := o.Plan
	var places []place
	var nodes []string
	for _, n := range p.Nodes {
		nodes = append(nodes, key(n.Name))
		places = append(places, place{n, net.JoinHostPort(n.Name, strconv.Itoa(int(n.Listen.Port())))})
	}
	conf, err := proxyText(p, places, anywhere)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	b.WriteString(head(o, "",
		"With Docker Compose 2.23.1 or newer, in the source folder of stickylab or with",
		"STICKYLAB_SOURCE set to it:",
		"", "  docker compose up --build", "", "then http://"+o.Listen+"/", "",
		"Clients on this machine have the address of Docker's gateway. To give each its",
		"own, add these lines to the server block and send X-Forwarded-For:",
		"  set_real_ip_from 172.16.0.0/12;",
		"  set_real_ip_from 192.168.0.0/16;",
		"  real_ip_header X-Forwarded-For;"))
	fmt.Fprintf(&b, `
services:
  proxy:
    image: nginx:%s
    ports: [%s]
    configs: [{source: nginx, target: /etc/nginx/nginx.conf}]
    depends_on: [%s]

  redis:
    image: redis:7-alpine
`, p.File.NginxVersion, strings.Join(ports(p, o.Listen), ", "), strings.Join(nodes, ", "))
	for i, n := range p.Nodes {
		b.WriteString("\n  " + nodes[i] + ":\n")
		if i == 0 { // the others take the image that this one makes
			b.WriteString(build)
		}
		fmt.Fprintf(&b, "    image: stickylab\n    command: [%s]\n", strings.Join(words(p, n), ", "))
		if p.File.Adapter == scenario.AdapterRedis {
			b.WriteString("    depends_on: [redis]\n")
		}
	}
	b.WriteString("\nconfigs:\n  nginx:\n    content: ")
	// A dollar begins a variable of compose.
	content := strings.ReplaceAll(whole(conf), "$", "$$")
	if format.Printable(content) == content {
		b.WriteString("|\n" + indented(content, "      "))
	} else { // what YAML has only in quotes, whose escapes are those of Go
		b.WriteString(strconv.Quote(content) + "\n")
	}
	return b.String(), notes(p), nil
}

// ports returns the ports that the proxy is reached at, that of the file's url
// first.
func ports(p *plan.Plan, listen string) []string {
	entries := entryPorts(p)
	out := []string{fmt.Sprintf(`"%s:%d"`, listen, entries[0])}
	host, _, _ := net.SplitHostPort(listen)
	for _, port := range entries[1:] {
		outside := int(port)
		if outside < 1024 {
			outside += 8000
		}
		out = append(out, fmt.Sprintf(`"%s:%d"`, net.JoinHostPort(host, strconv.Itoa(outside)), port))
	}
	return out
}

// build makes the image of the nodes.
var build = `    build:
      context: ${STICKYLAB_SOURCE:-.}
      dockerfile_inline: |
` + indented(dockerfile("scratch"), "        ")

// words returns the command line of a node in its container.
func words(p *plan.Plan, n scenario.Node) []string {
	port := strconv.Itoa(int(n.Listen.Port()))
	list := strings.Fields(command(p, n.Name, "0.0.0.0:"+port, "redis://redis:6379"))[1:]
	for i, w := range list {
		list[i] = strconv.Quote(w)
	}
	return list
}

// anywhere listens on every address of the container.
func anywhere(written string) string {
	host, port := cut(written)
	if strings.Contains(host, ":") {
		return "[::]:" + strconv.Itoa(port)
	}
	return strconv.Itoa(port)
}
