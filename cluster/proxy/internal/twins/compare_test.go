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
	"regexp"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx"
)

// outcome is what comes of a request.
type outcome struct {
	status  string   // "200 OK"; or how the connection ended
	header  []string // sorted, without those that tell the time
	body    string
	refused []string // peers that refused the connection
	seen    []string // requests of the nodes
	noLive  int      // how often no peer was left
}

// difference is where nginx and our proxy differ.
type difference struct {
	kind string // "status 404/502", nginx's first
	step int    // its number in the play; -1: the configuration
	text string
}

func (d *difference) String() string {
	return fmt.Sprintf("%s at step %d:\n%s", d.kind, d.step, d.text)
}

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

func refusal(real, own error, step int) *difference {
	switch {
	case (real == nil) == (own == nil):
		return nil
	case real == nil:
		return &difference{"only we refuse: " + reason(own), step, own.Error()}
	}
	return &difference{"only nginx refuses: " + reason(real), step, real.Error()}
}

// particular is what differs from one refusal of a kind to another.
var particular = regexp.MustCompile(`"[^"]*"|[\d./:]+| in .*`)

// reason is why a configuration is refused, in general.
func reason(err error) string {
	_, text, emergency := strings.Cut(err.Error(), "[emerg] ")
	if !emergency {
		_, text, _ = strings.Cut(err.Error(), ": ")
	}
	text, _, _ = strings.Cut(text, "\n")
	return strings.TrimSpace(particular.ReplaceAllString(text, ""))
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

// errorPages finds the statuses in error_page directives.
var errorPages = regexp.MustCompile(`(?m)\berror_page [^;]*;`)

// known reports whether two outcomes differ where ours does it on purpose. Words are what
// nginx logs.
//   - A file that error_page names is taken to be there, as it is where somebody wrote
//     that line; here nginx does not find it.
//   - nginx spoils an upgrade that an error page makes: it answers with the error's status, as if a body followed.
//   - nginx never answers a body in chunks that is too large where error_page for 413 leads to an
//     upstream: it waits for more of a body that has ended.
func (t *theater) known(say, words string, want, got *outcome) bool {
	missing := strings.Contains(words, "(2: No such file or directory)") || strings.Contains(words, "is not found")
	if missing && len(got.seen) == 0 && got.refused == nil {
		pages := strings.Join(errorPages.FindAllString(t.text, -1), " ")
		return pages != "" && (code(got.status) == "200" || strings.Contains(pages, code(got.status)))
	}
	if code(got.status) == "101" && slices.Contains(want.header, "Upgrade: websocket") {
		return true
	}
	return want.status == "nothing came" && strings.Contains(say, "\r\nTransfer-Encoding: chunked\r\n")
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

// differ compares two outcomes.
func differ(s step, want, got *outcome) *difference {
	kind := ""
	switch {
	case want.status != got.status:
		kind = "status " + code(want.status) + "/" + code(got.status)
	case !slices.Equal(want.refused, got.refused):
		kind = "peers that refuse"
	case len(want.seen) != len(got.seen):
		kind = "number of peers"
	case want.noLive != got.noLive:
		kind = "no live upstreams"
	}
	for i := range want.seen {
		if kind == "" && want.seen[i] != got.seen[i] {
			kind = seenKind(want.seen[i], got.seen[i])
		}
	}
	if kind == "" && !slices.Equal(want.header, got.header) {
		kind = "answer: " + firstOther(want.header, got.header)
	}
	if kind == "" && want.body != got.body {
		kind = "body"
	}
	if kind == "" {
		return nil
	}
	return &difference{kind: kind, text: fmt.Sprintf("%s to %s: %q\nnginx: %s\nours:  %s", s.from, s.to, s.say, want, got)}
}

func (o *outcome) String() string {
	return fmt.Sprintf("%s %q\n       refused %v, no live %d, nodes got %q\n       %.300q", o.status, o.header, o.refused, o.noLive, o.seen, o.body)
}

func code(status string) string {
	if len(status) > 3 && status[0] <= '9' {
		return status[:3]
	}
	return status
}

// seenKind says how two requests to nodes differ.
func seenKind(want, got string) string {
	a, b := strings.Split(want, "\r\n"), strings.Split(got, "\r\n")
	switch {
	case a[0] != b[0]:
		return "chosen peer"
	case a[1] != b[1]:
		return "request line"
	}
	if slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))) {
		return "order of headers"
	}
	return "header to the peer: " + firstOther(a[2:], b[2:])
}

// firstOther names the first header that only one has.
func firstOther(a, b []string) string {
	for _, lists := range [][2][]string{{a, b}, {b, a}} {
		for _, line := range lists[0] {
			if !slices.Contains(lists[1], line) {
				name, _, _ := strings.Cut(line, ":")
				return name
			}
		}
	}
	return "how often"
}

// ready is an address that the play does not use.
func (p *play) ready() string {
	if own := ownAddress.FindString(p.text); own != "" {
		return own[:strings.LastIndexByte(own, '.')] + ".250:20999"
	}
	return "127.64.0.1:20999"
}
