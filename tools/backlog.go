package tools

import (
	"bytes"
	"sync"
	"time"
)

// backlogIdle is how long podman may be silent before all that was printed before
// the call is taken to have come.
const backlogIdle = 300 * time.Millisecond

// backlog keeps a follower's progress to what it asked for: of the lines that were
// printed before the call only the newest, which the ring holds, are told, and
// from then on every line.
type backlog struct {
	began    time.Time
	ring     *ring
	progress *lineProgress

	mu   sync.Mutex
	told bool
	idle *time.Timer
}

func newBacklog(ring *ring, progress *lineProgress) *backlog {
	p := &backlog{began: time.Now(), ring: ring, progress: progress}
	p.mu.Lock() // the timer may be faster than the assignment
	defer p.mu.Unlock()
	p.idle = time.AfterFunc(backlogIdle, p.end)
	return p
}

// open tells whether lines of the past may still come.
func (p *backlog) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.told
}

// take takes the next line; old ones were printed before the call.
func (p *backlog) take(line []byte, old bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old && !p.told {
		p.ring.add(string(line))
		p.idle.Reset(backlogIdle)
		return
	}
	p.tell()
	p.ring.add(string(line))
	p.progress.bytes(line)
}

// end tells what is left of the past.
func (p *backlog) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell()
}

func (p *backlog) tell() {
	if p.told {
		return
	}
	p.told = true
	p.idle.Stop()
	text, lines := p.ring.text()
	if lines == 0 {
		return
	}
	for line := range bytes.SplitSeq([]byte(text), []byte{'\n'}) {
		p.progress.bytes(line)
	}
}

// before tells whether podman's time in front of a line is earlier than t.
func before(line []byte, t time.Time) bool {
	when, ok := stamped(line)
	return ok && when.Before(t)
}
