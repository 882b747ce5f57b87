package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// patience is how long a call that is late may take to end what it has started
// and to take away what it made, before it is answered: podman's processes have
// [exec.Grace] of it. Where podman does nothing any more, such as where its
// storage is locked, that would be as late again.
const patience = 1800 * time.Millisecond

// patiently does what a call is to do, and at ctx's deadline waits for it only
// patience, or a tool's own. Then the rest goes on behind the answer, which is
// late itself; the caller's progress has ended with it. It gives any and not the
// result's own type: for each of those the program would hold this once more.
func patiently(ctx context.Context, c *Call, own time.Duration, do func(context.Context, *Call) (any, error)) (any, error) {
	type result struct {
		out      any
		err      error
		panicked any // with its stack
	}
	var answered atomic.Bool
	behind := *c
	behind.Progress = func(ctx context.Context, message string, done, total float64) {
		if !answered.Load() {
			c.Progress(ctx, message, done, total)
		}
	}
	ended := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
				if answered.Load() {
					c.Log.Error().Msgf("panic: %v", r.panicked)
				}
			}
			ended <- r
		}()
		r.out, r.err = do(ctx, &behind)
	}()
	var late <-chan time.Time
	over := ctx.Done()
	for {
		select {
		case r := <-ended:
			if r.panicked != nil {
				panic(r.panicked)
			}
			return r.out, r.err
		case <-over:
			over = nil
			if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
				timer := time.NewTimer(cmp.Or(c.Patience, own, patience))
				defer timer.Stop()
				late = timer.C
			}
		case <-late:
			answered.Store(true)
			return nil, errStuck
		}
	}
}

// errStuck is a call that was late, and whose end is late too.
var errStuck = stuck{}

type stuck struct{}

func (stuck) Error() string { return "podman does not answer" }

// Unwrap makes it one of those that were late.
func (stuck) Unwrap() error { return context.DeadlineExceeded }

// stuckHint is the next step after it.
const stuckHint = "Podman did not let the call tidy up either, which goes on for a while: something may hold podman's storage locked, " +
	"or its service hangs. See what is there before you call again."
