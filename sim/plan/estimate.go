package plan

import (
	"sort"
	"time"

	"stickylab/sim/scenario"
)

// Load is what a run is about to cost.
type Load struct {
	Clients    int
	Messages   int // said, by clients on their own and by steps
	Deliveries int // due, if all clients stay connected
	Bytes      int // of texts with a size: as they are said, and as they are delivered
	CPU        time.Duration
}

// Costs on one core: measured over the whole path, client to client.
const (
	perDelivery = 10 * time.Microsecond
	perClient   = time.Millisecond
	perMegabyte = 10 * time.Millisecond // of texts with a size
	perSecond   = 20 * time.Microsecond // of a connected client's virtual time: pings and polls
)

// Estimate says what a run of the plan will do, as far as that is known before:
// each client connects at its time, joins its room at once, and stays.
func Estimate(p *Plan) Load {
	clients := p.Everyone()
	load := Load{Clients: len(clients)}
	rooms := map[string][]Client{}
	var connected time.Duration
	for _, c := range clients {
		rooms[c.Room] = append(rooms[c.Room], c)
		connected += p.File.Duration - c.Connect
	}
	for _, members := range rooms {
		messages, deliveries, bytes := roomLoad(members, p.File.Duration)
		load.Messages += messages
		load.Deliveries += deliveries
		load.Bytes += bytes
	}
	for _, s := range p.Steps {
		if targets := Targets(clients, s.Who); s.Verb == scenario.Say && len(targets) > 0 {
			load.Messages++
			room := len(rooms[clients[targets[0]].Room])
			load.Deliveries += room
			load.Bytes += s.Size * (1 + room)
		}
	}
	load.CPU = time.Duration(load.Deliveries)*perDelivery + time.Duration(load.Clients)*perClient +
		time.Duration(connected.Seconds()*float64(perSecond)) + time.Duration(load.Bytes/1000)*(perMegabyte/1000)
	return load
}

// roomLoad counts what is said in a room and to how many. A client's messages
// before another joined do not reach that one.
func roomLoad(members []Client, duration time.Duration) (messages, deliveries, bytes int) {
	sort.Slice(members, func(i, j int) bool { return members[i].Connect < members[j].Connect })
	// later[i]: for the members that join after i, how long they are there in all.
	later := make([]float64, len(members)+1)
	for i := len(members) - 1; i >= 0; i-- {
		later[i] = later[i+1] + (duration - members[i].Connect).Seconds()
	}
	said, due, sized := 0.0, 0.0, 0.0
	for i, c := range members {
		if c.Say <= 0 {
			continue
		}
		own := (duration - c.Connect).Seconds()
		says, hears := own/c.Say.Seconds(), (own*float64(i+1)+later[i+1])/c.Say.Seconds()
		said += says
		due += hears
		sized += (says + hears) * float64(c.Size)
	}
	return int(said + 0.5), int(due + 0.5), int(sized + 0.5)
}
