package tools

import (
	"context"

	"podman-mcp/exec"
)

// finish runs a command to its end, up to the call's deadline, also where the
// call is cancelled meanwhile: podman would leave a thing half made or half
// removed, and a container "stopping" for ever. A call that is cancelled already
// does not begin it.
func (c *Call) finish(ctx context.Context, argv exec.Argv) (exec.Result, error) {
	if ctx.Err() != nil {
		return exec.Result{}, context.Cause(ctx)
	}
	whole := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok { // every call of a client has one
		var cancel context.CancelFunc
		whole, cancel = context.WithDeadline(whole, deadline)
		defer cancel()
	}
	return c.Runner.Run(whole, argv)
}

// afterwards is the context in which a call looks at what [Call.finish] did: a
// caller that gave up meanwhile is still told what is true now.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
}
