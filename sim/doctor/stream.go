package doctor

import (
	"fmt"
	"slices"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// passesOn reports whether a text passes connections on, by a stream block or by the inside of
// one, and proxies no request.
func passesOn(list []*syntax.Directive) bool {
	streams, proxies := false, false
	for _, d := range list {
		switch inside := []*syntax.Directive{d}; {
		case d.Name == "stream" && d.IsBlock:
			streams = true
		case d.Name == "server" && len(d.Find("proxy_pass")) > 0 && len(d.Find("location")) == 0:
			streams = true
		default:
			syntax.Each(inside, func(o *syntax.Directive) {
				proxies = proxies || o.Name == "proxy_pass" || slices.Contains(handlers, o.Name)
			})
		}
	}
	return streams && !proxies
}

// otherPorts are those of protocols that are not HTTP.
var otherPorts = map[int]string{
	21: "FTP", 22: "SSH", 25: "SMTP", 53: "DNS", 110: "POP3", 143: "IMAP", 389: "LDAP", 465: "SMTP", 587: "SMTP", 636: "LDAP", 993: "IMAP", 995: "POP3",
	1433: "SQL Server", 1521: "Oracle", 1883: "MQTT", 2379: "etcd", 3306: "MySQL", 3389: "RDP", 5432: "PostgreSQL", 5672: "AMQP", 6379: "Redis", 6443: "Kubernetes",
	8883: "MQTT", 9042: "Cassandra", 9092: "Kafka", 11211: "memcached", 27017: "MongoDB",
}

// otherProtocol names the protocol that a server of stream passes on, by its ports; "" when it
// may be HTTP.
func otherProtocol(p *prepared, s *nginx.Server) string {
	if s.Stream == nil || len(s.Listen) == 0 {
		return ""
	}
	if what := otherPorts[s.Listen[0].Port]; what != "" {
		return what
	}
	if u := p.config.Upstream(s.Stream.Upstream); u != nil && len(u.Servers) > 0 {
		return otherPorts[u.Servers[0].Port]
	}
	return ""
}

// connects reports whether the site is a server of stream, which passes connections on.
func (s *site) connects() bool { return s.server != nil && s.server.Stream != nil }

// unit is what a node is chosen for.
func (s *site) unit() string {
	if s.connects() {
		return "connections"
	}
	return "requests"
}

// streamServer finds the block of the examined server of stream in the text as it is; chain are the
// blocks around it.
func (g *target) streamServer() (chain []*syntax.Directive) {
	syntax.Each(g.source.Directives, func(d *syntax.Directive) {
		if d.Name == "server" && d.IsBlock && d.Pos.Line == g.server.Pos.Line && chain == nil {
			chain = []*syntax.Directive{d}
		}
	})
	for _, d := range g.source.Directives {
		if d.Name == "stream" && slices.ContainsFunc(d.Block, func(o *syntax.Directive) bool { return len(chain) > 0 && o == chain[0] }) {
			return append([]*syntax.Directive{d}, chain...)
		}
	}
	return chain
}

// announces is the line that sends the nodes a PROXY line, which Node.js takes for a broken
// request; nil means none.
func (g *target) announces() *syntax.Directive {
	if !g.connects() || !g.server.Stream.Announce {
		return nil
	}
	return g.above("proxy_protocol")
}

// trustBalancer takes the client's address from the PROXY line that a server of stream gets.
func (x *examination) trustBalancer() fix {
	return changes("take the client's address from the PROXY line of the balancer in front"+x.placeholderHint(), func(g *target) []syntax.Change {
		if !g.connects() || !g.balanced {
			return nil
		}
		line := "set_real_ip_from " + x.options.Front.String()
		if from := g.above("set_real_ip_from"); from != nil {
			return []syntax.Change{g.source.InsertAfter(from, line)}
		}
		return g.insertInServer(line)
	})
}

// causeBehindStream is causeBehind where connections are passed on.
func causeBehindStream(x *examination, g *target) Cause {
	from := g.above("set_real_ip_from")
	switch {
	case !g.balanced:
		return g.lacking(g.serverBlock(), "proxy_protocol at listen, and set_real_ip_from: stream reads no header, and without a PROXY line from the proxy in front it sees one address for all clients")
	case from == nil:
		return g.lacking(g.serverBlock(), "set_real_ip_from: the address in the PROXY line is not taken, and stream sees that of the balancer for all clients")
	}
	return g.at(from, fmt.Sprintf("it does not trust %s, the balancer in front: stream takes that for the address of all clients", x.options.Front))
}
