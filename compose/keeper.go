package compose

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// Keeper says which containers a call may change, and how those that it makes
// are known later. Its zero value lets all be changed and marks none.
type Keeper struct {
	Label string // KEY=VALUE on all containers that are made
	Must  bool   // only those that bear it may be changed
	May   func(context.Context, []parse.Container) error
}

// allow refuses unless all of a project's containers may be changed.
func (k Keeper) allow(ctx context.Context, list []parse.Container) error {
	if k.May == nil {
		return nil
	}
	return k.May(ctx, list)
}

// provider refuses one that could not mark what it makes: docker-compose has
// no option for it.
func (k Keeper) provider(p Provider) error {
	if !k.Must || p.marks() {
		return nil
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: p.Name,
		Message: p.String() + " cannot mark containers as made by this server, which runs with --scope own and could not change them later",
		Hint:    "Nothing was started. Have the operator install podman-compose, or start the server with --scope all."}
}

// nothing refuses to remove what is left of a project that has no container to
// tell whose it is.
func (k Keeper) nothing(project string) error {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: project,
		Message: "the project " + project + " has no containers that tell who made its networks and volumes, which --scope own then leaves alone",
		Hint:    "Nothing was removed. podman_network_rm and podman_volume_rm remove what is named to them."}
}

// marks tells of a provider that hands further options on to podman.
func (p Provider) marks() bool { return p.Name == "podman-compose" }

// mark has the provider put the label on each container that it makes, and keep
// this machine's proxies and their passwords out of it, as podman_run does.
func (k Keeper) mark(options exec.Argv, p Provider) exec.Argv {
	if !p.marks() {
		return options
	}
	if k.Label != "" {
		options = options.Option("podman-run-args", "--label="+k.Label)
	}
	return options.Option("podman-run-args", "--http-proxy=false")
}
