package exec

import (
	"context"
	"strings"
)

// flight is one run that several readers wait for.
type flight struct {
	done    chan struct{}
	result  Result
	err     error
	waiting int // readers; the last one to leave ends the run
	cancel  context.CancelCauseFunc
}

// Read is Run for a command that changes nothing: identical ones that arrive
// while one is running share the next run, which starts after they arrived. So
// no answer is older than its question, and any number at once cost two
// processes. The Result is shared: its readers must not write to it.
func (r *Runner) Read(ctx context.Context, argv Argv) (Result, error) {
	args, err := argv.Args()
	if err != nil {
		return Result{Code: -1}, err
	}
	key := argv.program + "\x00" + strings.Join(args, "\x00")

	r.mu.Lock()
	if r.pending == nil {
		r.pending, r.running = map[string]*flight{}, map[string]*flight{}
	}
	f := r.pending[key]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		var own context.Context
		own, f.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		r.pending[key] = f
		go r.fly(own, key, argv, f)
	}
	f.waiting++
	r.mu.Unlock()

	select {
	case <-f.done:
		return f.result, f.err
	case <-ctx.Done():
		r.mu.Lock()
		f.waiting--
		if f.waiting == 0 {
			f.cancel(context.Cause(ctx))
			if r.pending[key] == f {
				delete(r.pending, key) // nobody may join a run that is being ended
			}
		}
		r.mu.Unlock()
		return Result{Code: -1}, &RunError{argv.Verb(), -1, "", context.Cause(ctx)}
	}
}

// fly runs f when no identical run is under way any more and a slot is free.
// From then on nobody can join it.
func (r *Runner) fly(ctx context.Context, key string, argv Argv, f *flight) {
	defer close(f.done)
	defer f.cancel(nil)
	begin := func() (before *flight) {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.running[key]
	}
	for before := begin(); before != nil; before = begin() {
		select {
		case <-before.done:
		case <-ctx.Done():
			f.err = &RunError{argv.Verb(), -1, "", context.Cause(ctx)}
			return
		}
	}
	release, err := r.acquire(ctx, argv, false)
	if err != nil {
		f.err = err
		return
	}
	defer release()

	r.mu.Lock()
	if r.pending[key] == f {
		delete(r.pending, key)
	}
	r.running[key] = f
	r.mu.Unlock()
	f.result, f.err = r.run(ctx, argv)
	r.mu.Lock()
	if r.running[key] == f {
		delete(r.running, key)
	}
	r.mu.Unlock()
}
