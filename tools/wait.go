package tools

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanWait = act(Tool{
	Name: "podman_wait", Title: "Wait for a container", Effect: Reads, Toolset: Containers, Default: true,
	About: "Waits until a container is running, healthy or exited (for), has printed a line that matches (log) or answers on a port: give one; running without. " +
		"Returns at once where it is so already, fails early where it cannot come any more, and with TIMEOUT when timeout is over. " +
		"podman_logs with follow shows what is printed meanwhile.",
}, wait)

// WaitParams are the parameters of podman_wait.
type WaitParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
	For       string    `json:"for,omitempty" enum:"running healthy exited"`
	Log       string    `json:"log,omitempty" jsonschema:"Regular expression (RE2) for a line printed since its last start"`
	Port      int       `json:"port,omitempty" minimum:"1" maximum:"65535" jsonschema:"Published TCP port, the container's or the host's"`
	Timeout   Patience  `json:"timeout,omitempty" default:"60s" jsonschema:"At most 10m"`
}

func (in WaitParams) takes() time.Duration { return in.Timeout.Value() }

// WaitResult is the result of podman_wait.
type WaitResult struct {
	Container string  `json:"container"`
	Met       string  `json:"met" jsonschema:"running, healthy, exited, log or port"`
	Seconds   float64 `json:"seconds" jsonschema:"How long it took"`
	State     string  `json:"state" jsonschema:"Its state now; gone when it was removed as it ended"`
	Health    string  `json:"health,omitempty"`
	ExitCode  *int    `json:"exit_code,omitempty"`
	Line      string  `json:"line,omitempty" jsonschema:"The line that matches"`
	Address   string  `json:"address,omitempty" jsonschema:"Where the port answers"`
}

// errOver is the end of the time that the caller would wait.
var errOver = errors.New("the time to wait is over")

const (
	firstPoll = 250 * time.Millisecond // between the first two looks at a container
	lastPoll  = time.Second            // between two later ones; a look costs podman some 40 ms
	remind    = 5 * time.Second        // between two words of the same wait
	settling  = 3 * time.Second        // for which a container that restarts by itself may have ended
)

// waiting is one call of podman_wait.
type waiting struct {
	*Call
	in      WaitParams
	id      string
	now     parse.ContainerDetail
	line    *regexp.Regexp
	begin   time.Time
	pause   time.Duration
	told    string
	at      time.Time // when it was told
	ended   time.Time // when it was first seen to have ended as it has
	end     time.Time // the container's FinishedAt then
	checked time.Time // when its health was checked for want of systemd
}

func wait(ctx context.Context, c *Call, in WaitParams) (WaitResult, error) {
	w := &waiting{Call: c, in: in, begin: time.Now(), pause: firstPoll}
	given := 0
	for _, is := range []bool{in.For != "", in.Log != "", in.Port != 0} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return WaitResult{}, invalid("for", "give one of for, log and port: a call waits for one thing")
	case given == 0:
		w.in.For = "running"
	}
	var err error
	if w.line, err = grepOf("log", in.Log); err != nil {
		return WaitResult{}, err
	}
	if err := c.exact(ctx, string(in.Container)); err != nil {
		return WaitResult{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, in.Timeout.Value(), errOver)
	defer cancel()
	w.id = string(in.Container)
	if err = w.look(ctx); err == nil {
		var out WaitResult
		if out, err = w.condition()(ctx); err == nil {
			return w.met(out), nil
		}
	}
	if errors.Is(err, errOver) && w.now.FullID != "" {
		err = w.late(err)
	}
	return WaitResult{}, err
}

// condition is what is waited for.
func (w *waiting) condition() func(context.Context) (WaitResult, error) {
	switch {
	case w.in.Log != "":
		return w.forLine
	case w.in.Port != 0:
		return w.forPort
	case w.in.For == "exited":
		return w.forExit
	}
	return w.forState
}

// look inspects the container; from the second time on by its id, for another
// one may get its name.
func (w *waiting) look(ctx context.Context) error {
	result, err := w.Runner.Read(ctx, exec.Podman("container", "inspect").Operand(w.id))
	if err != nil && ctx.Err() == nil {
		f := w.failure(ctx, err, readTimeout)
		if f.Code == parse.ContainerNotFound && w.now.FullID != "" {
			f.Message = fmt.Sprintf("container %q was removed while the call waited for it", w.in.Container)
		}
		return f
	}
	if err != nil {
		return err
	}
	d, err := parse.InspectContainer(result.Stdout)
	if err != nil {
		return err
	}
	w.now, w.id = d, d.FullID
	return nil
}

