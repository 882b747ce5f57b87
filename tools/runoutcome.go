package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// moment is how long a detached container is watched for an early end, where
// Host names no other time.
const moment = 400 * time.Millisecond

func (c *Call) runDetached(ctx context.Context, in RunParams, argv exec.Argv, id string) (RunResult, error) {
	result, err := c.Runner.Run(ctx, argv)
	if err != nil {
		return RunResult{}, c.undo(ctx, c.shortName(ctx, in.Image, err), id)
	}
	// With replace podman 4.3 prints the old container's name first.
	printed := strings.Fields(string(result.Stdout))
	if len(printed) == 0 || !parse.IsID(printed[len(printed)-1]) {
		return RunResult{}, c.undo(ctx, parse.OutputInvalidError("the new container's id", result.Stdout, nil), id)
	}
	made := printed[len(printed)-1]

	soon, cancel := context.WithTimeout(ctx, cmp.Or(c.Moment, moment))
	defer cancel()
	ended, err := c.Runner.Run(soon, exec.Podman("wait").Option("interval", "50ms").Operand(made))
	if ctx.Err() != nil {
		return RunResult{}, c.undo(ctx, &exec.RunError{Verb: "run", Code: -1, Err: context.Cause(ctx)}, id)
	}
	if in.Rm && (err == nil || isGone(err)) { // gone before it could be waited for
		return goneAtOnce(in, made, string(ended.Stdout))
	}
	details, err := c.Runner.Run(ctx, exec.Podman("container", "inspect").Operand(made))
	if ctx.Err() != nil {
		return RunResult{}, c.undo(ctx, &exec.RunError{Verb: "run", Code: -1, Err: context.Cause(ctx)}, id)
	}
	if in.Rm && isGone(err) { // it ended after the moment, and takes its exit code with it
		return goneAtOnce(in, made, "")
	}
	if err != nil {
		return RunResult{ID: made[:min(12, len(made))], State: "unknown"}, err
	}
	d, err := parse.InspectContainer(details.Stdout)
	if err != nil {
		return RunResult{ID: made[:min(12, len(made))], State: "unknown"}, err
	}
	out := RunResult{ID: d.ID, Name: d.Name, State: d.State.Status, Ports: d.Ports}
	if d.State.Health != nil {
		out.Health = d.State.Health.Status
	}
	if d.State.Status == "running" {
		if d.RestartCount > 0 {
			out.Note = fmt.Sprintf("it ended and was restarted %d times already; podman_logs may say why", d.RestartCount)
		}
		return out, nil
	}
	out.ExitCode = d.State.ExitCode
	return c.endedAtOnce(ctx, out)
}

// isGone tells whether podman failed because there is no such container any more.
func isGone(err error) bool {
	var run *exec.RunError
	return errors.As(err, &run) && run.Code > 0 && parse.Classify(run.Stderr, run.Code).Code == parse.ContainerNotFound
}

// endedAtOnce reports a container that was to keep running and did not.
func (c *Call) endedAtOnce(ctx context.Context, out RunResult) (RunResult, error) {
	f := &parse.Failure{
		Code:    parse.NotRunning,
		Message: fmt.Sprintf("container %q is %s, right after it started", out.Name, out.State),
		Hint:    "Its last output is listed. Correct the command and run again with replace; for a command that is meant to end use detach false.",
		Subject: out.Name,
	}
	if out.ExitCode != nil {
		f.Message = fmt.Sprintf("container %q ended with exit code %d right after it started", out.Name, *out.ExitCode)
	}
	last := newRing(20, 2<<10)
	for line, err := range c.Runner.Lines(ctx, exec.Podman("logs").Operand(out.ID)) {
		if err != nil {
			f.Details = "its logs cannot be read: " + parse.Clean(err.Error())
			break
		}
		last.add(lineText(line))
	}
	output, _ := last.text()
	out.Output = &output
	return out, f
}

// goneAtOnce is endedAtOnce for a container that was removed as it ended, with
// all that could be asked of it.
func goneAtOnce(in RunParams, id, exit string) (RunResult, error) {
	out := RunResult{ID: id[:min(12, len(id))], Name: string(in.Name), State: "gone"}
	if code, err := strconv.Atoi(strings.TrimSpace(exit)); err == nil {
		out.ExitCode = &code
	}
	how := "ended"
	if out.ExitCode != nil {
		how = fmt.Sprintf("ended with exit code %d", *out.ExitCode)
	}
	return out, &parse.Failure{
		Code:    parse.NotRunning,
		Message: "the container " + how + " right after it started, and was removed with its logs",
		Hint:    "Run it again without rm to read its logs, or with detach false to get its output.",
	}
}

func (c *Call) runToEnd(ctx context.Context, in RunParams, argv exec.Argv, id string) (RunResult, error) {
	ring := newRing(10000, in.MaxBytes)
	progress := newLineProgress(ctx, c)
	defer progress.end() // before the result
	code := 0
	for line, err := range c.Runner.Lines(ctx, argv) {
		var run *exec.RunError
		switch {
		case errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err) && !c.podmansOwn(ctx, run, id):
			code = run.Code
		case err != nil:
			return RunResult{}, c.undo(ctx, c.shortName(ctx, in.Image, err), id)
		default:
			text := lineText(line)
			ring.add(text)
			progress.line(text)
		}
	}
	output, lines := ring.text()
	out := RunResult{ExitCode: &code, Output: &output, foreground: true}
	if !in.Rm {
		// It is still there: tell how it is called. A list that fails now takes nothing from the output.
		if made, err := c.madeBy(ctx, id); err == nil && len(made) == 1 {
			out.ID, out.Name, out.State = made[0].ID, made[0].Name, made[0].State
		}
	}
	if lines < ring.total || ring.cut {
		out.Note = fmt.Sprintf("the newest %d of %d lines, cut at %d bytes; raise max_bytes to see more", lines, ring.total, in.MaxBytes)
	}
	return out, nil
}

// podmansOwn tells a failure of podman from one of the container's program,
// which may exit with the same status and print "Error:" last too. Podman
// starts no container where the failure is its own.
func (c *Call) podmansOwn(ctx context.Context, run *exec.RunError, id string) bool {
	if !parse.FromPodman(run.Stderr, run.Code) {
		return false
	}
	made, err := c.madeBy(ctx, id)
	if err != nil || len(made) == 0 {
		return true // never made, or removed as it ended
	}
	return made[0].State == "created" || made[0].State == "configured"
}

// madeBy lists the container that the call with that label made: one, or none.
func (c *Call) madeBy(ctx context.Context, id string) ([]parse.Container, error) {
	return c.containers(ctx, "label="+callLabel+"="+id)
}

// undo removes the container that a call made which did not succeed, and
// nothing else, and returns the call's error.
func (c *Call) undo(ctx context.Context, cause error, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	var err error
	for range 3 { // podman refuses one that is just being started, or ends
		var made []parse.Container
		made, err = c.madeBy(ctx, id)
		for _, row := range made {
			if err == nil {
				_, err = c.Runner.Run(ctx, exec.Podman("rm").Flag("force", true).Option("time", "0").Flag("volumes", true).Operand(row.FullID))
			}
		}
		if err == nil {
			break
		}
	}
	if err != nil {
		c.Log.Error().Err(err).Str("label", callLabel+"="+id).Msg("cannot remove the container of a failed call")
	}
	return cause
}
