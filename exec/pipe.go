package exec

import (
	"context"
	"errors"
	"io"
)

// ErrEnough is what a reader of [Runner.Pipe] returns that wants no more.
var ErrEnough = errors.New("the reader has enough")

// Pipe runs argv and hands its standard output to read as it comes, on the
// caller's goroutine; a reader that is slow slows podman and costs no memory.
// Where read returns an error the process is ended, and Pipe returns that error,
// or nil for ErrEnough. Podman's own failure comes before that of a reader that
// only found the output ended too soon.
func (r *Runner) Pipe(ctx context.Context, argv Argv, read func(io.Reader) error) error {
	release, err := r.acquire(ctx, argv, !argv.brief)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := r.child(ctx, argv)
	if err != nil {
		return err
	}
	defer c.remove()
	out, err := newPipe()
	if err != nil {
		return &RunError{argv.Verb(), -1, "", err}
	}
	stderr := &tail{limit: maxErrors}
	c.cmd.Stdout, c.cmd.Stderr = out.far, stderr
	isolate(c.cmd, false)
	var failed error
	left := false
	_, err = c.follow(out, stderr, cancel, func() bool {
		failed = read(out)
		if failed == nil {
			_, failed = io.Copy(io.Discard, out) // such as the padding of an archive
		}
		left = failed != nil && !errors.Is(failed, io.EOF) && !errors.Is(failed, io.ErrUnexpectedEOF)
		return !left
	})
	switch {
	case left && errors.Is(failed, ErrEnough):
		return nil
	case left || err == nil:
		return failed
	}
	return err
}
