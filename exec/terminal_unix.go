//go:build unix

package exec

import (
	"context"
	"time"

	"github.com/creack/pty"
)

// Terminal is Run with a pseudo-terminal of 120 columns as standard error, on
// which podman draws its progress bars. Every piece of what it draws goes to
// show, in order, from one goroutine. Standard input and output are no
// terminals, so podman never asks a question.
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
	master, slave, err := pty.Open()
	if err != nil {
		return Result{Code: -1}, &RunError{argv.Verb(), -1, "", err}
	}
	defer func() { _ = master.Close() }()
	// Without a width podman draws blanks.
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 60, Cols: 120}); err != nil {
		_ = slave.Close()
		return Result{Code: -1}, &RunError{argv.Verb(), -1, "", err}
	}
	stdout := &head{limit: maxOutput, full: func() { cancel(ErrOutputTooLong) }}
	cmd.Stdout, cmd.Stderr = stdout, slave
	isolate(cmd, true)
	begin := time.Now()
	err = cmd.Start()
	_ = slave.Close()
	if err != nil {
		return Result{Code: -1}, &RunError{argv.Verb(), -1, "", err}
	}
	stderr := &tail{limit: maxErrors}
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 8<<10)
		for {
			n, err := master.Read(buf)
			if n > 0 {
				stderr.add(buf[:n])
				show(buf[:n])
			}
			if err != nil {
				return // EIO: nobody holds the terminal any more
			}
		}
	}()
	code, err := r.wait(ctx, argv, cmd, begin, &tail{})
	select {
	case <-read:
	case <-time.After(Grace): // a grandchild holds the terminal
		_ = master.Close()
		<-read
	}
	if run, ok := err.(*RunError); ok {
		run.Stderr = stderr.String()
	}
	return Result{stdout.buf.Bytes(), stderr.String(), code}, err
}
