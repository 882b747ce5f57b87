package tools

import (
	"context"

	"podman-mcp/compose"
)

var podmanComposePs = act(Tool{
	Name: "podman_compose_ps", Title: "List a compose project's containers", Effect: Reads, Toolset: Compose, Default: true,
	About: "Lists the containers of a compose project by service, also those that have ended. " +
		"podman_compose_ls lists the projects, podman_ps all containers; podman_compose_logs tells what they printed.",
}, func(ctx context.Context, c *Call, in ComposePsParams) (ComposePsResult, error) {
	members, err := compose.Look(ctx, c.Runner, c.target(in.File, in.ProjectName, in.Services))
	if err != nil {
		return ComposePsResult{}, err
	}
	rows := members.Services()
	shown := rows[:min(in.Limit, len(rows))]
	return ComposePsResult{members.Project, shown, len(rows), len(shown) < len(rows)}, nil
})

var podmanComposeLs = act(Tool{
	Name: "podman_compose_ls", Title: "List compose projects", Effect: Reads, Toolset: Compose,
	About: "Lists the compose projects that have containers here, with the files they were made from. " +
		"podman_compose_ps lists one's containers.",
}, func(ctx context.Context, c *Call, in ComposeLsParams) (ComposeLsResult, error) {
	projects, err := compose.Projects(ctx, c.Runner)
	if err != nil {
		return ComposeLsResult{}, err
	}
	shown := projects[:min(in.Limit, len(projects))]
	return ComposeLsResult{shown, len(projects), len(shown) < len(projects)}, nil
})

// ComposePsParams are the parameters of podman_compose_ps.
type ComposePsParams struct {
	File        File   `json:"file,omitempty" jsonschema:"Compose file or its folder"`
	ProjectName Name   `json:"project_name,omitempty" jsonschema:"Its name; then no file is read"`
	Services    []Name `json:"services,omitempty" jsonschema:"Only these"`
	Limit       int    `json:"limit,omitempty" default:"50" minimum:"1" maximum:"200" jsonschema:"Most containers to return"`
}

// ComposePsResult is the result of podman_compose_ps.
type ComposePsResult struct {
	Project   string            `json:"project"`
	Services  []compose.Service `json:"services" brief:"true" jsonschema:"Each service, container, state, health, exit_code, ports"`
	Total     int               `json:"total"`
	Truncated bool              `json:"truncated"`
}

// ComposeLsParams are the parameters of podman_compose_ls.
type ComposeLsParams struct {
	Limit int `json:"limit,omitempty" default:"50" minimum:"1" maximum:"200" jsonschema:"Most projects to return"`
}

// ComposeLsResult is the result of podman_compose_ls.
type ComposeLsResult struct {
	Projects  []compose.Project `json:"projects"`
	Total     int               `json:"total"`
	Truncated bool              `json:"truncated"`
}
