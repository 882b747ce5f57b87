// Package tools is the table of tools: what an agent may ask of podman.
//
// [All] lists them. Most are two pure functions and a description: [query]
// turns parameters into a command line and output into a value. A tool that
// takes several steps is a plain function given to [act]. To add a tool is to
// write one value in its noun's file and to name it in the list of its toolset.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// Effect says what a call may do, and so how long it may take.
type Effect int

// The effects, each with its default deadline.
const (
	Reads   Effect = iota // changes nothing; 30 s
	Changes               // makes or alters things; 2 min
	Removes               // ends or removes things; 2 min
)

// Toolset is the noun that a tool belongs to.
type Toolset string

// The toolsets.
const (
	Containers Toolset = "containers"
	Images     Toolset = "images"
	Compose    Toolset = "compose"
	Pods       Toolset = "pods"
	Volumes    Toolset = "volumes"
	Networks   Toolset = "networks"
	Secrets    Toolset = "secrets"
	System     Toolset = "system"
	Machine    Toolset = "machine"
	Kube       Toolset = "kube"
)

// Tool is one entry of the table.
type Tool struct {
	Name, Title string
	About       string // for the model: when to use it and when another one
	Effect      Effect
	Toolset     Toolset
	Default     bool          // offered where the operator has not chosen
	Idempotent  bool          // again with the same parameters changes nothing more
	OpenWorld   bool          // reaches registries
	Destructive bool          // may remove what was there, though that is not its purpose
	Timeout     time.Duration // the deadline of a call; 0 for the effect's
	Patience    time.Duration // after it, until a call is answered that has not tidied up; 0 for 1.8 s

	keeps      bool              // podman's files tell all that a result depends on; see [Kept]
	everywhere func([]reply) any // makes one result of all connections'; nil where a call goes to one
	schemas    func() (input, output *jsonschema.Schema)
	run        func(context.Context, *Call, json.RawMessage) (any, error)
}

const (
	readTimeout   = 30 * time.Second
	changeTimeout = 2 * time.Minute
	longTimeout   = 30 * time.Minute // pulls, builds, compose, a run in the foreground
)

func (t Tool) timeout() time.Duration {
	switch {
	case t.Timeout != 0:
		return t.Timeout
	case t.Effect == Reads:
		return readTimeout
	}
	return changeTimeout
}

// Schemas returns the schema of the parameters and that of the result.
func (t Tool) Schemas() (input, output *jsonschema.Schema) { return t.schemas() }

// query makes a tool of one command that changes nothing: argv builds it and
// read makes the result of its output.
func query[In, Out any](t Tool, argv func(In) exec.Argv, read func(In, []byte) (Out, error)) Tool {
	return act(t, func(ctx context.Context, c *Call, in In) (Out, error) {
		var none Out
		result, err := c.Runner.Read(ctx, argv(in))
		if err != nil {
			return none, err
		}
		return read(in, result.Stdout)
	})
}

// onAll lets the tool be called on all of podman's connections at once.
func (t Tool) onAll(merge func([]reply) any) Tool {
	t.everywhere = merge
	return t
}

// act makes a tool of any steps. A result beside an error is given too.
func act[In, Out any](t Tool, do func(context.Context, *Call, In) (Out, error)) Tool {
	t.schemas = sync.OnceValues(func() (input, output *jsonschema.Schema) {
		return schemaFor[In](), open(schemaFor[Out]())
	})
	input := sync.OnceValue(func() params {
		s, _ := t.schemas()
		return newParams(s)
	})
	t.run = func(ctx context.Context, c *Call, arguments json.RawMessage) (any, error) {
		var in In
		if f := decode(input(), arguments, &in); f != nil {
			return nil, f
		}
		timeout := t.timeout()
		if longer, ok := any(in).(interface{ takes() time.Duration }); ok {
			timeout += longer.takes()
		}
		if c.Timeout > 0 { // the operator's word counts, whatever a call would take
			timeout = c.Timeout
		}
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		result, err := patiently(ctx, c, t.Patience, func(ctx context.Context, c *Call) (any, error) { return do(ctx, c, in) })
		out, _ := result.(Out) // none where the call is stuck
		if lists, ok := any(&out).(long); ok {
			lists.cut()
		}
		if err != nil {
			f := c.failure(ctx, err, timeout)
			var told *parse.Failure // by the tool, which knows more
			if !errors.As(err, &told) && (f.Code == parse.Timeout || f.Code == parse.Cancelled) && c.Runner.Remote && t.Effect != Reads {
				f.Hint = "Podman's service may still be at work on it. See what is there before you call again."
			}
			if partial, ok := any(out).(interface{ partial() bool }); ok && partial.partial() {
				return out, f
			}
			return nil, f
		}
		return out, nil
	}
	return t
}
