package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"podman-mcp/parse"
)

// Answer is what a tool gave to a caller inside this server.
type Answer struct {
	Value any    // the result, such as PsResult
	Text  string // the same for a model: compact JSON, or a container's output as it is
	Plain bool   // Text is output
}

// Do runs a tool as a client's call would, with the same checks of its
// parameters and the same deadline. Also those can be named that this server
// does not offer. The error is a *parse.Failure.
func (h *Host) Do(ctx context.Context, tool string, parameters any) (Answer, error) {
	for _, t := range All() {
		if t.Name != tool {
			continue
		}
		if !h.Offers(tool) {
			return Answer{}, &parse.Failure{Code: parse.PolicyDenied, Subject: tool, Message: tool + " is not offered here, and nothing is told by its means",
				Hint: "The operator chooses with --toolsets and --tools."}
		}
		arguments, err := json.Marshal(parameters)
		if err != nil {
			return Answer{}, fmt.Errorf("encode the parameters of %s: %w", tool, err)
		}
		silent := func(context.Context, string, float64, float64) {}
		out, err := t.call(ctx, &Call{Host: h, Progress: silent}, arguments)
		if err != nil {
			return Answer{}, err
		}
		e, ok := out.(*encoded)
		if !ok {
			if e, err = encode(out, time.Now()); err != nil {
				return Answer{}, fmt.Errorf("encode the result: %w", err)
			}
		}
		answer := Answer{Value: e.value, Text: string(e.record)}
		if t, ok := e.value.(text); ok {
			if words, ok := t.text(); ok {
				answer.Text, answer.Plain = words, true
			}
		}
		return answer, nil
	}
	return Answer{}, fmt.Errorf("there is no tool %s", tool)
}

// Offers tells whether clients may call a tool.
func (h *Host) Offers(tool string) bool {
	return h.Offered == nil || slices.ContainsFunc(h.Offered, func(t Tool) bool { return t.Name == tool })
}

// call runs the tool, and makes a failure of a panic: in a handler it would
// end the process.
func (t Tool) call(ctx context.Context, c *Call, arguments json.RawMessage) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Log.Error().Str("tool", t.Name).Bytes("stack", debug.Stack()).Msgf("panic: %v", p)
			out, err = nil, &parse.Failure{Code: parse.PodmanError, Message: "the server has a defect: this call failed inside it",
				Hint: "The server goes on. Its log on standard error has the details."}
		}
	}()
	if f := c.Policy.refuses(t); f != nil {
		return nil, f
	}
	if t.keeps && c.Kept != nil {
		return c.Kept.answer(ctx, t, c, arguments)
	}
	return t.run(ctx, c, arguments)
}

// Explain makes of a command's error one that a person can act on.
func (h *Host) Explain(ctx context.Context, err error) error {
	return (&Call{Host: h}).failure(ctx, err, readTimeout)
}
