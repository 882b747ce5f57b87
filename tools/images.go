package tools

import (
	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanImages = query(Tool{
	Name: "podman_images", Title: "List images", Effect: Reads, Toolset: Images, Default: true,
	About: "Lists local images, newest first, one row an image however many names it has. " +
		"podman_pull fetches one; podman_inspect with type image tells one's details.",
}, func(in ImagesParams) exec.Argv {
	return exec.Podman("images").Flag("all", in.All).
		Option("filter", in.Filters.pairs()...).
		Option("format", "json")
}, func(in ImagesParams, out []byte) (ImagesResult, error) {
	list, err := parse.Images(out)
	if err != nil {
		return ImagesResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	for i, image := range shown {
		shown[i] = image.Shown()
	}
	return ImagesResult{shown, len(list), len(shown) < len(list)}, nil
}).kept()

// ImagesParams are the parameters of podman_images.
type ImagesParams struct {
	All     bool         `json:"all,omitempty" default:"false" jsonschema:"Also the intermediate images of builds"`
	Filters ImageFilters `json:"filters,omitzero" jsonschema:"Only images that match all of these"`
	Limit   int          `json:"limit,omitempty" default:"30" minimum:"1" maximum:"100" jsonschema:"Most images to return"`
}

// ImageFilters are podman's own filters of images.
type ImageFilters struct {
	Reference ImageMatch `json:"reference,omitempty" jsonschema:"Name, in which * stands for anything"`
	Label     LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	Dangling  *bool      `json:"dangling,omitempty" jsonschema:"Only images without (true) or with (false) a name"`
	Before    Image      `json:"before,omitempty" jsonschema:"Older than this image"`
	Since     Image      `json:"since,omitempty" jsonschema:"Newer than this image"`
}

func (f ImageFilters) pairs() []string {
	return pairs("reference", string(f.Reference), "label", string(f.Label), "dangling", truth(f.Dangling),
		"before", string(f.Before), "since", string(f.Since))
}

// ImagesResult is the result of podman_images.
type ImagesResult struct {
	Images    []parse.Image `json:"images"`
	Total     int           `json:"total" jsonschema:"Images that match, also those not shown"`
	Truncated bool          `json:"truncated"`
}
