package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// EachResult reports on each container by itself.
type EachResult struct {
	Containers []Each `json:"containers"`
}

func (r EachResult) partial() bool { return len(r.Containers) > 0 }

// Each is what became of one container.
type Each struct {
	Container string     `json:"container"`
	OK        bool       `json:"ok"`
	State     string     `json:"state,omitempty" jsonschema:"Now; gone or removed where there is none any more"`
	Error     *wireError `json:"error,omitempty" brief:"true"`
}

// errand is what is to be done to each of several containers.
type errand struct {
	argv    exec.Argv                  // without the names
	already func(parse.Container) bool // leaves alone a container that is as it should be; nil where none is
	done    func(parse.Container) bool // after a failure: whether this one is as it should be; nil asks what podman printed
	removes bool                       // and so no container should be left
	with    string                     // what else goes, for the user's word
	refused map[string]*parse.Failure  // by id, those that are left alone
}

// each runs one podman process for all names that exist: podman refuses all of
// them when one is missing. Then it looks what became of each.
func (c *Call) each(ctx context.Context, names []Container, e errand) (EachResult, error) {
	before, err := c.containers(ctx)
	if err != nil {
		return EachResult{}, err
	}
	var there []string
	var rows []parse.Container
	for _, name := range names {
		row, ok := find(before, string(name))
		if ok && !slices.Contains(there, row.FullID) && (e.already == nil || !e.already(row)) {
			there, rows = append(there, row.FullID), append(rows, row)
		}
	}
	if e.refused, err = c.forbidden(ctx, rows); err != nil {
		return EachResult{}, err
	}
	there = slices.DeleteFunc(there, func(id string) bool { return e.refused[id] != nil })
	rows = slices.DeleteFunc(rows, func(row parse.Container) bool { return e.refused[row.FullID] != nil })
	if e.removes {
		if err := c.confirm("Remove", e.with, containersLost(rows)); err != nil {
			return EachResult{}, err
		}
	}
	var failed *parse.Failure
	var lines []string // of podman's standard error
	var printed string // the ids of those that it did
	if len(there) > 0 {
		var run *exec.RunError
		result, err := c.finish(ctx, e.argv.Operand(there...))
		switch {
		case errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err):
			failed = parse.Classify(run.Stderr, run.Code)
			lines, printed = strings.Split(result.Stderr, "\n"), string(result.Stdout)
		case err != nil:
			return EachResult{}, err
		}
	}
	after := before
	if len(there) > 0 {
		ctx, cancel := afterwards(ctx)
		defer cancel()
		if after, err = c.containers(ctx); err != nil {
			return EachResult{}, err
		}
	}
	if e.done == nil {
		e.done = func(row parse.Container) bool { return strings.Contains(printed, row.FullID) }
	}
	return e.report(names, before, after, failed, lines)
}

// report judges by what is there: podman ends with 0 also where it did nothing,
// and with an error where others of its containers are as they should be.
func (e errand) report(names []Container, before, after []parse.Container, failed *parse.Failure, lines []string) (EachResult, error) {
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
		case e.refused[was.FullID] != nil:
			f, one.State = e.refused[was.FullID], was.State
		case !exists:
			one.OK, one.State = true, "gone" // also where it was run with rm
			if e.removes {
				one.State = "removed"
			}
		default:
			one.State = now.State
			if own := linesOf(was, lines); own != "" && failed != nil {
				f = parse.Classify(own, failed.ExitCode)
			} else if failed != nil && !e.done(now) {
				f = failed
			} else if failed == nil && e.removes {
				f = &parse.Failure{Code: parse.PodmanError, Subject: was.Name, Message: fmt.Sprintf("container %s is still there", was.Name),
					Hint: "Podman told of no error. Try again, or look at it with podman_inspect."}
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
	all.Partly = bad < len(names)
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
