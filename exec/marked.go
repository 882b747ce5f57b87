package exec

import "time"

// markName is the variable that Argv.Mark sets.
const markName = "PODMAN_MCP_CALL"

const (
	// lookFirst is how long a process is looked for while podman, which may be
	// about to start it, still runs; lookAgain, once podman has ended.
	lookFirst = 700 * time.Millisecond
	lookAgain = 200 * time.Millisecond

	termPatience = 700 * time.Millisecond // between TERM and KILL
	killPatience = 300 * time.Millisecond // for what the kernel does not let go of
)

// marked are the processes in a container that one command started: those that
// carry its mark in their environment, and all that these have started. They
// are seen where podman runs them on this machine, also in a rootless
// container, whose processes are its user's; not where podman is remote.
type marked struct {
	variable string // as it stands in an environment
	found    bool
	gone     bool // all that were found
}

func newMarked(word string) *marked { return &marked{variable: markName + "=" + word} }

// left tells whether some may still run.
func (m *marked) left() bool { return m != nil && !m.gone }

// end asks them to end, kills what has not within patience, and tells whether
// there ever were any. It waits up to look for the first to appear.
func (m *marked) end(look, patience time.Duration) bool {
	if m == nil {
		return false
	}
	tree := newTree(m.variable)
	defer tree.release()
	var begin time.Time // when the first was seen
	deadline := time.Now().Add(look)
	for {
		running := tree.grow()
		switch {
		case running > 0 && begin.IsZero():
			begin = time.Now()
			deadline = begin.Add(patience + killPatience)
			m.found, m.gone = true, false
		case running == 0 && m.found:
			m.gone = true
			return true
		}
		if time.Now().After(deadline) {
			return m.found
		}
		tree.end(!begin.IsZero() && time.Since(begin) >= patience)
		<-time.After(20 * time.Millisecond)
	}
}
