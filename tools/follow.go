package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
	"sync"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// maxFollowed is how many containers' logs are followed at once. A follower
// sleeps most of the time and waits for nobody's lock, but takes some 40 MB.
const maxFollowed = 32

// follows are the logs that somebody follows: one podman process a container,
// however many follow it.
type follows struct {
	mu   sync.Mutex
	open map[string]*followed // by the container's id
}

// followed is one container's log.
type followed struct {
	*broadcast
	id     string
	cancel context.CancelCauseFunc
	over   chan struct{} // closed when its process has ended
}

// follower is one that reads along.
type follower struct {
	*reader
	log  *followed
	host *Host
}

// Stream runs argv like the runner's Lines, for a process that lives as long as
// somebody listens. It takes none of the runner's places: six that listen would
// leave none for a run in the foreground.
func (h *Host) Stream(ctx context.Context, argv exec.Argv) iter.Seq2[exec.Line, error] {
	r := h.Runner
	own := &exec.Runner{Podman: r.Podman, Globals: r.Globals, Pass: r.Pass, Log: r.Log, Mask: r.Mask}
	return own.Lines(ctx, argv)
}

// follow begins to follow the log of the container id, or joins those who do.
// The caller must leave.
func (h *Host) follow(ctx context.Context, id string) (*follower, error) {
	all := &h.follows
	all.mu.Lock()
	defer all.mu.Unlock()
	f := all.open[id]
	if f == nil {
		if len(all.open) >= maxFollowed {
			return nil, &parse.Failure{Code: parse.PodmanError, Message: fmt.Sprintf("the logs of %d containers are followed already", maxFollowed),
				Hint: "End one of them first, or read this log without follow."}
		}
		if all.open == nil {
			all.open = map[string]*followed{}
		}
		f = &followed{broadcast: newBroadcast(), id: id, over: make(chan struct{})}
		ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // no follower's end is the log's
		f.cancel = cancel
		all.open[id] = f
		defer func() { go h.pump(ctx, f) }() // after the join
	}
	return &follower{f.join(ctx), f, h}, nil
}

// leave ends this follower, and with the last one the process.
func (f *follower) leave() {
	all := &f.host.follows
	all.mu.Lock()
	last := f.reader.leave()
	if last && all.open[f.log.id] == f.log {
		delete(all.open, f.log.id)
	}
	all.mu.Unlock()
	if last {
		f.log.cancel(errEnough)
		<-f.log.over
	}
}

// pump runs podman and hands on what it prints.
func (h *Host) pump(ctx context.Context, f *followed) {
	err := io.EOF
	defer func() {
		if p := recover(); p != nil {
			h.Log.Error().Msgf("panic: %v", p)
			err = &parse.Failure{Code: parse.PodmanError, Message: "the server has a defect: following the log failed inside it"}
		}
		h.follows.mu.Lock()
		if h.follows.open[f.id] == f {
			delete(h.follows.open, f.id)
		}
		h.follows.mu.Unlock()
		f.close(err)
		f.cancel(nil)
		close(f.over)
	}()
	var buffer []byte
	for line, failed := range h.Stream(ctx, exec.Podman("logs").Flag("follow", true).Flag("timestamps", true).Operand(f.id)) {
		if failed != nil {
			err = failed
			return
		}
		buffer = appendLine(buffer[:0], line)
		if !f.write(buffer) {
			return
		}
	}
	if h.Runner.Remote && ctx.Err() == nil {
		err = h.ended(ctx, f.id)
	}
}

// ended says why following a log through podman's service has ended: podman
// ends with 0 also where the service died.
func (h *Host) ended(ctx context.Context, id string) error {
	c := &Call{Host: h}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	_, state, err := c.identify(ctx, id)
	if err == nil && state == "running" {
		return &parse.Failure{Code: parse.NotConnected, Message: "podman's service broke the log off, and the container runs on",
			Hint: "Call again to follow it further."}
	}
	if err != nil {
		if f := c.failure(ctx, err, readTimeout); f.Code != parse.ContainerNotFound { // removed as it ended
			return f
		}
	}
	return io.EOF
}

