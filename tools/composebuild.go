package tools

import (
	"context"
	"fmt"

	"podman-mcp/compose"
	"podman-mcp/parse"
)

var podmanComposeBuild = act(Tool{
	Name: "podman_compose_build", Title: "Build a compose project's images", Effect: Changes, Toolset: Compose, OpenWorld: true, Timeout: longTimeout,
	About: "Builds the images of a compose file's services that have build, one after another with progress, and reports each. " +
		"podman_compose_up builds by itself what is missing; podman_build builds without a compose file.",
}, func(ctx context.Context, c *Call, in ComposeBuildParams) (ComposeImagesResult, error) {
	progress := newLineProgress(ctx, c)
	defer progress.end()
	built, err := compose.Build(ctx, c.Runner, c.Compose, compose.BuildOptions{
		FileOptions: c.fileOptions(in.File, in.ProjectName, in.EnvFile, in.Services, in.Profiles), NoCache: in.NoCache, Harmless: c.harmlessFile, JudgeImage: c.permitCompose,
		Scratch: c.scratch,
	}, progress.line)
	out := ComposeImagesResult{Project: built.Project, Provider: built.Provider, Results: []ServiceImage{}}
	var failures []*parse.Failure
	for _, b := range built.Built {
		one := ServiceImage{Service: b.Service, Image: b.Image, OK: b.Failure == nil, ID: b.ID, SizeBytes: b.SizeBytes}
		if b.Failure != nil {
			one.Error = wire(b.Failure)
			failures = append(failures, b.Failure)
		}
		out.Results = append(out.Results, one)
	}
	if err != nil {
		return out, err
	}
	return out, someFailed(failures, len(out.Results))
})

// someFailed is the first of the failures of n things, nil where there is none.
func someFailed(failures []*parse.Failure, n int) error {
	if len(failures) == 0 {
		return nil
	}
	all := *failures[0]
	if n > 1 {
		all.Message = fmt.Sprintf("%d of %d failed, the first: %s", len(failures), n, all.Message)
	}
	return &all
}

// ComposeBuildParams are the parameters of podman_compose_build.
type ComposeBuildParams struct {
	File        File   `json:"file,omitempty" jsonschema:"Compose file or its folder"`
	ProjectName Name   `json:"project_name,omitempty" jsonschema:"Instead of the file's own name"`
	Services    []Name `json:"services,omitempty" jsonschema:"Only these"`
	Profiles    []Name `json:"profiles,omitempty" jsonschema:"Also the services of these profiles"`
	EnvFile     File   `json:"env_file,omitempty" jsonschema:"Variables for the file, instead of .env beside it"`
	NoCache     bool   `json:"no_cache,omitempty" default:"false" jsonschema:"Run every step again"`
}

// ComposeImagesResult is the result of podman_compose_build and podman_compose_pull.
type ComposeImagesResult struct {
	Project  string         `json:"project"`
	Provider string         `json:"provider,omitempty" jsonschema:"What has built"`
	Results  []ServiceImage `json:"results"`
	Rows
}

func (r *ComposeImagesResult) cut() {
	cut(&r.Rows, &r.Results, func(s ServiceImage) bool { return s.OK })
}

func (r ComposeImagesResult) partial() bool { return len(r.Results) > 0 }

// ServiceImage is what became of one service's image.
type ServiceImage struct {
	Service        string     `json:"service"`
	Image          string     `json:"image,omitempty"`
	OK             bool       `json:"ok"`
	ID             string     `json:"id,omitempty"`
	SizeBytes      int64      `json:"size_bytes,omitempty"`
	AlreadyPresent bool       `json:"already_present,omitempty" jsonschema:"The local image was this one already"`
	Skipped        string     `json:"skipped,omitempty" jsonschema:"Why nothing was done"`
	Note           string     `json:"note,omitempty"`
	Error          *wireError `json:"error,omitempty"`
}
