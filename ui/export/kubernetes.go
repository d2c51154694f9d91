package export

import (
	"cmp"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// DefaultImage is the image that manifests name: there is none to download, and their first
// lines say how to make it.
const DefaultImage = "stickylab"

// Kubernetes returns manifests of nginx, Redis if the adapter needs it, and the nodes, and
// notes on what will be different. It fails when a server line stands for several nodes, or
// when the names of two nodes make the same name of a service.
func Kubernetes(o Options) (text string, remarks []string, err error) {
	p := o.Plan
	image := cmp.Or(o.Image, DefaultImage)
	services, err := serviceNames(p.Nodes)
	if err != nil {
		return "", nil, err
	}
	var places []place
	for i, n := range p.Nodes {
		places = append(places, place{n, net.JoinHostPort(services[i], strconv.Itoa(int(n.Listen.Port())))})
	}
	conf, err := proxyText(p, places, anywhere)
	if err != nil {
		return "", nil, err
	}
	entries := entryPorts(p)
	var b strings.Builder
	lines := []string{"", "The image is made in the source folder of stickylab; a cluster that does not share",
		"this machine's images needs it in its registry, and its name here (--image):", ""}
	lines = append(lines, dockerBuild(image, "scratch")...)
	lines = append(lines, "", "Then:", "", "  kubectl apply -f FILE",
		fmt.Sprintf("  kubectl port-forward service/proxy 8080:%d", entries[0]), "", "and http://127.0.0.1:8080/",
		"", "Each node has a service with one address that stays, and one pod: nginx looks names",
		"up once, at its start, and affinity is to one process. Clients of a port-forward have",
		"the address 127.0.0.1. To give each its own, add these lines to the server block and",
		"send X-Forwarded-For:", "  set_real_ip_from 127.0.0.0/8;", "  real_ip_header X-Forwarded-For;")
	b.WriteString(head(o, lines...))
	b.WriteString(configMap("proxy", "nginx.conf", whole(conf)))
	b.WriteString(deployment(pod{
		name: "proxy", image: "nginx:" + string(p.File.NginxVersion), ports: entries,
		more: `          volumeMounts:
            - {name: conf, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}
      volumes:
        - {name: conf, configMap: {name: proxy}}
`}))
	b.WriteString(service("proxy", entries))
	if p.File.Adapter == scenario.AdapterRedis {
		b.WriteString(deployment(pod{name: "redis", image: "redis:7-alpine", ports: []uint16{6379}}))
		b.WriteString(service("redis", []uint16{6379}))
	}
	for i, n := range p.Nodes {
		port := []uint16{n.Listen.Port()}
		b.WriteString(deployment(pod{name: services[i], image: image, local: true, args: words(p, n), ports: port}))
		b.WriteString(service(services[i], port))
	}
	return b.String(), notes(p), nil
}

// dockerBuild is a command that makes the image of stickylab on that of another.
func dockerBuild(image, from string) []string {
	lines := []string{"  docker build -t " + image + " -f - . <<'END'"}
	for line := range strings.Lines(dockerfile(from)) {
		lines = append(lines, "  "+strings.TrimSuffix(line, "\n"))
	}
	return append(lines, "  END")
}

// dockerfile makes the image of stickylab on that of another. The version control is left
// out: the folder may be a part of a repository that the image does not hold.
func dockerfile(from string) string {
	return `FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -buildvcs=false -o /stickylab .
FROM ` + from + `
COPY --from=build /stickylab /stickylab
ENTRYPOINT ["/stickylab"]
`
}

// entryPorts are the ports of the proxy that clients reach, that of the file's url first.
func entryPorts(p *plan.Plan) []uint16 {
	out := []uint16{p.Entry.Address.Port()}
	for _, g := range p.File.Clients {
		if w := p.RouteOf(g.Name); w.Upstream != "" && !slices.Contains(out, w.Entry.Address.Port()) {
			out = append(out, w.Entry.Address.Port())
		}
	}
	return out
}

var notOfService = regexp.MustCompile(`[^a-z0-9]+`)

// serviceNames are the names of nodes as names of services: small letters, digits and -,
// beginning with a letter (RFC 1035).
func serviceNames(nodes []scenario.Node) ([]string, error) {
	var out []string
	for _, n := range nodes {
		name := strings.Trim(notOfService.ReplaceAllString(strings.ToLower(n.Name), "-"), "-")
		if name == "" || name[0] >= '0' && name[0] <= '9' {
			name = "node-" + name
		}
		name = strings.TrimRight(name[:min(len(name), 63)], "-")
		if i := slices.Index(out, name); i >= 0 {
			return nil, fmt.Errorf("the nodes %s and %s would both be the service %s: give one another name", nodes[i].Name, n.Name, name)
		}
		out = append(out, name)
	}
	return out, nil
}

// block writes a text as a value of YAML after its key, on lines with a margin.
func block(text, margin string) string {
	if format.Printable(text) == text && strings.TrimSpace(text) != "" && !strings.HasPrefix(text, " ") {
		return "|\n" + indented(text, margin)
	}
	return strconv.Quote(text) + "\n" // what YAML has only in quotes, whose escapes are those of Go
}

func configMap(name, key, text string) string {
	return fmt.Sprintf(`---
apiVersion: v1
kind: ConfigMap
metadata: {name: %s, labels: {app.kubernetes.io/part-of: stickylab}}
data:
  %s: %s`, name, strconv.Quote(key), block(text, "    "))
}

// pod is the only container of a pod.
type pod struct {
	name, image string
	local       bool     // the image may be on the machine already
	args        []string // quoted
	ports       []uint16
	more        string
}

// deployment runs one pod, and never two at a time.
func deployment(d pod) string {
	var b strings.Builder
	fmt.Fprintf(&b, `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, labels: {app.kubernetes.io/part-of: stickylab}}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      containers:
        - name: %[1]s
          image: %[2]s
`, d.name, strconv.Quote(d.image))
	if d.local {
		b.WriteString("          imagePullPolicy: IfNotPresent\n")
	}
	if len(d.args) > 0 {
		fmt.Fprintf(&b, "          args: [%s]\n", strings.Join(d.args, ", "))
	}
	b.WriteString("          ports:\n")
	for _, port := range d.ports {
		fmt.Fprintf(&b, "            - {containerPort: %d}\n", port)
	}
	fmt.Fprintf(&b, "          readinessProbe: {tcpSocket: {port: %d}, periodSeconds: 2}\n", d.ports[0])
	b.WriteString(d.more)
	return b.String()
}

func service(name string, ports []uint16) string {
	var b strings.Builder
	fmt.Fprintf(&b, `---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, labels: {app.kubernetes.io/part-of: stickylab}}
spec:
  selector: {app: %[1]s}
  ports:
`, name)
	for _, port := range ports {
		fmt.Fprintf(&b, "    - {name: tcp-%[1]d, port: %[1]d, targetPort: %[1]d}\n", port)
	}
	return b.String()
}
