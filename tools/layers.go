package tools

import (
	"context"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanHistory = act(Tool{
	Name: "podman_history", Title: "Tell how an image was made", Effect: Reads, Toolset: Images,
	About: "Lists the steps that made a local image, the newest first, with what each added. " +
		"podman_image_tree tells which other images share its layers; podman_inspect with type image its settings.",
}, func(ctx context.Context, c *Call, in HistoryParams) (HistoryResult, error) {
	if err := c.wholeImage(ctx, string(in.Image)); err != nil {
		return HistoryResult{}, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("history").Option("format", "json").Operand(string(in.Image)))
	if err != nil {
		return HistoryResult{}, err
	}
	list, err := parse.History(result.Stdout)
	if err != nil {
		return HistoryResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return HistoryResult{shown, len(list), len(shown) < len(list)}, nil
})

// HistoryParams are the parameters of podman_history.
type HistoryParams struct {
	Image Image `json:"image" jsonschema:"Name or id"`
	Limit int   `json:"limit,omitempty" default:"50" minimum:"1" maximum:"200" jsonschema:"Most steps to return, the newest"`
}

// HistoryResult is the result of podman_history.
type HistoryResult struct {
	Layers    []parse.HistoryLayer `json:"layers"`
	Total     int                  `json:"total"`
	Truncated bool                 `json:"truncated"`
}

var podmanImageTree = act(Tool{
	Name: "podman_image_tree", Title: "Show an image's layers", Effect: Reads, Toolset: Images,
	About: "Lists the layers of a local image, the base first, with their sizes and the names of the images that end with each: " +
		"what it shares with them. podman_history tells the steps that made it.",
}, func(ctx context.Context, c *Call, in ImageTreeParams) (ImageTreeResult, error) {
	if err := c.wholeImage(ctx, string(in.Image)); err != nil {
		return ImageTreeResult{}, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("image", "tree").Operand(string(in.Image)))
	if err != nil {
		return ImageTreeResult{}, err
	}
	tree, err := parse.Tree(result.Stdout)
	if err != nil {
		return ImageTreeResult{}, err
	}
	total := len(tree.Layers)
	tree.Layers = tree.Layers[max(0, total-in.Limit):]
	return ImageTreeResult{tree, total, len(tree.Layers) < total}, nil
})

// ImageTreeParams are the parameters of podman_image_tree.
type ImageTreeParams struct {
	Image Image `json:"image" jsonschema:"Name or id"`
	Limit int   `json:"limit,omitempty" default:"50" minimum:"1" maximum:"200" jsonschema:"Most layers to return, the topmost"`
}

// ImageTreeResult is the result of podman_image_tree.
type ImageTreeResult struct {
	parse.ImageTree
	Total     int  `json:"total" jsonschema:"All layers"`
	Truncated bool `json:"truncated"`
}
