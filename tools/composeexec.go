package tools

import (
	"context"
	"slices"

	"podman-mcp/compose"
	"podman-mcp/parse"
)

var podmanComposeExec = act(Tool{
	Name: "podman_compose_exec", Title: "Run a command in a service's container", Effect: Changes, Toolset: Compose, Destructive: true,
	About: "Runs a command in the running container of a compose service, in the first where it has several, and returns its output and exit_code, " +
		"as podman_exec does for a container that is named. No shell reads the command.",
}, func(ctx context.Context, c *Call, in ComposeExecParams) (ComposeExecResult, error) {
	row, err := c.running(ctx, in)
	if err != nil {
		return ComposeExecResult{}, err
	}
	out, err := execute(ctx, c, ExecParams{Container(row.FullID), in.CommandParams})
	return ComposeExecResult{row.Name, out}, err
})

// running finds the first running container of the service.
func (c *Call) running(ctx context.Context, in ComposeExecParams) (parse.Container, error) {
	members, err := compose.Look(ctx, c.Runner, c.target(in.File, in.ProjectName, []Name{in.Service}))
	if err != nil {
		return parse.Container{}, err
	}
	list := members.Containers
	if i := slices.IndexFunc(list, func(row parse.Container) bool { return row.State == "running" }); i >= 0 {
		return list[i], nil
	}
	if len(list) == 0 {
		f := noContainers(members.Project)
		f.Message = "the service " + string(in.Service) + " of the project " + members.Project + " has no container here"
		return parse.Container{}, f
	}
	return parse.Container{}, &parse.Failure{Code: parse.NotRunning, Subject: list[0].Name,
		Message: "the service " + string(in.Service) + " does not run: " + list[0].Name + " is " + list[0].State,
		Hint:    "podman_compose_start starts it; podman_compose_logs tells what it printed."}
}

// ComposeExecParams are the parameters of podman_compose_exec.
type ComposeExecParams struct {
	File        File `json:"file,omitempty" jsonschema:"Compose file or its folder"`
	ProjectName Name `json:"project_name,omitempty" jsonschema:"Its name; then no file is read"`
	Service     Name `json:"service" jsonschema:"Its name in the compose file"`
	CommandParams
}

// ComposeExecResult is the result of podman_compose_exec.
type ComposeExecResult struct {
	Container string `json:"container,omitempty"`
	ExecResult
}
