package exec

import (
	"context"
	"fmt"
	"runtime/debug"
)

// flight is one run that several readers wait for.
type flight struct {
	key     string
	done    chan struct{}
	result  Result // this and what follows: once done is closed
	err     error
	crashed string // what it panicked with

	cancel  context.CancelCauseFunc
	waiting int // readers, under Runner.mu; the last one to leave ends the run
}

// Read is Run for a command that changes nothing: identical ones that arrive
// while one is running share the next run, which starts after they arrived. So
// no answer is older than its question, and any number at once cost two
// processes. Result and error are shared: their readers must not write to them.
func (r *Runner) Read(ctx context.Context, argv Argv) (Result, error) {
	if _, err := argv.Args(); err != nil {
		return Result{Code: -1}, err
	}
	f := r.join(ctx, argv)
	select {
	case <-f.done:
	case <-ctx.Done():
		r.leave(f, context.Cause(ctx))
		return Result{Code: -1}, &RunError{argv.Verb(), -1, "", context.Cause(ctx)}
	}
	if f.crashed != "" {
		panic(f.crashed) // as Run would have, where the caller can recover it
	}
	return f.result, f.err
}

// key is equal for command lines that run alike.
func (a Argv) key() string {
	return fmt.Sprintf("%q %q %q %q %q %q %q %q %t", a.program, a.words, a.operands, a.tail, a.env, a.dir, a.environ, a.input, a.pulls)
}

// join finds the run of argv that has not begun yet, or arranges it.
func (r *Runner) join(ctx context.Context, argv Argv) *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending == nil {
		r.pending, r.running = map[string]*flight{}, map[string]*flight{}
	}
	key := argv.key()
	f := r.pending[key]
	if f == nil {
		f = &flight{key: key, done: make(chan struct{})}
		// No reader's own end is the run's end.
		ctx, f.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		r.pending[key] = f
		go r.fly(ctx, argv, f)
	}
	f.waiting++
	return f
}

// leave is for a reader that waits no longer. The last one ends the run, and
// as Run would, returns when it has ended.
func (r *Runner) leave(f *flight, why error) {
	r.mu.Lock()
	f.waiting--
	last := f.waiting == 0
	if last && r.pending[f.key] == f {
		delete(r.pending, f.key) // nobody may join a run that is being ended
	}
	r.mu.Unlock()
	if last {
		f.cancel(why)
		<-f.done
	}
}

// fly runs f when no identical run is under way any more and a slot is free.
func (r *Runner) fly(ctx context.Context, argv Argv, f *flight) {
	defer close(f.done)
	defer f.cancel(nil)
	defer func() {
		if p := recover(); p != nil {
			f.crashed = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
		}
	}()
	for before := r.underWay(f.key); before != nil; before = r.underWay(f.key) {
		select {
		case <-before.done:
		case <-ctx.Done():
			return // nobody waits for an answer
		}
	}
	release, err := r.acquire(ctx, argv, false)
	if err != nil {
		f.err = err
		return
	}
	defer release()
	r.takeOff(f)
	defer r.land(f)
	f.result, f.err = r.run(ctx, argv)
}

func (r *Runner) underWay(key string) *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.running[key]
}

// takeOff ends the time in which readers can join f.
func (r *Runner) takeOff(f *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending[f.key] == f {
		delete(r.pending, f.key)
	}
	r.running[f.key] = f
}

func (r *Runner) land(f *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[f.key] == f {
		delete(r.running, f.key)
	}
}
