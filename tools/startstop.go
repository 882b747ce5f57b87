package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanStop = act(Tool{
	Name: "podman_stop", Title: "Stop containers", Effect: Removes, Toolset: Containers, Default: true, Idempotent: true,
	About: "Stops containers: asks each to end, and kills it after timeout seconds. A container that was run with rm is then gone. " +
		"podman_compose_down stops a whole compose project.",
}, func(ctx context.Context, c *Call, in StopParams) (EachResult, error) {
	return c.each(ctx, in.Containers, exec.Podman("stop").Option("time", strconv.Itoa(in.Timeout)), func(row parse.Container) bool {
		return row.State != "running" && row.State != "stopping" && row.State != "paused"
	}, "gone") // where it was run with rm
})

var podmanStart = act(Tool{
	Name: "podman_start", Title: "Start containers", Effect: Changes, Toolset: Containers, Default: true, Idempotent: true,
	About: "Starts containers that exist and do not run, with the options they were made with. " +
		"To make a new one use podman_run.",
}, func(ctx context.Context, c *Call, in StartParams) (EachResult, error) {
	return c.each(ctx, in.Containers, exec.Podman("start"), func(row parse.Container) bool {
		return row.State == "running" || row.State == "exited" // or has ended since
	}, "gone")
})

// StopParams are the parameters of podman_stop.
type StopParams struct {
	Containers []Container `json:"containers" minItems:"1" jsonschema:"Names or ids"`
	Timeout    int         `json:"timeout,omitempty" default:"10" minimum:"0" maximum:"3600" jsonschema:"Seconds before a container is killed"`
}

func (in StopParams) takes() time.Duration { return time.Duration(in.Timeout) * time.Second }

// StartParams are the parameters of podman_start.
type StartParams struct {
	Containers []Container `json:"containers" minItems:"1" jsonschema:"Names or ids"`
}

// EachResult reports on each container by itself.
type EachResult struct {
	Containers []Each `json:"containers"`
}

func (r EachResult) partial() bool { return len(r.Containers) > 0 }

// Each is what became of one container.
type Each struct {
	Container string     `json:"container"`
	OK        bool       `json:"ok"`
	State     string     `json:"state,omitempty" jsonschema:"Its state now; gone when it was removed as it ended"`
	Error     *wireError `json:"error,omitempty"`
}

// each runs one podman process for all names that exist: podman refuses all of
// them when one is missing. Then it looks what became of each.
func (c *Call) each(ctx context.Context, names []Container, argv exec.Argv, done func(parse.Container) bool, gone string) (EachResult, error) {
	before, err := c.containers(ctx)
	if err != nil {
		return EachResult{}, err
	}
	var there []string
	for _, name := range names {
		if row, ok := find(before, string(name)); ok && !slices.Contains(there, row.FullID) {
			there = append(there, row.FullID)
		}
	}
	var failed *parse.Failure
	var lines []string // of podman's standard error
	if len(there) > 0 {
		var run *exec.RunError
		// Not cancelled half-way: podman would leave a container "stopping" for ever.
		deadline, _ := ctx.Deadline() // which every call has
		whole, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
		result, err := c.Runner.Run(whole, argv.Operand(there...))
		cancel()
		switch {
		case errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err):
			failed = parse.Classify(run.Stderr, run.Code)
			lines = strings.Split(result.Stderr, "\n")
		case err != nil:
			return EachResult{}, err
		}
	}
	after := before
	if len(there) > 0 {
		if after, err = c.containers(ctx); err != nil {
			return EachResult{}, err
		}
	}
	return report(names, before, after, done, gone, failed, lines)
}

func report(names []Container, before, after []parse.Container, done func(parse.Container) bool,
	gone string, failed *parse.Failure, lines []string) (EachResult, error) {
	out := EachResult{Containers: []Each{}}
	var first *parse.Failure
	bad := 0
	for _, name := range names {
		one := Each{Container: string(name)}
		was, existed := find(before, string(name))
		now, exists := find(after, was.FullID)
		var f *parse.Failure
		switch {
		case !existed:
			f = notFound(string(name))
			suggest(f, before)
		case !exists:
			one.OK, one.State = true, gone
		default:
			one.State = now.State
			if own := linesOf(was, lines); own != "" && failed != nil {
				f = parse.Classify(own, failed.ExitCode)
			} else if !done(now) && failed != nil {
				f = failed
			}
			one.OK = f == nil
		}
		if f != nil {
			one.Error = wire(f)
			bad++
			if first == nil {
				first = f
			}
		}
		out.Containers = append(out.Containers, one)
	}
	if first == nil {
		return out, nil
	}
	all := *first
	if len(names) > 1 {
		all.Message = fmt.Sprintf("%d of %d containers failed, the first: %s", bad, len(names), first.Message)
	}
	return out, &all
}

// find looks a container up as podman does, but takes no abbreviated id of
// fewer than 12 digits: a single one could mean any container.
func find(list []parse.Container, name string) (parse.Container, bool) {
	if i := slices.IndexFunc(list, func(row parse.Container) bool { return row.Name == name }); i >= 0 {
		return list[i], true
	}
	if len(name) >= 12 {
		if i := slices.IndexFunc(list, func(row parse.Container) bool { return strings.HasPrefix(row.FullID, name) }); i >= 0 {
			return list[i], true
		}
	}
	return parse.Container{}, false
}

// linesOf picks podman's errors that name the container.
func linesOf(row parse.Container, lines []string) string {
	var own []string
	for _, line := range lines {
		if strings.Contains(line, "rror") && (strings.Contains(line, row.FullID) || containsWord(line, row.Name)) {
			own = append(own, line)
		}
	}
	return strings.Join(own, "\n")
}

// containsWord tells whether name stands in line as a whole word, so that an
// error about web2 is not taken for one about web.
func containsWord(line, name string) bool {
	inName := func(r rune) bool {
		return r == '_' || r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return slices.Contains(strings.FieldsFunc(line, func(r rune) bool { return !inName(r) }), name)
}
