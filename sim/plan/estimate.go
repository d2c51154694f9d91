package plan

import (
	"sort"
	"time"

	"stickylab/sim/scenario"
)

// Load is what a run is about to cost. The counts are no integers: what a file asks for
// may be more than these can hold.
type Load struct {
	Clients    int
	Messages   float64 // said, by clients on their own and by steps, and emitted
	Deliveries float64 // due, if all clients stay connected
	Bytes      float64 // of texts with a size: as they are said, and as they are delivered
	CPU        float64 // seconds of one core
	Memory     float64 // bytes at the peak
}

// Costs on one core and in memory: measured over the whole path, client to client.
const (
	perDelivery  = 8e-6 // seconds, as all of these
	perClient    = 0.7e-3
	perMegabyte  = 10e-3 // of texts with a size
	perSecond    = 5e-6  // of a connected client's virtual time: pings and polls
	emptyMemory  = 25e6  // bytes, as all of these
	clientMemory = 70e3
	memoryOf     = 1000 // a message that is remembered,
	memoryOfEach = 0.8  // and each of its receivers
	remembered   = 60   // seconds, after the time to settle
	inFlight     = 0.2  // seconds
)

// presence is a client in its room.
type presence struct {
	connect time.Duration
	scenario.Settings
}

// Estimate says what a run of the plan will do, as far as that is known before:
// each client connects at its time, joins its room at once, and stays.
func Estimate(p *Plan) Load {
	e := estimate{plan: p, rooms: make(map[string][]presence), settings: make(map[string]scenario.Settings), reach: 1}
	for _, c := range p.Clients {
		e.enter(c.Group, presence{c.Connect, c.Settings})
	}
	crosses := p.File.Adapter == scenario.AdapterRedis
	groups := scenario.NewTimeline(p.File.Clients, p.Steps)
	for _, s := range p.Steps {
		switch s.Verb {
		case scenario.Adapter:
			crosses = crosses || s.Adapter == scenario.AdapterRedis
		case scenario.Add:
			g := s.Newcomers()
			if usual, grows := e.settings[s.Who]; grows {
				g.Settings = s.Group.Settings.Or(usual)
			}
			for range g.Count {
				e.enter(s.Who, presence{s.At + (g.Connect.Min+g.Connect.Max)/2, g.Settings})
			}
		}
	}
	if !crosses {
		e.reach = 1 / float64(max(len(p.Nodes), 1))
	}
	for _, members := range e.rooms {
		e.room(members)
	}
	for _, s := range p.Steps {
		switch s.Verb {
		case scenario.Say:
			if g := groups.Of(s.Who); g != nil {
				e.once(float64(s.Size), 1, len(e.rooms[e.settings[g.Name].Room]))
			}
		case scenario.Emit:
			nodes := 1
			if s.Node == "" && !s.Local {
				nodes = len(p.Nodes)
			}
			e.once(0, nodes, len(e.rooms[s.Room]))
		}
	}
	l := e.Load
	l.CPU = l.Deliveries*e.reach*perDelivery + float64(l.Clients)*perClient + e.connected*perSecond + l.Bytes*e.reach/1e6*perMegabyte
	l.Memory += emptyMemory + float64(l.Clients)*clientMemory
	return l
}

// estimate is a load that is being summed up.
type estimate struct {
	Load
	plan      *Plan
	rooms     map[string][]presence
	settings  map[string]scenario.Settings // of the groups, as they began
	connected float64                      // seconds of all clients
	reach     float64                      // the part of what is due that can arrive: without an adapter only that of the same node
}

// enter lets a client of a group come.
func (e *estimate) enter(group string, c presence) {
	if _, known := e.settings[group]; !known {
		e.settings[group] = c.Settings
	}
	e.rooms[c.Room] = append(e.rooms[c.Room], c)
	e.Clients++
	e.connected += (e.plan.File.Duration - c.connect).Seconds()
}

// once adds a text that some say once, to a room of so many.
func (e *estimate) once(size float64, some, members int) {
	due := float64(some * members)
	e.Messages += float64(some)
	e.Deliveries += due
	e.Bytes += size * (1 + due)
	e.Memory += size * due * e.reach
}

// room counts what is said in a room and to how many. A client's messages before another
// joined do not reach that one.
func (e *estimate) room(members []presence) {
	duration := e.plan.File.Duration
	sort.Slice(members, func(i, j int) bool { return members[i].connect < members[j].connect })
	// later[i]: for the members that join after i, how long they are there in all.
	later := make([]float64, len(members)+1)
	for i := len(members) - 1; i >= 0; i-- {
		later[i] = later[i+1] + (duration - members[i].connect).Seconds()
	}
	said, rate, largest, sizes := 0.0, 0.0, 0.0, 0.0
	for i, c := range members {
		if c.Say <= 0 {
			continue
		}
		own, period, size := (duration - c.connect).Seconds(), c.Say.Seconds(), float64(c.Size)
		says, hears := own/period, (own*float64(i+1)+later[i+1])/period
		said += says
		e.Deliveries += hears
		e.Bytes += (says + hears) * size
		rate += 1 / period
		sizes += size / period
		largest = max(largest, size)
	}
	e.Messages += said
	all := float64(len(members))
	e.Memory += min(said, rate*(remembered+e.plan.File.Settle.Seconds()))*(memoryOf+memoryOfEach*all) + (largest+sizes*inFlight)*all*e.reach
}
