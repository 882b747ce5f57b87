package live

import (
	"context"
	"iter"
	"math/rand/v2"
	"sync"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

const (
	overlap    = 2 * time.Second        // how far a new stream looks back, for what happens while it starts
	settled    = time.Second            // after which a new stream counts as working; a busy machine's podman fails late
	firstRetry = 100 * time.Millisecond // doubled with each failure
	lastRetry  = 30 * time.Second
	longEnough = 10 * time.Second // that a stream lives, for the next failure to count as the first
)

// hub hears what happens: one podman events process, while somebody wants it.
type hub struct {
	ctx      context.Context // the server's
	running  *sync.WaitGroup
	stream   func(context.Context, exec.Argv) iter.Seq2[exec.Line, error]
	happened func(parse.Event)
	missed   func() // something may have happened that nobody heard of
	failed   func(err error, retry time.Duration)

	cancel context.CancelFunc
	over   chan struct{} // closed when the last run has ended
}

// start begins to hear, once an earlier run has ended. The caller sees to it
// that start and stop alternate.
func (h *hub) start() {
	ctx, cancel := context.WithCancel(h.ctx)
	before, over := h.over, make(chan struct{})
	h.cancel, h.over = cancel, over
	h.running.Go(func() {
		defer close(over)
		if before != nil {
			<-before
		}
		h.run(ctx)
	})
}

// stop ends the process, and does not wait for it.
func (h *hub) stop() { h.cancel() }

// run keeps a stream going until ctx is done.
func (h *hub) run(ctx context.Context) {
	retry := firstRetry
	for first := true; ctx.Err() == nil; first = false {
		begin := time.Now()
		err := h.listen(ctx, !first)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begin) > longEnough {
			retry = firstRetry
		}
		// All servers of a machine lose their streams at the same moment.
		wait := retry/2 + rand.N(retry)
		h.failed(err, wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		retry = min(2*retry, lastRetry)
	}
}

// listen hears one stream to its end. After a gap it tells so as soon as the
// stream works: who reads again then misses nothing.
func (h *hub) listen(ctx context.Context, gap bool) error {
	if gap {
		tell := time.AfterFunc(settled, h.missed)
		defer tell.Stop()
	}
	// A duration, for podman's machine may have another clock.
	argv := exec.Podman("events").Option("format", "json").Option("since", overlap.String())
	for line, err := range h.stream(ctx, argv) {
		if err != nil {
			return err
		}
		// What is no event is a warning, which podman 5 writes beside them.
		if event, err := parse.Events(line.Text); err == nil {
			h.happened(event)
		}
	}
	return nil
}
