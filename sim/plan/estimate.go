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

// Costs on one core and in memory: measured over the whole path, client to client, in the
// course (go test ./sim -run - -bench Estimates -benchtime 3x).
const (
	perDelivery  = 12e-6 // seconds, as all of these
	perRequest   = 0.1e-3
	perSession   = 0.75e-3
	perMegabyte  = 10e-3 // of texts with a size
	perSecond    = 5e-6  // of a connected client's virtual time: pings
	pollTime     = 0.08  // seconds of a poll, in which messages gather
	pingPeriod   = 25
	emptyMemory  = 25e6 // bytes, as all of these
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
	fare
}

// Estimate says what a run of the plan will do, as far as that is known before:
// each client connects at its time, joins its room at once, and stays.
func Estimate(p *Plan) Load {
	e := estimate{
		plan: p, rooms: make(map[string][]presence), settings: make(map[string]scenario.Settings), fares: make(map[string]fare), reached: make(map[string]reach), reach: 1,
	}
	for _, c := range p.Clients {
		e.enter(c.Group, c.Connect, c.Settings)
	}
	crosses := p.File.Adapter != scenario.AdapterNone
	groups := scenario.NewTimeline(p.File.Clients, p.Steps)
	for _, s := range p.Steps {
		switch s.Verb {
		case scenario.Adapter:
			crosses = crosses || s.Adapter != scenario.AdapterNone
		case scenario.Add:
			g := s.Newcomers()
			if usual, grows := e.settings[s.Who]; grows {
				g.Settings = s.Group.Settings.Or(usual)
			}
			for range g.Count {
				e.enter(s.Who, s.At+(g.Connect.Min+g.Connect.Max)/2, g.Settings)
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
				e.once(float64(s.Size), 1, len(e.rooms[e.settings[g.Name].Room]), e.fares[g.Name].most)
			}
		case scenario.Emit:
			nodes := 1
			if s.Node == "" && !s.Local {
				nodes = len(p.Nodes)
			}
			e.once(0, nodes, len(e.rooms[s.Room]), 0)
		}
	}
	l := e.Load
	l.CPU = e.heard*e.reach*perDelivery + (e.requests+e.polled*e.reach)*perRequest + e.sessions*perSession + e.connected*perSecond + e.carried*e.reach/1e6*perMegabyte
	l.Memory += emptyMemory + float64(l.Clients)*clientMemory
	return l
}

// estimate is a load that is being summed up.
type estimate struct {
	Load
	plan      *Plan
	rooms     map[string][]presence
	settings  map[string]scenario.Settings // of the groups, as they began
	fares     map[string]fare              // of the groups
	reached   map[string]reach             // where requests to URLs go
	connected float64                      // seconds of all clients
	reach     float64                      // the part of what is due that can arrive: without an adapter only that of the same node

	heard    float64 // deliveries to clients whose sessions last
	polled   float64 // polls that these take
	requests float64 // all others
	sessions float64 // that are opened
	carried  float64 // bytes of what is heard, and of what is said
}

// enter lets a client of a group come.
func (e *estimate) enter(group string, at time.Duration, s scenario.Settings) {
	if _, known := e.settings[group]; !known {
		e.settings[group], e.fares[group] = s, e.fareOf(s)
	}
	f, there := e.fares[group], (e.plan.File.Duration - at).Seconds()
	e.rooms[s.Room] = append(e.rooms[s.Room], presence{at, s, f})
	e.Clients++
	e.connected += there
	e.sessions += f.hears + f.opens*there
	e.requests += f.begins + (f.asks+f.polls/pingPeriod*2)*there
}

// once adds a text that some say once, to a room of so many; a text above most bytes
// reaches no one.
func (e *estimate) once(size float64, some, members int, most float64) {
	due := float64(some * members)
	e.Messages += float64(some)
	e.Deliveries += due
	e.Bytes += size * (1 + due)
	if most > 0 && size > most {
		e.carried += size
		return
	}
	e.heard += due
	e.carried += size * (1 + due)
	e.Memory += size * due * e.reach
}

// room counts what is said in a room and to how many. A client's messages before another
// joined do not reach that one.
func (e *estimate) room(members []presence) {
	duration := e.plan.File.Duration
	sort.Slice(members, func(i, j int) bool { return members[i].connect < members[j].connect })
	// later[i]: for the members that join after i, how long they are there in all, how
	// long those that hear, and how long those that poll.
	later := make([]audience, len(members)+1)
	rate := 0.0
	for i := len(members) - 1; i >= 0; i-- {
		c := members[i]
		later[i] = later[i+1].and(c, (duration - c.connect).Seconds())
		if c.Say > 0 {
			rate += c.hears / c.Say.Seconds()
		}
	}
	together := 1 + rate*pollTime // messages that one poll brings
	said, largest, sizes := 0.0, 0.0, 0.0
	rate = 0
	var before audience // those that are there, i among them
	for i, c := range members {
		if before = before.and(c, 1); c.Say <= 0 {
			continue
		}
		own, period, size := (duration - c.connect).Seconds(), c.Say.Seconds(), float64(c.Size)
		says, rest := own/period, later[i+1]
		said += says
		hears := (own*before.all + rest.all) / period
		heard := c.hears * (own*before.hear + rest.hear) / period
		e.Deliveries += hears
		e.Bytes += (says + hears) * size
		e.heard += heard
		e.polled += c.hears * (own*before.poll + rest.poll) / period / together
		e.requests += c.polls * says
		e.carried += (says + heard) * size
		rate += 1 / period
		sizes += size / period
		largest = max(largest, size)
	}
	e.Messages += said
	all := float64(len(members))
	e.Memory += min(said, rate*(remembered+e.plan.File.Settle.Seconds()))*(memoryOf+memoryOfEach*all) + (largest+sizes*inFlight)*all*e.reach
}

// audience counts clients: all, those that hear what is said, and those that poll for it.
type audience struct{ all, hear, poll float64 }

// and returns the audience with so many more of a kind.
func (a audience) and(c presence, n float64) audience {
	return audience{a.all + n, a.hear + n*c.hears, a.poll + n*c.polls}
}
