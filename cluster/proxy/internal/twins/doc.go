// Package twins runs random nginx configurations and random requests on the system's
// nginx and on our proxy, before the same nodes, and compares what comes of each request.
// See TestRandom. It needs the build tag peers and nginx.
package twins
