package tools

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPort = act(Tool{
	Name: "podman_port", Title: "List a container's ports", Effect: Reads, Toolset: Containers,
	About: "Lists the ports of one container that are open on the host, one row each, also where a range was published. " +
		"podman_ps shows those of all containers.",
}, func(ctx context.Context, c *Call, in PortParams) (PortResult, error) {
	if err := c.exact(ctx, string(in.Container)); err != nil {
		return PortResult{}, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("port").Operand(string(in.Container)))
	if err != nil {
		return PortResult{}, err
	}
	list, err := parse.Mappings(result.Stdout)
	if err != nil {
		return PortResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return PortResult{shown, len(list), len(shown) < len(list)}, nil
})

// PortParams are the parameters of podman_port.
type PortParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
	Limit     int       `json:"limit,omitempty" default:"100" minimum:"1" maximum:"1000" jsonschema:"Most ports to return"`
}

// PortResult is the result of podman_port.
type PortResult struct {
	Ports     []parse.Mapping `json:"ports"`
	Total     int             `json:"total"`
	Truncated bool            `json:"truncated"`
}
