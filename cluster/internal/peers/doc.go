// Package peers holds the suite that runs the cluster against the real things:
// the official Socket.IO client, Node servers with the official Redis adapter,
// the emitter, and a real Redis.
//
//	npm ci --prefix cluster/internal/peers
//	go test -tags peers ./cluster/internal/peers
//
// PEERS_SCRIPTS names a directory with the Node programs of this one and other releases of
// the packages, such as the newest ones (.ci/soak).
//
// It needs node 20 or later and redis-server 7, and fails without them.
package peers
