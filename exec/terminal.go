package exec

import (
	"context"
)

// Terminal is Run with a pseudo-terminal of 120 columns as standard error, on
// which podman draws its progress bars. Every piece of what it draws goes to
// show, in order, on the caller's goroutine. Standard input and output are no
// terminals, so podman never asks a question.
//
// Only Linux has the terminal. Elsewhere podman is always a remote client,
// which draws no bars on one either.
func (r *Runner) Terminal(ctx context.Context, argv Argv, show func([]byte)) (Result, error) {
	release, err := r.acquire(ctx, argv, true)
	if err != nil {
		return Result{Code: -1}, err
	}
	defer release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c, err := r.child(ctx, argv)
	if err != nil {
		return Result{Code: -1}, err
	}
	defer c.remove()
	screen, err := newScreen()
	if err != nil {
		return Result{Code: -1}, &RunError{argv.Verb(), -1, "", err}
	}
	stdout := &head{limit: maxOutput, full: func() { cancel(ErrOutputTooLong) }}
	c.cmd.Stdout, c.cmd.Stderr = stdout, screen.far
	isolate(c.cmd, true)
	stderr := &tail{limit: maxErrors}
	code, err := c.follow(screen, stderr, func() { cancel(nil) }, func() bool {
		buf := make([]byte, 8<<10)
		for {
			n, err := screen.Read(buf)
			if n > 0 {
				stderr.add(buf[:n])
				show(buf[:n])
			}
			if err != nil {
				return true // EIO where nobody holds the terminal any more
			}
		}
	})
	return stdout.result(c, stderr, code, err)
}
