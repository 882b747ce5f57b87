package tools

import (
	"context"
	"os"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanSave = act(Tool{
	Name: "podman_save", Title: "Save images to a file", Effect: Changes, Toolset: Images, Timeout: longTimeout,
	About: "Writes local images, with their layers and names, to a new archive file on the server's machine. podman_load reads it back, " +
		"also on another machine. To share an image through a registry use podman_push.",
}, save)

// SaveParams are the parameters of podman_save.
type SaveParams struct {
	Images []Image `json:"images" minItems:"1" jsonschema:"Several only as docker-archive"`
	File   File    `json:"file" jsonschema:"Path that does not exist yet"`
	Format string  `json:"format,omitempty" default:"docker-archive" enum:"docker-archive oci-archive"`
}

// SaveResult is the result of podman_save.
type SaveResult struct {
	File      string   `json:"file"`
	SizeBytes int64    `json:"size_bytes"`
	Images    []string `json:"images" jsonschema:"Names in the archive"`
}

// save has podman write beside the file and gives it its name when it is whole:
// no failed or cancelled save leaves half of one, and none overwrites another.
func save(ctx context.Context, c *Call, in SaveParams) (SaveResult, error) {
	target, err := c.Roots.Target("file", string(in.File))
	switch {
	case err != nil:
		return SaveResult{}, err
	case strings.Contains(target, ":"):
		return SaveResult{}, invalid("file", "%q holds a colon, which podman takes for the beginning of an image's name", target)
	case len(in.Images) > 1 && in.Format != "docker-archive":
		return SaveResult{}, invalid("format", "%s holds one image; save several as docker-archive, or each to a file", in.Format)
	}
	out := SaveResult{File: target, Images: []string{}}
	for _, name := range in.Images {
		image, err := c.image(ctx, string(name))
		if err != nil {
			return SaveResult{}, err
		}
		out.Images = append(out.Images, fullName(string(name), image.Names))
	}
	size, err := newFile(target, func(part string) error {
		_, err := c.copied(ctx, exec.Podman("save").Option("format", in.Format).Option("output", part).
			Flag("multi-image-archive", len(in.Images) > 1). // without it the second word is a further name for the first image
			Operand(words(in.Images)...))
		return err
	})
	if err != nil {
		return SaveResult{}, err
	}
	out.SizeBytes = size
	return out, nil
}

var podmanLoad = act(Tool{
	Name: "podman_load", Title: "Load images from a file", Effect: Changes, Toolset: Images, Idempotent: true, Timeout: longTimeout,
	About: "Reads images from an archive file on the server's machine, as podman_save or docker save writes it. A local image that has one of " +
		"their names loses it. To fetch an image from a registry use podman_pull.",
}, func(ctx context.Context, c *Call, in LoadParams) (LoadResult, error) {
	if err := c.permitArchive("file"); err != nil {
		return LoadResult{}, err
	}
	file, err := c.Roots.Source("file", string(in.File))
	if err != nil {
		return LoadResult{}, err
	}
	if about, err := os.Stat(file); err != nil || !about.Mode().IsRegular() {
		return LoadResult{}, invalid("file", "%q is no file on the server's machine", in.File)
	}
	result, err := c.copied(ctx, exec.Podman("load").Option("input", file))
	if err != nil {
		return LoadResult{}, err
	}
	images, err := parse.Loaded(result.Stdout)
	return LoadResult{Images: images}, err
})

// LoadParams are the parameters of podman_load.
type LoadParams struct {
	File File `json:"file" jsonschema:"Archive, also a compressed one"`
}

// LoadResult is the result of podman_load.
type LoadResult struct {
	Images []string `json:"images" jsonschema:"Names, or ids where the archive has none"`
	Rows
}

func (r *LoadResult) cut() { r.names(&r.Images) }
