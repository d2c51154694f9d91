package doctor

import (
	"fmt"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// ownUpstream makes an upstream block of the name in proxy_pass, so that a method can
// choose among its addresses. On a hash ring they would share their points, and take
// turns.
func ownUpstream() fix {
	const method = "hash $remote_addr"
	return changes("list its addresses by the name in an upstream block, and choose the node by the client's address", func(g *target) []syntax.Change {
		server, pass := g.serverBlock(), g.pass()
		if g.block() != nil || server == nil || pass == nil || strings.Contains(pass.Arg(0), "$") || len(g.upstream.Servers) == 0 {
			return nil
		}
		address := g.upstream.Servers[0].Address
		text := g.source.Text()
		before := margin(text, server.Start)
		block := fmt.Sprintf("upstream %[1]s {\n%[2]s    %[3]s;\n%[2]s    server %[4]s;\n%[2]s}\n\n%[2]s", poolName, before, method, address)
		return append(replaceArg(pass, strings.Replace(pass.Arg(0), address, poolName, 1)), syntax.Change{From: server.Start, To: server.Start, Text: block})
	})
}

// poolName is the name of the upstream block that a fix adds.
const poolName = "socket_nodes"
