package exec

import (
	"context"
	"time"
)

// Terminal is Run that hands on standard error as it comes. Windows has no
// pseudo-terminal here: podman then names each layer once and draws no bars.
func (r *Runner) Terminal(ctx context.Context, argv Argv, show func([]byte)) (Result, error) {
	release, err := r.acquire(ctx, argv, true)
	if err != nil {
		return Result{Code: -1}, err
	}
	defer release()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cmd, done, err := r.command(ctx, argv)
	if err != nil {
		return Result{Code: -1}, err
	}
	defer done()
	stdout := &head{limit: maxOutput, full: func() { cancel(ErrOutputTooLong) }}
	stderr := &tail{limit: maxErrors}
	cmd.Stdout, cmd.Stderr = stdout, shown{stderr, show}
	isolate(cmd, false)
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return Result{Code: -1}, &RunError{argv.Verb(), -1, "", err}
	}
	code, err := r.wait(ctx, argv, cmd, begin, stderr)
	return Result{stdout.buf.Bytes(), stderr.String(), code}, err
}

type shown struct {
	*tail
	show func([]byte)
}

func (s shown) Write(p []byte) (int, error) {
	s.show(p)
	return s.tail.Write(p)
}