// appendLine appends a line for a model, behind the time that podman gave it.
func appendLine(to []byte, line exec.Line) []byte {
	text := onePiece(bytes.TrimSuffix(line.Text, []byte{'\r'}))
	if plain(text) && line.Cut == 0 {
		return append(to, text...)
	}
	return append(to, lineText(exec.Line{Text: text, Cut: line.Cut})...)
}

// plain tells of what parse.Clean would leave as it is, without a copy.
func plain(text []byte) bool {
	for _, c := range text {
		if (c < 0x20 || c >= 0x7F) && c != '\t' {
			return false
		}
	}
	return true
}

// identify gives the id and the state of a container: under a name there may be
// another one by the time that somebody else follows it.
func (c *Call) identify(ctx context.Context, name string) (id, state string, err error) {
	if err := c.exact(ctx, name); err != nil {
		return "", "", err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("container", "inspect").Option("format", "{{.Id}} {{.State.Status}}").Operand(name))
	if err != nil {
		return "", "", err
	}
	id, state, _ = strings.Cut(strings.TrimSpace(string(result.Stdout)), " ")
	if !parse.IsID(id) {
		return "", "", parse.OutputInvalidError("a container's id", result.Stdout, nil)
	}
	return id, state, nil
}

// followLogs is podman_logs with follow, from the log's beginning.
func (c *Call) followLogs(ctx context.Context, in LogsParams, grep *regexp.Regexp) (LogsResult, error) {
	id, state, err := c.identify(ctx, string(in.Container))
	if err != nil {
		return LogsResult{}, err
	}
	if state == "exited" || state == "stopped" || state == "created" {
		// Nothing more comes, and podman 4.3 leaves a long log of one that has
		// ended before its end when it is to follow it.
		in.Follow = false
		return logs(ctx, c, in)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, in.Duration.Value(), errEnough)
	defer cancel()
	f, err := c.follow(ctx, id)
	if err != nil {
		return LogsResult{}, err
	}
	defer f.leave()
	ring := newRing(in.Tail, in.MaxBytes)
	progress := newLineProgress(ctx, c)
	defer progress.end() // before the result
	past := newBacklog(ring, progress)
	defer past.end()
	var missed int64
	for {
		text, skipped, err := f.next()
		if errors.Is(err, errEnough) || errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return LogsResult{}, err
		}
		if missed += skipped; skipped > 0 {
			past.take(fmt.Appendf(nil, "[… %d lines skipped: they come faster than this client reads]", skipped), false)
		}
		for line := range bytes.Lines(text) {
			line = line[:len(line)-1]
			body := line[stamp(line):]
			if grep != nil && !grep.Match(body) {
				continue
			}
			old := past.open() && before(line, past.began)
			if !in.Timestamps {
				line = body
			}
			past.take(line, old)
		}
	}
	out := in.result(ring)
	if f.forgotten {
		out.Truncated = true
		out.Note = strings.TrimPrefix(out.Note+"; others follow this log, and the oldest lines are not looked at again: call without follow for them", "; ")
	}
	if missed > 0 {
		out.Truncated = true
		out.Note = strings.TrimPrefix(fmt.Sprintf("%s; %d lines skipped", out.Note, missed), "; ")
	}
	return out, nil
}

// Watch follows the log of a container and calls told when there are lines that
// were printed since the call, in whatever pieces they come. It returns when the
// container ends, with nil, or when ctx is done.
func (h *Host) Watch(ctx context.Context, container string, told func()) error {
	begin := time.Now().Add(-time.Second)
	c := &Call{Host: h}
	id, _, err := c.identify(ctx, container)
	if err != nil {
		return c.failure(ctx, err, readTimeout)
	}
	f, err := h.follow(ctx, id)
	if err != nil {
		return err
	}
	defer f.leave()
	for {
		text, _, err := f.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return c.failure(ctx, err, readTimeout)
		}
		text = text[:len(text)-1]
		last := text[bytes.LastIndexByte(text, '\n')+1:]
		if when, ok := stamped(last); !ok || when.After(begin) {
			told()
		}
	}
}
