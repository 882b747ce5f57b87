package main

// goal is what a figure is held to.
type goal struct {
	what, want string
	state      state
	got        string
}

type state int

const (
	unmeasured state = iota
	missed
	reached
)

func (g goal) verdict() string { return [...]string{"not measured", "not met", "met"}[g.state] }

// because is the figure, or why there is none.
func (g goal) because() string {
	if g.got == "" {
		return ""
	}
	return " (" + g.got + ")"
}

// The goals, in the order in which they are printed.
const (
	goalReads = iota
	goalUnchanged
	goalRest4
	goalRest200
	goalProcesses
	goalCrowd
	goalStart
	goalResident
	goalParseTime
	goalParseBytes
	goalLog
	goalFlat
	goalTools
	goalTokens
	goalSize
	numberOfGoals
)

// goals are how all of them fared.
type goals struct {
	states [numberOfGoals]struct {
		state state
		got   string
	}
}

func (g *goals) list() []goal {
	list := []goal{
		{what: "a read tool that must run podman, over the raw command", want: "at most 1.03 and 1 ms"},
		{what: "a read tool whose answer cannot have changed, at 200 containers", want: "below 1 ms"},
		{what: "the same at 4 containers, beside the other server's REST backend", want: "at least 3 times faster"},
		{what: "the same at 200 containers", want: "at least 50 times faster"},
		{what: "20 identical reads at once", want: "at most 2 processes"},
		{what: "20 identical reads at once, over one", want: "at most 2.2"},
		{what: "start to the reply to initialize", want: "at most 10 ms"},
		{what: "resident after it", want: "at most 20 MB"},
		{what: "parse of 200 containers", want: "below 2 ms"},
		{what: "parse of 200 containers, allocated", want: "below 1 MB"},
		{what: "followed log, beside podman logs --follow", want: "at least half"},
		{what: "memory while following", want: "flat: 1 GB takes at most a quarter more than 128 MB"},
		{what: "tools/list of the default tools", want: "at most 12,000 tokens"},
		{what: "podman_ps of 100 containers, beside podman's JSON", want: "at most 0.1 of the tokens"},
		{what: "stripped binary", want: "at most 20 MB"},
	}
	for i, s := range g.states {
		list[i].state, list[i].got = s.state, s.got
	}
	return list
}

// set notes a figure and returns what stands beside it in the table.
func (g *goals) set(which int, met bool, got string) string {
	s := missed
	if met {
		s = reached
	}
	g.states[which].state, g.states[which].got = s, got
	one := g.list()[which]
	return one.want + ": " + one.verdict()
}

// cannot notes why there is no figure.
func (g *goals) cannot(which int, why string) { g.states[which].got = why }
