package serve

import (
	"context"
	"sync"
)

// work counts what the server's end must not cut off: handlers that run, and
// answers that are not on their way yet.
type work struct {
	mu     sync.Mutex
	units  int
	ending bool
	idle   chan struct{} // closed when units becomes 0; nil where nobody waits
}

// begin adds a unit, unless the server is ending.
func (w *work) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ending {
		return false
	}
	w.units++
	return true
}

// add adds units also while the server is ending: what they wait for will be
// refused, and the refusal is to be sent.
func (w *work) add(units int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.units += units
	if w.units == 0 && w.idle != nil {
		close(w.idle)
		w.idle = nil
	}
}

// end takes no new work from now on.
func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ending = true
}

func (w *work) isEnding() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ending
}

// wait returns true when no work is left, or false when ctx is done first.
func (w *work) wait(ctx context.Context) bool {
	for {
		w.mu.Lock()
		if w.units == 0 {
			w.mu.Unlock()
			return true
		}
		if w.idle == nil {
			w.idle = make(chan struct{})
		}
		idle := w.idle
		w.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return false
		}
	}
}
