//go:build peers

package twins

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx"
)

// pair is a client's connection to both.
type pair struct {
	real, own *client
}

type client struct {
	net.Conn
	r *bufio.Reader
}

// theater runs one play.
type theater struct {
	*stage
	real  *real
	own   *own
	pairs map[string]*pair
	text  string // the configuration that is in effect
	asked int
}

// compare runs a play on both. The result is nil when they agree; bothRefuse reports that
// neither takes the configuration. It fails when the play could not be run.
func compare(version nginx.Version, p *play) (d *difference, asked int, bothRefuse bool, err error) {
	nodes, err := newStage(p.nodes())
	if err != nil {
		return nil, 0, false, err
	}
	defer nodes.close()
	dir, err := os.MkdirTemp("", "twins")
	if err != nil {
		return nil, 0, false, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "users"), []byte("u:{PLAIN}p\n"), 0o600); err != nil {
		return nil, 0, false, err
	}
	t := &theater{stage: nodes, pairs: map[string]*pair{}, text: p.text}
	ready := p.ready()
	var refusedReal, refusedOwn error
	if t.real, refusedReal = startReal(dir, ready, p.text, slices.ContainsFunc(p.steps, func(s step) bool { return s.verb == reload })); refusedReal == nil {
		defer t.real.stop()
	} else if !errors.Is(refusedReal, errRefused) {
		return nil, 0, false, refusedReal
	}
	if t.own, refusedOwn = startOwn(version, p.text); refusedOwn == nil {
		defer t.own.stop()
	}
	defer t.hangUp()
	if d := refusal(refusedReal, refusedOwn, -1); d != nil || refusedReal != nil {
		return d, 0, d == nil, nil
	}
	for i, s := range p.steps {
		d, err := t.step(s)
		if d != nil {
			d.step = i
		}
		if d != nil || err != nil {
			return d, t.asked, false, err
		}
	}
	return nil, t.asked, false, nil
}

func (t *theater) step(s step) (*difference, error) {
	switch s.verb {
	case become:
		n := t.nodes[s.to]
		if n == nil { // it was shrunk away
			return nil, nil
		}
		err := n.become(s.say)
		time.Sleep(2 * time.Millisecond) // both notice that kept connections are closed
		return nil, err
	case reload:
		t.hangUp()
		t.text = s.reload
		real, own := t.real.reload(s.reload), t.own.reload(s.reload)
		if real != nil && !errors.Is(real, errRefused) {
			return nil, real
		}
		return refusal(real, own, 0), nil
	}
	return t.ask(s)
}

func (t *theater) hangUp() {
	for key, p := range t.pairs {
		p.real.Close()
		p.own.Close()
		delete(t.pairs, key)
	}
}

// ask makes a request of both.
func (t *theater) ask(s step) (*difference, error) {
	key := s.from + " " + s.to
	p := t.pairs[key]
	if p == nil {
		var d net.Dialer
		d.LocalAddr, _ = net.ResolveTCPAddr("tcp", s.from+":0")
		real, wrongReal := d.Dial("tcp", s.to)
		from := &net.TCPAddr{IP: d.LocalAddr.(*net.TCPAddr).IP}
		if wrongReal == nil {
			from = real.LocalAddr().(*net.TCPAddr)
		}
		own, wrongOwn := t.own.dial(from, s.to)
		if (wrongReal == nil) != (wrongOwn == nil) {
			return &difference{kind: "who listens", text: fmt.Sprintf("%s\nnginx: %v\nours:  %v", s.to, wrongReal, wrongOwn)}, nil
		}
		if wrongReal != nil {
			return nil, nil
		}
		p = &pair{&client{real, bufio.NewReader(real)}, &client{own, bufio.NewReader(own)}}
		t.pairs[key] = p
	}
	t.asked++
	want, closedReal := p.real.exchange(s.say)
	want.seen = t.taken()
	words := t.real.words()
	want.noLive = strings.Count(words, "no live upstreams")
	t.attempts(&want)
	got, closedOwn := p.own.exchange(s.say)
	got.seen = t.taken()
	dials, said := t.own.since()
	for _, text := range said {
		got.noLive += strings.Count(text, "no live upstreams")
	}
	got.refused = t.refusing(dials)
	if closedReal || closedOwn {
		p.real.Close()
		p.own.Close()
		delete(t.pairs, key)
	}
	if t.known(s.say, words, &want, &got) {
		return nil, nil
	}
	return differ(s, &want, &got), nil
}

// attempts takes the peers that nginx has tried out of the header.
func (t *theater) attempts(o *outcome) {
	o.header = slices.DeleteFunc(o.header, func(line string) bool {
		list, ok := strings.CutPrefix(line, "X-Upstream: ")
		if ok {
			o.refused = append(o.refused, strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })...)
		}
		return ok
	})
	o.refused = t.refusing(o.refused)
}

// refusing are those of the peers that refuse connections.
func (t *theater) refusing(addrs []string) (list []string) {
	for _, addr := range addrs {
		if n := t.nodes[addr]; n != nil && n.refuses() {
			list = append(list, addr)
		}
	}
	return list
}

// exchange sends a request and reads the answer.
func (c *client) exchange(say string) (o outcome, closed bool) {
	c.SetDeadline(time.Now().Add(timeout))
	io.WriteString(c, say)
	method, _, _ := strings.Cut(say, " ")
	a, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		return outcome{status: ending(err)}, true
	}
	for name, values := range a.Header {
		for _, value := range values {
			if name != "Date" {
				o.header = append(o.header, name+": "+value)
			}
		}
	}
	o.status = a.Status
	o.header = append(o.header, fmt.Sprintf("(length %d, chunked %v)", a.ContentLength, len(a.TransferEncoding) > 0))
	if a.Close {
		o.header = append(o.header, "Connection: close")
	}
	if a.StatusCode == http.StatusSwitchingProtocols {
		a.Body, a.Close = io.NopCloser(c.r), true
	}
	slices.Sort(o.header)
	body, err := io.ReadAll(a.Body)
	o.body = string(body)
	if err != nil {
		o.body += " and then " + ending(err)
	}
	return o, err != nil || a.Close
}

// ending says how a connection has ended.
func ending(err error) string {
	var late net.Error
	switch {
	case errors.As(err, &late) && late.Timeout():
		return "nothing came"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "reset"):
		return "the connection ended"
	}
	return err.Error()
}

// ready is an address that the play does not use.
func (p *play) ready() string {
	if own := ownAddress.FindString(p.text); own != "" {
		return own[:strings.LastIndexByte(own, '.')] + ".250:20999"
	}
	return "127.64.0.1:20999"
}
