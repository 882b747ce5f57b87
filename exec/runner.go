package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	osexec "os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

const (
	maxProcesses = 8        // at once; more only wait for each other's locks in podman
	maxLong      = 6        // of them followed, so that a stop never waits behind a log
	maxOutput    = 32 << 20 // bytes of one command's standard output
	maxErrors    = 64 << 10 // bytes of its standard error, the newest kept

	// Grace is how long a process that was asked to end may take before it
	// is killed, and how long a grandchild may hold its output. It leaves
	// half a second for the answer to be out within two.
	Grace = 1500 * time.Millisecond
)

// Runner runs command lines, at most eight at a time; further ones queue, and
// their deadline runs in the queue too. Its zero value runs the podman in PATH.
// A Runner is safe for concurrent use and must not be copied.
type Runner struct {
	Podman  string   // the executable, a name or a path; "podman" where empty
	Globals []string // podman's global options, such as --url=…, before the subcommand
	Pass    []string // names of further environment variables for podman
	Remote  bool     // podman is a client of a service, which may be on another machine
	Log     zerolog.Logger
	Mask    func([]string) []string // takes secrets out of logged words; nil logs none

	once     sync.Once
	places   *places
	rehearse func(Process) (stdout string, code int) // nil but in a [Rehearsal]

	mu      sync.Mutex
	pending map[string]*flight // reads that have not begun
	running map[string]*flight // reads that have
}

// places are those that processes of one machine take.
type places struct {
	any, long chan struct{}
	queued    atomic.Int64
}

// On returns a Runner whose podman is a client by other global options, such as
// --connection=NAME, and which shares r's places.
func (r *Runner) On(globals ...string) *Runner {
	return &Runner{Podman: r.Podman, Globals: globals, Pass: r.Pass, Remote: true, Log: r.Log, Mask: r.Mask, places: r.open(), rehearse: r.rehearse}
}

// Result is what a command left behind.
type Result struct {
	Stdout []byte
	Stderr string // the last 64 KiB
	Code   int    // exit status
}

// RunError is a command that did not succeed: it could not start, ended with
// another status than 0, or was ended because ctx was done. Unwrap gives
// context.Cause(ctx) in the last case, whatever status it ended with: asked to
// end, podman's pull, build, logs, exec and events exit with 0 up to 5.2.
type RunError struct {
	Verb   string // such as "network ls"
	Code   int    // exit status; -1 where there is none
	Stderr string // the last 64 KiB
	Err    error
}

func (e *RunError) Error() string {
	return fmt.Sprintf("%s: %v", e.Verb, e.Err)
}

func (e *RunError) Unwrap() error { return e.Err }

// ErrOutputTooLong is a command that printed more than 32 MiB where a record
// was expected.
var ErrOutputTooLong = errors.New("more than 32 MiB of output")

// ErrLeft is added to the cause where a command with a mark was ended, and what
// it had started in a container was not seen to end: it may still be running.
var ErrLeft = errors.New("what it started in the container may still be running")

// ErrNotFound is the cause where there is no such executable.
var ErrNotFound = osexec.ErrNotFound

// Run runs argv to its end and returns its output, or an *ArgError or
// *RunError. The Result is as full as it can be also beside a *RunError.
func (r *Runner) Run(ctx context.Context, argv Argv) (Result, error) {
	release, err := r.acquire(ctx, argv, false)
	if err != nil {
		return Result{Code: -1}, err
	}
	defer release()
	return r.run(ctx, argv)
}

// run is Run in a slot that the caller holds.
func (r *Runner) run(ctx context.Context, argv Argv) (Result, error) {
	// A command whose output is too long is ended: nobody reads the rest.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c, err := r.child(ctx, argv)
	if err != nil {
		return Result{Code: -1}, err
	}
	defer c.remove()
	stdout := &head{limit: maxOutput, full: func() { cancel(ErrOutputTooLong) }}
	stderr := &tail{limit: maxErrors}
	c.cmd.Stdout, c.cmd.Stderr = stdout, stderr
	isolate(c.cmd, false)
	err = c.run(nil)
	code, err := c.outcome(err, stderr.String())
	return stdout.result(c, stderr, code, err)
}

// Load is how many commands run at this moment, and how many wait for their turn.
func (r *Runner) Load() (running, queued int) {
	p := r.open()
	return len(p.any), int(p.queued.Load())
}

func (r *Runner) open() *places {
	r.once.Do(func() {
		if r.places == nil {
			r.places = &places{any: make(chan struct{}, maxProcesses), long: make(chan struct{}, maxLong)}
		}
	})
	return r.places
}

// acquire takes a slot, and a second one for a long command.
func (r *Runner) acquire(ctx context.Context, argv Argv, long bool) (release func(), err error) {
	p := r.open()
	p.queued.Add(1)
	defer p.queued.Add(-1)
	queued := func() error { return &RunError{argv.Verb(), -1, "", context.Cause(ctx)} }
	if long {
		select {
		case p.long <- struct{}{}:
		case <-ctx.Done():
			return nil, queued()
		}
	}
	select {
	case p.any <- struct{}{}:
	case <-ctx.Done():
		if long {
			<-p.long
		}
		return nil, queued()
	}
	return func() {
		<-p.any
		if long {
			<-p.long
		}
	}, nil
}

// Path is podman's executable, by its absolute path.
func (r *Runner) Path() (string, error) {
	path, err := osexec.LookPath(cmp.Or(r.Podman, "podman"))
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}
