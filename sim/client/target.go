package client

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// target is the address and the path of requests.
type target struct {
	addr    string // to dial: "192.168.33.10:80"
	host    string // the Host header
	path    string // "/socket.io/"
	version string // of Engine.IO
	query   string // of the user's own, ending in "&" unless empty
}

func parseTarget(raw, host string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return target{}, fmt.Errorf("client URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "ws" || u.Hostname() == "" {
		return target{}, fmt.Errorf("client URL %q: want http://host:port/path", raw)
	}
	addr := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80"))
	t := target{version: "4", addr: addr, host: cmp.Or(host, u.Host), path: u.EscapedPath(), query: u.RawQuery}
	if t.path == "" || t.path == "/" {
		t.path = "/socket.io/"
	}
	if t.query != "" {
		t.query += "&"
	}
	return t, nil
}

// uri returns the request target: the parameters that the original sends, in
// its order. nonce is the cache buster "t" of polling requests, "" for none.
func (t target) uri(transport, nonce, sid string) string {
	s := t.path + "?" + t.query + "EIO=" + t.version + "&transport=" + transport
	if nonce != "" {
		s += "&t=" + nonce
	}
	if sid != "" {
		s += "&sid=" + sid
	}
	return s
}

// nonce returns a cache buster of the original's shape: the time and three
// characters that differ between requests of one millisecond. It depends only
// on the time, the lane and the number of the request, so that a replayed run
// asks for the same URLs.
func nonce(lane string, n uint32) string {
	h := fnv.New32a()
	h.Write([]byte(lane))
	h.Write(binary.LittleEndian.AppendUint32(nil, n))
	now := strconv.FormatInt(time.Now().UnixMilli(), 36)
	tail := strconv.FormatUint(uint64(h.Sum32()%(36*36*36)), 36)
	return now[min(3, len(now)):] + strings.Repeat("0", 3-len(tail)) + tail
}

// has reports whether the header h says anything of a name.
func has(h http.Header, name string) bool {
	for k := range h {
		if strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

// appendHeader appends the header lines of the configuration, sorted.
func appendHeader(dst []byte, h http.Header) []byte {
	for _, k := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[k] {
			dst = append(dst, k+": "+v+"\r\n"...)
		}
	}
	return dst
}
