package compare

import (
	"testing"
	"time"
)

// A key does the same to both runs at the same instant, and the clock continues from there for both.
func TestStepsInBoth(t *testing.T) {
	d := sit(t, "two-regions", "redis-adapter", 140, 45)
	p := d.m
	p.Steered = true
	p.Seek(10 * time.Second)
	d.settle()
	for _, keys := range [][]string{{"x"}, {"r"}, {"a"}, {"e"}, {":"}} {
		d.Press(keys...)
		if keys[0] == ":" {
			d.Type("emit redis")
			d.Press("ctrl+u")
			d.Type("say beijing-01 yo")
			d.Press("enter")
		}
		d.settle()
		if a, b := p.sides[0].At(), p.sides[1].At(); a != b || a != p.at {
			t.Fatalf("after %v the sides are at %v and %v, the clock at %v", keys, a, b, p.at)
		}
	}
	for i, side := range p.sides {
		f := side.Frame
		if f.Nodes[1].Up || f.Stage.Redis.State != "down" || f.Adapter() != "on" {
			t.Errorf("side %d: %+v, redis %s, adapter %s", i, f.Nodes[1], f.Stage.Redis.State, f.Adapter())
		}
	}
	p.Seek(p.at + 3*time.Second)
	d.settle()
	p.Seek(5 * time.Second)
	d.settle()
	d.Press("x")
	d.Shows("in the past nothing can be done to both")
}

// A step that cannot be done is told, and the runs continue.
func TestRefusedStep(t *testing.T) {
	d := sit(t, "two-regions", "redis-adapter", 140, 45)
	d.m.Steered = true
	d.m.Seek(10 * time.Second)
	d.settle()
	d.Press(":")
	d.Type("move beijing 192.0.2.0/29")
	d.Press("enter")
	d.settle()
	if text, loss := d.Shell.Notice(); !loss {
		t.Errorf("told %q", text)
	}
	if d.m.failure() != nil {
		t.Fatalf("the runs failed: %v", d.m.failure())
	}
	d.m.Seek(12 * time.Second)
	d.settle()
}

// The policy, the nodes and what is said change in both, each from what it has.
func TestPolicyNodesAndWordsInBoth(t *testing.T) {
	d := sit(t, "two-regions", "redis-adapter", 140, 45)
	p := d.m
	p.Steered = true
	p.Seek(10 * time.Second)
	d.settle()
	d.Press("p")
	d.Shows("policy of the proxy, in both")
	d.Press("down", "down", "enter")
	d.settle()
	d.Press("+")
	d.settle()
	d.Press("m")
	d.Shows("say in both as beijing-01: hi")
	d.Press("ctrl+u")
	d.Type("tea?")
	d.Press("enter")
	d.settle()
	p.Seek(p.at + time.Second)
	d.settle()
	for i, side := range p.sides {
		f := side.Frame
		if f.Policy != "least_conn" || len(f.Nodes) != 3 {
			t.Errorf("side %d: policy %q, %d nodes", i, f.Policy, len(f.Nodes))
		}
		if hand := f.Live.Hand(); len(hand) != 3 || hand[2].Text != "tea?" || hand[2].Who != "beijing-01" {
			t.Errorf("side %d did %v", i, hand)
		}
	}
	d.Press("-")
	d.settle()
	p.Seek(p.at + time.Second)
	d.settle()
	for i, side := range p.sides {
		if n := len(side.Frame.Nodes); n != 2 {
			t.Errorf("side %d: %d nodes", i, n)
		}
	}
	d.Press("p")
	for range 9 {
		d.Press("down")
	}
	d.Press("enter") // a cookie, which is the last
	d.settle()
	d.Press("p", "enter") // and from it to ip_hash: one step takes the cookie away
	d.settle()
	p.Seek(p.at + time.Second)
	d.settle()
	for i, side := range p.sides {
		if f := side.Frame; f.Policy != "ip_hash" || side.Failure != nil {
			t.Errorf("side %d: policy %q, %v", i, f.Policy, side.Failure)
		}
	}
}
