package tools

import (
	"context"
	"strconv"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanStop = act(Tool{
	Name: "podman_stop", Title: "Stop containers", Effect: Removes, Toolset: Containers, Default: true, Idempotent: true,
	About: "Stops containers: asks each to end, and kills it after timeout seconds. A container that was run with rm is then gone. " +
		"podman_compose_stop stops a whole compose project.",
}, func(ctx context.Context, c *Call, in StopParams) (EachResult, error) {
	return c.each(ctx, in.Containers, stopping(in.Timeout))
})

func stopping(timeout int) errand {
	return errand{
		argv: exec.Podman("stop").Option("time", strconv.Itoa(timeout)),
		done: func(now parse.Container) bool {
			return now.State != "running" && now.State != "stopping" && now.State != "paused"
		},
	}
}

var podmanStart = act(Tool{
	Name: "podman_start", Title: "Start containers", Effect: Changes, Toolset: Containers, Default: true, Idempotent: true,
	About: "Starts containers that exist and do not run, with the options they were made with. " +
		"To make a new one use podman_run.",
}, func(ctx context.Context, c *Call, in StartParams) (EachResult, error) {
	return c.each(ctx, in.Containers, starting())
})

func starting() errand {
	return errand{
		argv: exec.Podman("start"),
		done: func(now parse.Container) bool { return now.State == "running" || now.State == "exited" }, // or has ended since
	}
}

var podmanRestart = act(Tool{
	Name: "podman_restart", Title: "Restart containers", Effect: Removes, Toolset: Containers, Default: true,
	About: "Stops containers, as podman_stop does, and starts them again; one that does not run is only started. " +
		"They keep the options they were made with: for others use podman_run with replace, or podman_update.",
}, func(ctx context.Context, c *Call, in StopParams) (EachResult, error) {
	return c.each(ctx, in.Containers, restarting(in.Timeout))
})

func restarting(timeout int) errand {
	return errand{argv: exec.Podman("restart").Option("time", strconv.Itoa(timeout))}
}

// StopParams are the parameters of podman_stop and podman_restart.
type StopParams struct {
	Containers []Container `json:"containers" minItems:"1" jsonschema:"Names or ids"`
	Timeout    int         `json:"timeout,omitempty" default:"10" minimum:"0" maximum:"3600" jsonschema:"Seconds before a container is killed"`
}

// takes: podman may stop one after another, as its service does.
func (in StopParams) takes() time.Duration {
	return time.Duration(in.Timeout) * time.Second * time.Duration(len(in.Containers))
}

// StartParams are the parameters of podman_start.
type StartParams struct {
	Containers []Container `json:"containers" minItems:"1" jsonschema:"Names or ids"`
}
