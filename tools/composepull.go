package tools

import (
	"context"
	"strings"

	"podman-mcp/compose"
	"podman-mcp/parse"
)

var podmanComposePull = act(Tool{
	Name: "podman_compose_pull", Title: "Pull a compose project's images", Effect: Changes, Toolset: Compose, OpenWorld: true, Idempotent: true, Timeout: longTimeout,
	About: "Fetches the images of a compose file's services from their registries, with progress, and reports each. " +
		"Services that are built are skipped: podman_compose_build builds them. For one image use podman_pull.",
}, composePull)

// composePull does for each image what podman_pull does, an image of several
// services once.
func composePull(ctx context.Context, c *Call, in ComposePullParams) (ComposeImagesResult, error) {
	project, images, err := compose.Images(ctx, c.Runner, c.fileOptions(in.File, in.ProjectName, in.EnvFile, in.Services, in.Profiles))
	if err != nil {
		return ComposeImagesResult{}, err
	}
	out := ComposeImagesResult{Project: project, Results: []ServiceImage{}}
	var failures []*parse.Failure
	type fetched struct {
		result PullResult
		f      *parse.Failure
	}
	done := map[PullParams]fetched{}
	ahead := 0.0
	for _, image := range images {
		one := ServiceImage{Service: image.Service, Image: image.Image}
		if image.Built || image.Image == "" {
			one.OK, one.Skipped = true, "it is built"
			out.Results = append(out.Results, one)
			continue
		}
		in := PullParams{Platform: Platform(image.Platform), Policy: in.Policy}
		if in.Policy == "always" && strings.HasPrefix(image.Image, "localhost/") {
			in.Policy = "missing" // podman's own name for what was built here
		}
		if err := in.Image.UnmarshalText([]byte(image.Image)); err != nil {
			return out, invalid("file", "services.%s.image: %v", image.Service, err)
		}
		got, again := done[in]
		if !again {
			each := &Call{Host: c.Host, Progress: c.after(&ahead, image.Image)}
			var err error
			if got.result, err = pull(ctx, each, in); err != nil {
				if ctx.Err() != nil {
					return out, err // and the rest is not tried
				}
				got.f = c.failure(ctx, err, longTimeout)
			}
			done[in] = got
		}
		if got.f != nil {
			one.Error = wire(got.f)
			failures = append(failures, got.f)
		} else {
			one.OK, one.ID, one.SizeBytes, one.AlreadyPresent, one.Note = true, got.result.ID, got.result.SizeBytes, got.result.AlreadyPresent, got.result.Note
		}
		out.Results = append(out.Results, one)
	}
	return out, someFailed(failures, len(out.Results))
}

// after is the progress of the next of several: it names it, and goes on from
// what the ones before have come to, for progress may only grow.
func (c *Call) after(ahead *float64, name string) func(ctx context.Context, message string, done, total float64) {
	begun := *ahead
	return func(ctx context.Context, message string, done, _ float64) {
		*ahead = max(*ahead, begun+done)
		c.Progress(ctx, name+": "+message, *ahead, 0)
	}
}

// ComposePullParams are the parameters of podman_compose_pull.
type ComposePullParams struct {
	File        File   `json:"file,omitempty" jsonschema:"Compose file or its folder"`
	ProjectName Name   `json:"project_name,omitempty" jsonschema:"Instead of the file's own name"`
	Services    []Name `json:"services,omitempty" jsonschema:"Only these"`
	Profiles    []Name `json:"profiles,omitempty" jsonschema:"Also the services of these profiles"`
	EnvFile     File   `json:"env_file,omitempty" jsonschema:"Variables for the file, instead of .env beside it"`
	Policy      string `json:"policy,omitempty" default:"always" enum:"always missing never newer" jsonschema:"As podman_pull has it"`
}