// again waits a while and looks anew. It fails where the container has ended
// and does not come back.
func (w *waiting) again(ctx context.Context) error {
	if err := w.alive(ctx); err != nil {
		return err
	}
	w.tell(ctx)
	timer := time.NewTimer(w.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	w.pause = min(w.pause*3/2, lastPoll)
	return w.look(ctx)
}

// alive fails where the container has ended for good: at once without a restart
// policy, with one after some seconds.
func (w *waiting) alive(ctx context.Context) error {
	d := w.now
	if d.State.ExitCode == nil {
		w.ended = time.Time{}
		return nil
	}
	if d.RestartPolicy != "" {
		if w.ended.IsZero() || !w.end.Equal(d.State.FinishedAt) {
			w.ended, w.end = time.Now(), d.State.FinishedAt
		}
		if time.Since(w.ended) < settling {
			return nil
		}
	}
	f := &parse.Failure{Code: parse.NotRunning, Subject: d.Name, Details: w.lastLines(ctx),
		Message: fmt.Sprintf("container %q has ended with exit code %d, so %s cannot come any more", d.Name, *d.State.ExitCode, w.wanted()),
		Hint:    "Its last lines are listed. podman_start starts it again."}
	if d.State.OOMKilled {
		f.Message += "; it was out of memory"
	}
	return f
}

// wanted is what the call waits for, in words.
func (w *waiting) wanted() string {
	switch {
	case w.in.Log != "":
		return "a line that matches"
	case w.in.Port != 0:
		return fmt.Sprintf("an answer on port %d", w.in.Port)
	}
	return "the state " + w.in.For
}

// state is how the container stands, in words.
func (w *waiting) state() string {
	text := w.now.State.Status
	if w.now.State.ExitCode != nil {
		text += fmt.Sprintf(" with exit code %d", *w.now.State.ExitCode)
	}
	if h := w.now.State.Health; h != nil {
		text += ", health " + h.Status
	}
	return text
}

// tell sends progress where there is news, and now and then where there is none.
func (w *waiting) tell(ctx context.Context) {
	text := fmt.Sprintf("%s is %s; waiting for %s", w.now.Name, w.state(), w.wanted())
	if text == w.told && time.Since(w.at) < remind {
		return
	}
	since := time.Since(w.begin)
	if text == w.told {
		w.Progress(ctx, fmt.Sprintf("%s, for %s now", text, since.Round(time.Second)), since.Seconds(), w.in.Timeout.Value().Seconds())
	} else {
		w.Progress(ctx, text, since.Seconds(), w.in.Timeout.Value().Seconds())
	}
	w.told, w.at = text, time.Now()
}

// remind tells of a wait that is another process's, until stop is called.
func (w *waiting) remind(ctx context.Context) (stop func()) {
	w.tell(ctx)
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-time.After(remind):
				w.tell(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-over
	}
}

func (w *waiting) met(out WaitResult) WaitResult {
	d := w.now
	out.Container = d.Name
	out.Seconds = float64(time.Since(w.begin).Milliseconds()) / 1000
	if out.State == "" {
		out.State = d.State.Status
	}
	if d.State.Health != nil {
		out.Health = d.State.Health.Status
	}
	if out.ExitCode == nil {
		out.ExitCode = d.State.ExitCode
	}
	return out
}

func (w *waiting) late(err error) *parse.Failure {
	f := &parse.Failure{Code: parse.Timeout, Subject: w.now.Name, Err: err,
		Message: fmt.Sprintf("waited %s for %s, and container %q is %s", w.in.Timeout.Value(), w.wanted(), w.now.Name, w.state()),
		Hint:    "It was left as it is. podman_logs may say why; wait again to go on waiting."}
	if w.in.Port != 0 && w.Runner.Remote {
		f.Hint = "The port was tried from this machine, and the container may run on another one. " + f.Hint
	}
	if w.now.State.Status == "created" {
		f.Hint = "It was never started: podman_start starts it."
	}
	if h := w.now.State.Health; h != nil && w.in.For == "healthy" {
		f.Details = h.LastOutput
	}
	return f
}

// lastLines are the newest lines of the container's log.
func (w *waiting) lastLines(ctx context.Context) string {
	ring := newRing(10, 1<<10)
	in := LogsParams{Container: Container(w.id), Tail: ring.maxLines, MaxBytes: ring.maxBytes}
	out, ok, err := w.newest(ctx, in, ring)
	switch {
	case err != nil:
		return "its log cannot be read: " + parse.Clean(err.Error())
	case !ok:
		return ""
	}
	return parse.Mask(strings.TrimSpace(out.Output))
}
