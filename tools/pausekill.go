package tools

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPause = act(Tool{
	Name: "podman_pause", Title: "Pause containers", Effect: Changes, Toolset: Containers, Idempotent: true,
	About: "Freezes the processes of running containers where they are, keeping their memory; podman_unpause lets them go on. " +
		"To end them use podman_stop.",
}, func(ctx context.Context, c *Call, in StartParams) (EachResult, error) {
	paused := func(row parse.Container) bool { return row.State == "paused" }
	return c.each(ctx, in.Containers, errand{
		argv:    exec.Podman("pause"),
		already: paused,
		done:    paused,
	})
})

var podmanUnpause = act(Tool{
	Name: "podman_unpause", Title: "Unpause containers", Effect: Changes, Toolset: Containers, Idempotent: true,
	About: "Lets paused containers go on. To start stopped ones use podman_start.",
}, func(ctx context.Context, c *Call, in StartParams) (EachResult, error) {
	running := func(row parse.Container) bool { return row.State == "running" }
	return c.each(ctx, in.Containers, errand{
		argv:    exec.Podman("unpause"),
		already: running,
		done:    running,
	})
})

var podmanKill = act(Tool{
	Name: "podman_kill", Title: "Send a signal to containers", Effect: Removes, Toolset: Containers,
	About: "Sends a signal to the first process of running containers: KILL, which ends them at once, or one they know, " +
		"such as HUP to read their configuration again. To end them in order use podman_stop.",
}, func(ctx context.Context, c *Call, in KillParams) (EachResult, error) {
	return c.each(ctx, in.Containers, errand{argv: exec.Podman("kill").Option("signal", string(in.Signal))})
})

// KillParams are the parameters of podman_kill.
type KillParams struct {
	Containers []Container `json:"containers" minItems:"1" jsonschema:"Names or ids"`
	Signal     Signal      `json:"signal,omitempty" default:"KILL" jsonschema:"Its name"`
}
