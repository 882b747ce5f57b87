package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"podman-mcp/compose"
	"podman-mcp/parse"
)

// Podman itself starts and stops a project's containers, found by their labels:
// that needs neither the file nor a provider, and what became of each can be
// told. Services start in the order in which they were made, and stop the other
// way round, each after those that depend on it.

var podmanComposeStart = act(Tool{
	Name: "podman_compose_start", Title: "Start a compose project's containers", Effect: Changes, Toolset: Compose, Idempotent: true, Timeout: longTimeout,
	About: "Starts containers of a compose project that were stopped, as they are, each after those that it depends on. " +
		"podman_compose_up makes those that are not there and applies changes of the file.",
}, func(ctx context.Context, c *Call, in ComposeServicesParams) (ComposeEachResult, error) {
	return c.eachService(ctx, in, starting(), false)
})

var podmanComposeStop = act(Tool{
	Name: "podman_compose_stop", Title: "Stop a compose project's containers", Effect: Removes, Toolset: Compose, Idempotent: true, Timeout: longTimeout,
	About: "Stops the containers of a compose project, or of some of its services, and keeps them: podman_compose_start starts them again. " +
		"Each stops before those that it depends on, within timeout seconds. podman_compose_down removes them.",
}, func(ctx context.Context, c *Call, in ComposeStopParams) (ComposeEachResult, error) {
	return c.eachService(ctx, in.ComposeServicesParams, stopping(in.Timeout), true)
})

var podmanComposeRestart = act(Tool{
	Name: "podman_compose_restart", Title: "Restart a compose project's containers", Effect: Removes, Toolset: Compose, Timeout: longTimeout,
	About: "Stops and starts containers of a compose project as they are, one after another, each after those that it depends on; " +
		"also starts those that do not run. Changes of the file need podman_compose_up.",
}, func(ctx context.Context, c *Call, in ComposeStopParams) (ComposeEachResult, error) {
	return c.eachService(ctx, in.ComposeServicesParams, restarting(in.Timeout), false)
})

// ComposeServicesParams are the parameters of podman_compose_start.
type ComposeServicesParams struct {
	File        File   `json:"file,omitempty" jsonschema:"Compose file or its folder"`
	ProjectName Name   `json:"project_name,omitempty" jsonschema:"Its name; then no file is read"`
	Services    []Name `json:"services,omitempty" jsonschema:"Only these"`
}

// ComposeStopParams are the parameters of podman_compose_stop and podman_compose_restart.
type ComposeStopParams struct {
	ComposeServicesParams
	Timeout int `json:"timeout,omitempty" default:"10" minimum:"0" maximum:"3600" jsonschema:"Seconds before a container is killed"`
}

func (in ComposeStopParams) takes() time.Duration { return time.Duration(in.Timeout) * time.Second }

// ComposeEachResult reports on each container of a project by itself.
type ComposeEachResult struct {
	Project    string           `json:"project"`
	Containers []ServiceOutcome `json:"containers"`
	Rows
}

func (r *ComposeEachResult) cut() {
	cut(&r.Rows, &r.Containers, func(s ServiceOutcome) bool { return s.OK })
}

func (r ComposeEachResult) partial() bool { return len(r.Containers) > 0 }

// ServiceOutcome is what became of one container of a service.
type ServiceOutcome struct {
	Service string `json:"service"`
	Each
}

// eachService runs an errand for one service after another, in the order in which
// they were made or the other way round, and reports on each container.
func (c *Call) eachService(ctx context.Context, in ComposeServicesParams, e errand, backwards bool) (ComposeEachResult, error) {
	out := ComposeEachResult{Containers: []ServiceOutcome{}}
	members, err := compose.Look(ctx, c.Runner, c.target(in.File, in.ProjectName, in.Services))
	if err != nil {
		return out, err
	}
	if out.Project = members.Project; len(members.Containers) == 0 {
		return out, noContainers(members.Project)
	}
	var first *parse.Failure
	services, containers := byService(members.Containers)
	if backwards {
		slices.Reverse(services)
	}
	for _, service := range services {
		each, err := c.each(ctx, containers[service], e)
		for _, one := range each.Containers {
			out.Containers = append(out.Containers, ServiceOutcome{service, one})
		}
		var f *parse.Failure
		switch {
		case err != nil && (!errors.As(err, &f) || ctx.Err() != nil || len(each.Containers) == 0):
			return out, err // and the rest is not tried
		case err != nil && first == nil:
			first = f
		}
	}
	if first == nil {
		return out, nil
	}
	all, bad := *first, 0
	for _, one := range out.Containers {
		if !one.OK {
			bad++
		}
	}
	all.Message = fmt.Sprintf("%d of %d containers failed, the first: %s", bad, len(out.Containers), first.Message)
	return out, &all
}

// byService groups containers, with the services in the order of their first.
func byService(list []parse.Container) (services []string, containers map[string][]Container) {
	containers = map[string][]Container{}
	for _, row := range list {
		if containers[row.ComposeService] == nil {
			services = append(services, row.ComposeService)
		}
		containers[row.ComposeService] = append(containers[row.ComposeService], Container(row.Name))
	}
	return services, containers
}
