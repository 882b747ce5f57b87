package tools

import (
	"context"
	"time"

	"podman-mcp/compose"
	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanComposeUp = act(Tool{
	Name: "podman_compose_up", Title: "Start a compose project", Effect: Changes, Toolset: Compose, Default: true,
	Idempotent: true, OpenWorld: true, Timeout: longTimeout,
	Patience: exec.Grace + 4*time.Second, // it stops what it has started, see compose.Up
	About: "Starts the services of a compose file, pulling and building images as needed, and reports each container. " +
		"A mistake in the file is told before anything starts. Use wait to come back when all are healthy, " +
		"detach false for jobs that end by themselves. For one container use podman_run; podman_compose_down undoes it.",
}, func(ctx context.Context, c *Call, in ComposeUpParams) (ComposeUpResult, error) {
	progress := newLineProgress(ctx, c)
	defer progress.end()
	out, err := compose.Up(ctx, c.Runner, c.Compose, compose.UpOptions{
		File: string(in.File), Project: string(in.ProjectName), EnvFile: string(in.EnvFile),
		Services: words(in.Services), Profiles: words(in.Profiles),
		Detach: in.Detach, Build: in.Build, Wait: in.Wait, Allow: c.readable, Permits: c.Policy.Permits, Harmless: c.harmlessFile, JudgeImage: c.permitCompose,
		Runnable: c.runnableCompose(ctx), Keeper: c.keeper(), Scratch: c.scratch,
	}, progress.line)
	return ComposeUpResult{UpResult: out}, err
})

var podmanComposeDown = act(Tool{
	Name: "podman_compose_down", Title: "Remove a compose project", Effect: Removes, Toolset: Compose, Default: true,
	Idempotent: true, Timeout: longTimeout,
	About: "Stops and removes the containers and networks of a compose project, by its file or by its name alone, " +
		"and says what is gone. With volumes, their data is lost too. Nothing of other projects is touched. " +
		"To stop them and keep them use podman_compose_stop.",
}, func(ctx context.Context, c *Call, in ComposeDownParams) (ComposeDownResult, error) {
	progress := newLineProgress(ctx, c)
	defer progress.end()
	out, err := compose.Down(ctx, c.Runner, c.Compose, compose.DownOptions{
		File: string(in.File), Project: string(in.ProjectName), Volumes: in.Volumes, Allow: c.readable, Permits: c.Policy.Permits, Keeper: c.keeper(),
		Confirm: func(project string, containers []parse.Container, networks, volumes []string) error {
			return c.confirm("Take down the project "+project+" and remove", " with all that is in them", containersLost(containers),
				lost{what: "network", names: networks}, lost{what: "volume", names: volumes})
		},
	}, progress.line)
	return ComposeDownResult{DownResult: out}, err
})

// ComposeUpParams are the parameters of podman_compose_up.
type ComposeUpParams struct {
	File        File   `json:"file,omitempty" jsonschema:"Compose file, or the folder that holds it; without it compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml in the server's folder"`
	ProjectName Name   `json:"project_name,omitempty" jsonschema:"Lower case; without it the file's own name, or that of its folder"`
	Detach      bool   `json:"detach,omitempty" default:"true" jsonschema:"false stays until every service has ended, and streams what they print"`
	Services    []Name `json:"services,omitempty" jsonschema:"Only these and what they depend on"`
	Build       bool   `json:"build,omitempty" default:"false" jsonschema:"Build images also where they are there already"`
	Profiles    []Name `json:"profiles,omitempty" jsonschema:"Also the services of these profiles"`
	EnvFile     File   `json:"env_file,omitempty" jsonschema:"Variables for the file, instead of .env beside it"`
	Wait        bool   `json:"wait,omitempty" default:"false" jsonschema:"Wait until every service is healthy or has ended with 0"`
}

// ComposeUpResult is the result of podman_compose_up.
type ComposeUpResult struct {
	compose.UpResult
	Rows
}

func (r *ComposeUpResult) cut() {
	cut(&r.Rows, &r.Services, func(s compose.Service) bool { return s.State == "running" })
}

func (r ComposeUpResult) partial() bool { return r.Project != "" }

// ComposeDownParams are the parameters of podman_compose_down.
type ComposeDownParams struct {
	File        File `json:"file,omitempty" jsonschema:"Compose file, or the folder that holds it"`
	ProjectName Name `json:"project_name,omitempty" jsonschema:"The project as podman_ps shows it; the file is then not needed"`
	Volumes     bool `json:"volumes,omitempty" default:"false" jsonschema:"Also remove the project's volumes, with their data"`
}

// ComposeDownResult is the result of podman_compose_down.
type ComposeDownResult struct {
	compose.DownResult
	Rows
}

func (r *ComposeDownResult) cut() {
	r.names(&r.Removed.Containers, &r.Removed.Networks, &r.Removed.Volumes)
}

func (r ComposeDownResult) partial() bool { return r.Project != "" }

// target is the project that a call means.
func (c *Call) target(file File, project Name, services []Name) compose.Target {
	return compose.Target{File: string(file), Project: string(project), Services: words(services), Allow: c.readable, Permits: c.Policy.Permits}
}

// readable tells why a compose file or what it builds from may not be read.
func (c *Call) readable(parameter, path string) error {
	_, err := c.Roots.Source(parameter, path)
	return err
}

// fileOptions say what of a file a call means.
func (c *Call) fileOptions(file File, project Name, envFile File, services, profiles []Name) compose.FileOptions {
	return compose.FileOptions{File: string(file), Project: string(project), EnvFile: string(envFile),
		Services: words(services), Profiles: words(profiles), Allow: c.readable, Permits: c.Policy.Permits}
}

// noContainers says that a project has nothing to act on.
func noContainers(project string) *parse.Failure {
	return &parse.Failure{Code: parse.ContainerNotFound, Message: "the project " + project + " has no containers here",
		Hint: "podman_compose_up makes and starts them; podman_compose_ls lists the projects that have some."}
}
