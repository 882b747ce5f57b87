package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// OutcomesResult reports on each thing by itself.
type OutcomesResult struct {
	Results []Outcome `json:"results"`
}

func (r OutcomesResult) partial() bool { return len(r.Results) > 0 }

// Outcome is what became of one thing.
type Outcome struct {
	Name  string     `json:"name"`
	OK    bool       `json:"ok"`
	Error *wireError `json:"error,omitempty"`
}

// inTurn does the same to one thing after another, so that a missing one does
// not keep the others from their turn. The error is the first one's, beside the
// result of all.
func (c *Call) inTurn(ctx context.Context, names []string, do func(ctx context.Context, name string) error) (OutcomesResult, error) {
	out := OutcomesResult{Results: []Outcome{}}
	var first *parse.Failure
	bad := 0
	for _, name := range names {
		one := Outcome{Name: name, OK: true}
		if ctx.Err() != nil {
			return out, leftOff(ctx, len(out.Results), len(names))
		}
		if err := do(ctx, name); err != nil {
			if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
				return out, err // it was ended, at the deadline of the call
			}
			if stopped(ctx, err) {
				return out, leftOff(ctx, len(out.Results), len(names))
			}
			f := c.failure(ctx, err, changeTimeout)
			one.OK, one.Error = false, wire(f)
			bad++
			if first == nil {
				first = f
			}
		}
		out.Results = append(out.Results, one)
	}
	if first == nil {
		return out, nil
	}
	all := *first
	all.Partly = bad < len(names)
	if len(names) > 1 {
		all.Message = fmt.Sprintf("%d of %d failed, the first: %s", bad, len(names), first.Message)
	}
	return out, &all
}

// leftOff is the error of a call that was given up after so many of its things.
// None of them was begun and broken off: see [Call.finish].
func leftOff(ctx context.Context, tried, all int) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return &parse.Failure{Code: parse.Cancelled, Message: fmt.Sprintf("the call was cancelled after %d of %d", tried, all),
		Hint: "What the results tell of is done; the rest was not begun.", Err: cause}
}

// whole refuses the beginning of an id, which podman would take for a thing's
// name: what, such as "pod", is also podman's word before inspect.
func (c *Call) whole(ctx context.Context, what string, missing parse.Code, name string) error {
	if name == "" || len(name) >= 12 || strings.Trim(name, "0123456789abcdef") != "" {
		return nil
	}
	result, err := c.Runner.Read(ctx, exec.Podman(what, "inspect").Operand(name))
	var run *exec.RunError
	switch {
	case errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err):
		return nil // it is not here: the command itself says so
	case err != nil:
		return err
	case !parse.Called(result.Stdout, name):
		return abbreviated(missing, what, name)
	}
	return nil
}
