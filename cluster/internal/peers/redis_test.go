//go:build peers

package peers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/gomodule/redigo/redis"

	"stickylab/cluster/adapter"
)

// A realRedis is a redis-server, which can be stopped and started.
type realRedis struct {
	*testing.T
	addr    string
	args    []string
	process *exec.Cmd
	log     bytes.Buffer // read after the end
}

// redisIP is where redis-servers listen, and nothing else: nobody takes the port of
// one that is stopped.
var redisIP = fmt.Sprintf("127.65.%d.%d", os.Getpid()>>8%256, 1+os.Getpid()%254)

// newRedis starts a redis-server until the end of the test. The arguments are
// options of its command line; where "PORT" stands among them that is where it
// listens.
func newRedis(t *testing.T, args ...string) *realRedis {
	t.Helper()
	l, err := net.Listen("tcp", redisIP+":0") // to find a free port
	if err != nil {
		t.Fatal(err)
	}
	r := &realRedis{T: t, addr: l.Addr().String()}
	l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if args == nil {
		args = []string{"--port", "PORT"}
	}
	for _, arg := range append(args, "--bind", redisIP, "--save", "", "--appendonly", "no", "--dir", t.TempDir()) {
		if arg == "PORT" {
			arg = port
		}
		r.args = append(r.args, arg)
	}
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *realRedis) start() {
	r.Helper()
	r.process = exec.Command("redis-server", r.args...)
	r.process.Stdout, r.process.Stderr = &r.log, &r.log
	if err := r.process.Start(); err != nil {
		r.Fatalf("%v: the suite needs redis-server 7", err)
	}
	eventually(r.T, "a Redis that answers", func() bool {
		c, err := net.Dial("tcp", r.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// kill ends it as SIGKILL does.
func (r *realRedis) kill() {
	r.process.Process.Kill()
	r.process.Wait()
	if r.Failed() && r.log.Len() > 0 {
		r.Logf("redis-server:\n%s", r.log.String())
	}
}

// publish publishes from outside the cluster.
func publish(t *testing.T, addr, channel string, message []byte) {
	t.Helper()
	c, err := redis.Dial("tcp", addr, redis.DialConnectTimeout(timeout))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Do("PUBLISH", channel, message); err != nil {
		t.Fatal(err)
	}
}

// backends runs f with the embedded Redis of a cluster and with a real one.
func backends(t *testing.T, f func(t *testing.T, w *world, addr string)) {
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		ch := startChat(t, "", false)
		f(t, ch.world, ch.Address(embeddedRedis))
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		f(t, newWorld(t), newRedis(t).addr)
	})
}

// libraries are the clients of Redis that a Node server may use.
var libraries = []string{"redis", "ioredis", "redis4", "ioredis6"}

// startNode starts a Node server on the Redis.
func startNode(t *testing.T, lib, addr string) *script {
	t.Helper()
	return startNodeWith(t, lib, addr, adapter.Redis, map[string]any{"requestsTimeout": 1000})
}

// startNodeWith starts one with an adapter of a kind.
func startNodeWith(t *testing.T, lib, addr string, kind adapter.Kind, options map[string]any) *script {
	t.Helper()
	argument, err := json.Marshal(map[string]any{"lib": lib, "url": "redis://" + addr, "kind": kind, "options": options})
	if err != nil {
		t.Fatal(err)
	}
	return start(t, "server.mjs", string(argument))
}

func unquote(t *testing.T, text string) string {
	t.Helper()
	s, err := strconv.Unquote(text)
	if err != nil || strings.TrimSpace(s) == "" {
		t.Fatalf("%s is no string", text)
	}
	return s
}
