package tools

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanTop = act(Tool{
	Name: "podman_top", Title: "List a container's processes", Effect: Reads, Toolset: Containers,
	About: "Lists the processes of one running container, the oldest first: ids inside it, user, state, processor, memory and command. " +
		"For what whole containers use call podman_stats.",
}, func(ctx context.Context, c *Call, in TopParams) (TopResult, error) {
	if err := c.exact(ctx, string(in.Container)); err != nil {
		return TopResult{}, err
	}
	// The words after the container are columns: all are ours.
	result, err := c.Runner.Read(ctx, exec.Podman("top").Operand(string(in.Container)).Operand(parse.TopColumns()...))
	if err != nil {
		return TopResult{}, err
	}
	list, err := parse.Processes(result.Stdout)
	if err != nil {
		return TopResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return TopResult{shown, len(list), len(shown) < len(list)}, nil
})

// TopParams are the parameters of podman_top.
type TopParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
	Limit     int       `json:"limit,omitempty" default:"50" minimum:"1" maximum:"200" jsonschema:"Most processes to return"`
}

// TopResult is the result of podman_top.
type TopResult struct {
	Processes []parse.Process `json:"processes"`
	Total     int             `json:"total"`
	Truncated bool            `json:"truncated"`
}
