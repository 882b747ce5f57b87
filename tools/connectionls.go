package tools

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanSystemConnectionLs = act(Tool{
	Name: "podman_system_connection_ls", Title: "List podman's connections", Effect: Reads, Toolset: System,
	About: "Lists the podman services that podman here knows, such as those of other machines. Where there are several, each tool " +
		"takes the name of one as connection.",
}, func(ctx context.Context, c *Call, in ConnectionLsParams) (ConnectionLsResult, error) {
	list, err := listConnections(ctx, c.here())
	if err != nil {
		return ConnectionLsResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return ConnectionLsResult{shown, len(list), len(shown) < len(list)}, nil
})

// ConnectionLsParams are the parameters of podman_system_connection_ls.
type ConnectionLsParams struct {
	Limit int `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most connections to return"`
}

// ConnectionLsResult is the result of podman_system_connection_ls.
type ConnectionLsResult struct {
	Connections []parse.Connection `json:"connections"`
	Total       int                `json:"total"`
	Truncated   bool               `json:"truncated"`
}

// listConnections asks podman here, for its connections are settings of this side.
func listConnections(ctx context.Context, r *exec.Runner) ([]parse.Connection, error) {
	result, err := r.Read(ctx, exec.Podman("system", "connection", "list").Option("format", "json"))
	if err != nil {
		return nil, err
	}
	return parse.Connections(result.Stdout)
}
