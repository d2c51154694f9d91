// Package adapter is the seam between a node and what carries its broadcasts to others:
// the table of the kinds, and how one is opened.
//
// # What was tried with official servers
//
// Node servers of socket.io 4.8.4 with @socket.io/redis-adapter 8.3.0 and
// @socket.io/redis-streams-adapter 0.3.1, and ours, in one cluster on a redis-server 7 and on
// the embedded one (cluster/internal/peers, tag peers). "o>o" is from our servers to ours,
// "o>n" from ours to those of Node, "n>o" from those of Node to ours.
//
//	operation                        redis        redis-sharded  redis-streams
//	                                 o>o o>n n>o  o>o o>n n>o    o>o o>n n>o
//	broadcast, to rooms, except      yes yes yes  yes yes yes    yes yes yes
//	local, volatile, compressed      yes yes yes  yes yes yes    yes yes yes
//	binary and other odd values      yes yes yes  yes yes yes    yes yes yes
//	broadcast with acknowledgements  yes yes yes  yes yes yes    yes yes yes
//	fetchSockets                     yes yes yes  yes yes yes    yes yes yes
//	socketsJoin, socketsLeave        yes yes yes  yes yes yes    yes yes yes
//	disconnectSockets                yes yes yes  yes yes yes    yes yes yes
//	serverSideEmit, and with ack     yes yes yes  yes yes yes    yes yes yes
//	serverCount, a server vanishes   yes yes yes  yes yes yes    yes yes yes
//	allRooms                         yes yes yes  -   -   -      -   -   -
//	the emitter                      yes yes yes  -   -   -      -   -   -
//
// A dash: the official adapter has no such call, or there is no such package. The sharded
// adapter was tried in its three modes. That a server waits for Redis before it serves its
// clients, see Spec.Waits, was seen of both kinds of server with Redis stopped.
//
// # Who hears whom
//
// Nodes with different kinds do not hear each other, as with the official packages: sharded
// channels, plain channels and the stream are three places. What a node with the streams
// adapter asks of others over pub/sub it publishes where a node with the classic adapter
// listens; that one drops it here, and an official one on ioredis ends over it.
package adapter
