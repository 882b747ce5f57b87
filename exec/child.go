package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// child is one process, from its command line to its end.
type child struct {
	runner *Runner
	argv   Argv
	ctx    context.Context
	cmd    *osexec.Cmd
	begin  time.Time
	asked  atomic.Bool // to end, since ctx was done while it lived
	inside *marked     // what it started in a container; nil where that has no mark
	played int         // the exit status of a rehearsed one
	remove func()      // what was written for it
}

// child prepares argv. The caller sets its output, runs it and removes it.
func (r *Runner) child(ctx context.Context, argv Argv) (*child, error) {
	if _, err := argv.Args(); err != nil {
		return nil, err
	}
	failed := func(err error) (*child, error) { return nil, &RunError{argv.Verb(), -1, "", err} }

	program, globals := argv.program, []string(nil)
	if program == "" {
		program, globals = cmp.Or(r.Podman, "podman"), r.Globals
	}
	if filepath.Base(program) != program {
		// It is meant from the server's folder, not from the one that it runs
		// in, which may be a project of strangers.
		abs, err := filepath.Abs(program)
		if err != nil {
			return failed(err)
		}
		program = abs
	}
	c := &child{runner: r, argv: argv, ctx: ctx, remove: func() {}}
	if argv.mark != "" {
		c.inside = newMarked(argv.mark)
	}
	var path string
	if len(argv.env) > 0 {
		var err error
		if path, err = envFile(argv.env); err != nil {
			return failed(err)
		}
		c.remove = func() { _ = os.Remove(path) }
	}
	args, _ := argv.args(path)
	c.cmd = osexec.CommandContext(ctx, program, append(globals[:len(globals):len(globals)], args...)...)
	c.cmd.Dir = argv.dir
	c.cmd.Env = environ(r.Pass, argv)
	c.cmd.WaitDelay = Grace
	if argv.input != "" {
		c.cmd.Stdin = strings.NewReader(argv.input)
	}
	c.cmd.Cancel = func() error {
		if c.fails() {
			c.asked.Store(true)
			return nil
		}
		// First what it started inside: podman then ends by itself and forgets it.
		found := c.inside.end(lookFirst, termPatience)
		err := terminate(c.cmd)
		c.asked.Store(found || !errors.Is(err, os.ErrProcessDone))
		return err
	}
	return c, nil
}

// run runs the process to its end, and its group's: what the process left
// behind has Grace to close its output. While run runs, somebody reads out,
// where it is not nil. The error is for outcome.
//
// It stays on one thread, for Linux ends the process (dieWithServer) when the
// thread ends that started it. Go ends a thread only when a goroutine returns
// that is locked to it, and to this thread no other goroutine can be.
func (c *child) run(out *stream) error {
	if c.runner.rehearse != nil {
		return c.play(out)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c.begin = time.Now()
	err := c.cmd.Start()
	if out != nil {
		_ = out.far.Close() // so that the reader sees the end of it
	}
	if err != nil {
		return err
	}
	if out == nil {
		err = c.cmd.Wait()
	} else {
		stop := context.AfterFunc(c.ctx, func() { out.end() })
		err = c.cmd.Wait()
		stop()
		select {
		case <-out.over:
		case <-time.After(time.Until(out.end())):
		}
	}
	killGroup(c.cmd)
	if c.asked.Load() {
		c.inside.end(lookAgain, 0) // which may have started meanwhile
	}
	return err
}

// outcome says how it went, given run's error and the last of its output.
func (c *child) outcome(err error, stderr string) (int, error) {
	code := c.cmd.ProcessState.ExitCode()
	if c.runner.rehearse != nil {
		code = c.played
	}
	c.log(code)
	switch {
	case c.runner.rehearse != nil: // there is nothing that could have been asked
	case c.cmd.Process == nil:
		err = c.unstarted(err)
	case c.asked.Load():
		err = context.Cause(c.ctx) // also where it then exits with 0
		if c.inside.left() {
			err = fmt.Errorf("%w; %w", err, ErrLeft)
		}
	case errors.Is(err, osexec.ErrWaitDelay):
		err = nil // a grandchild held the output; the command itself is done
	}
	if err != nil {
		return code, &RunError{c.argv.Verb(), code, stderr, err}
	}
	return code, nil
}

// unstarted makes plain what the kernel says in one and the same way of a
// folder, an executable and its interpreter that are missing.
func (c *child) unstarted(err error) error {
	missing := func(path string) error {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	switch {
	case c.ctx.Err() != nil: // os/exec starts nothing then
		return context.Cause(c.ctx)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case c.cmd.Dir != "" && missing(c.cmd.Dir) != nil:
		return missing(c.cmd.Dir)
	case missing(c.cmd.Path) != nil:
		return fmt.Errorf("%s: %w", c.cmd.Path, ErrNotFound)
	}
	return err
}

// log tells verb, status and duration, and the words only without their secrets.
func (c *child) log(code int) {
	event := c.runner.Log.Debug()
	if !event.Enabled() {
		return
	}
	if mask := c.runner.Mask; mask != nil {
		event.Strs("argv", mask(c.cmd.Args))
	}
	event.Str("verb", c.argv.Verb()).Int("exit", code).Dur("ms", time.Since(c.begin)).Msg("ran")
}
