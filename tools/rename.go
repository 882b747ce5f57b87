package tools

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanRename = act(Tool{
	Name: "podman_rename", Title: "Rename a container", Effect: Changes, Toolset: Containers,
	About: "Gives a container another name, also while it runs. Its id, network addresses and volumes stay. " +
		"Compose knows its containers by their names: do not rename those.",
}, func(ctx context.Context, c *Call, in RenameParams) (RenameResult, error) {
	row, err := c.lookup(ctx, string(in.Container))
	if err != nil {
		return RenameResult{}, err
	}
	if err := c.changeable(ctx, []parse.Container{row}); err != nil {
		return RenameResult{}, err
	}
	if _, err := c.finish(ctx, exec.Podman("rename").Operand(row.FullID, string(in.Name))); err != nil {
		return RenameResult{}, err
	}
	return RenameResult{row.ID, string(in.Name), row.Name}, nil
})

// RenameParams are the parameters of podman_rename.
type RenameParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
	Name      Container `json:"name" jsonschema:"New name"`
}

// RenameResult is the result of podman_rename.
type RenameResult struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	OldName string `json:"old_name"`
}
