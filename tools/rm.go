package tools

import (
	"context"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanRm = act(Tool{
	Name: "podman_rm", Title: "Remove containers", Effect: Removes, Toolset: Containers, Default: true, Idempotent: true,
	About: "Removes containers that do not run, with what they wrote inside; force also those that run or are paused. " +
		"Only the named ones: what others depend on stays. For a compose project use podman_compose_down.",
}, func(ctx context.Context, c *Call, in RmParams) (EachResult, error) {
	with := " with what was written inside"
	if in.Volumes {
		with += " and in their unnamed volumes"
	}
	return c.each(ctx, in.Containers, errand{
		argv:    exec.Podman("rm").Flag("force", in.Force).Flag("volumes", in.Volumes),
		done:    func(parse.Container) bool { return false }, // it is still there
		removes: true,
		with:    with,
	})
})

func (in RmParams) takes() time.Duration {
	if !in.Force {
		return 0
	}
	return ask * time.Duration(len(in.Containers))
}

// RmParams are the parameters of podman_rm.
type RmParams struct {
	Containers []Container `json:"containers" minItems:"1" jsonschema:"Names or ids"`
	Force      bool        `json:"force,omitempty" default:"false" jsonschema:"Stop them first"`
	Volumes    bool        `json:"volumes,omitempty" default:"false" jsonschema:"Also the unnamed volumes they were made with"`
}
