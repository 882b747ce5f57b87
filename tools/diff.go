package tools

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanDiff = act(Tool{
	Name: "podman_diff", Title: "List changed files", Effect: Reads, Toolset: Containers,
	About: "Lists the paths that a container added, deleted or changed since it was made; with type image, those of an image's newest layer. " +
		"Mounted volumes are not looked at. podman_commit makes an image of a container's changes.",
}, func(ctx context.Context, c *Call, in DiffParams) (DiffResult, error) {
	if err := named(in.Type, in.Container); err != nil {
		return DiffResult{}, err
	}
	var err error
	if in.Type == "image" {
		err = c.whole(ctx, "image", parse.ImageNotFound, in.Container)
	} else {
		err = c.exact(ctx, in.Container)
	}
	if err != nil {
		return DiffResult{}, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman(in.Type, "diff").Option("format", "json").Operand(in.Container))
	if err != nil {
		return DiffResult{}, err
	}
	all, err := parse.Diff(result.Stdout)
	if err != nil {
		return DiffResult{}, err
	}
	out := DiffResult{Total: len(all.Added) + len(all.Deleted) + len(all.Changed)}
	left := in.Limit
	take := func(paths []string) []string {
		paths = paths[:min(left, len(paths))]
		left -= len(paths)
		return paths
	}
	// Changed ones last: most of those are only the folders of the others.
	out.Added, out.Deleted, out.Changed = take(all.Added), take(all.Deleted), take(all.Changed)
	out.Truncated = out.Total > in.Limit
	return out, nil
})

// DiffParams are the parameters of podman_diff.
type DiffParams struct {
	Container string `json:"container" jsonschema:"Name or id of the container, or of the image"`
	Type      string `json:"type,omitempty" default:"container" enum:"container image"`
	Limit     int    `json:"limit,omitempty" default:"100" minimum:"1" maximum:"1000" jsonschema:"Most paths to return"`
}

// DiffResult is the result of podman_diff.
type DiffResult struct {
	parse.Changes
	Total     int  `json:"total"`
	Truncated bool `json:"truncated"`
}
