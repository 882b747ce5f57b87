package tools

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanBuild = act(Tool{
	Name: "podman_build", Title: "Build an image", Effect: Changes, Toolset: Images, Default: true, OpenWorld: true, Timeout: longTimeout,
	About: "Builds an image from a Containerfile, with progress by step; where a step fails, names it with its last output. " +
		"Give the context folder, or the file's text alone where nothing is copied from the host. podman_run then runs it. " +
		"For the images of a compose file use podman_compose_up with build.",
}, build)

// BuildParams are the parameters of podman_build.
type BuildParams struct {
	Context       File     `json:"context,omitempty" jsonschema:"Folder that COPY takes from"`
	File          File     `json:"file,omitempty" jsonschema:"Path in the context; Containerfile or Dockerfile otherwise"`
	Containerfile string   `json:"containerfile,omitempty" jsonschema:"The file's text, instead of file"`
	Tags          []Image  `json:"tags,omitempty" jsonschema:"Names for the image"`
	BuildArgs     []Env    `json:"build_args,omitempty" jsonschema:"Each KEY=VALUE for an ARG; no secrets, the image keeps them"`
	Target        Name     `json:"target,omitempty" jsonschema:"Stage to build"`
	Platform      Platform `json:"platform,omitempty" jsonschema:"OS/ARCH"`
	NoCache       bool     `json:"no_cache,omitempty" default:"false" jsonschema:"Run every step again"`
}

// BuildResult is the result of podman_build.
type BuildResult struct {
	ID         string   `json:"id,omitempty"`
	Tags       []string `json:"tags"`
	SizeBytes  int64    `json:"size_bytes,omitempty"`
	Steps      int      `json:"steps,omitempty"`
	FailedStep string   `json:"failed_step,omitempty"`
	Output     string   `json:"output,omitempty" jsonschema:"Newest lines of the failed step"`
}

func (r BuildResult) partial() bool { return r.FailedStep != "" }

// What a failed step printed is kept to its newest lines.
const (
	maxStepLines = 200
	maxStepBytes = 8 << 10
)

func build(ctx context.Context, c *Call, in BuildParams) (BuildResult, error) {
	scratch, done, err := c.scratch(ctx)
	if err != nil {
		return BuildResult{}, err
	}
	out, err := c.buildIn(ctx, in, scratch)
	var run *exec.RunError
	done(ctx.Err() != nil || errors.As(err, &run) && run.Code < 0)
	return out, err
}

func (c *Call) buildIn(ctx context.Context, in BuildParams, scratch *exec.Scratch) (BuildResult, error) {
	argv, err := c.buildArgv(ctx, in, scratch)
	if err != nil {
		return BuildResult{}, err
	}
	var steps parse.BuildProgress
	last := newRing(maxStepLines, maxStepBytes)
	for line, err := range c.Runner.Lines(ctx, argv) {
		if err != nil {
			return c.failedStep(ctx, &steps, last, err)
		}
		text := parse.Mask(lineText(line))
		if steps.Line(text) {
			last = newRing(maxStepLines, maxStepBytes)
			c.Progress(ctx, steps.Step(), float64(steps.Done()), float64(steps.Total()))
			continue
		}
		last.add(text)
	}
	if steps.ID() == "" {
		printed, _ := last.text()
		return BuildResult{}, parse.OutputInvalidError("the image's id", []byte(printed), nil)
	}
	image, err := c.image(ctx, steps.ID())
	if err != nil {
		return BuildResult{}, err
	}
	tags := slices.DeleteFunc(image.Names, func(name string) bool {
		return !slices.ContainsFunc(in.Tags, func(tag Image) bool { return localName(string(tag)) == name })
	})
	return BuildResult{ID: image.ID, Tags: tags, SizeBytes: image.SizeBytes, Steps: steps.Total()}, nil
}

// buildArgv hands the host's proxies on to no step: their passwords are none
// of its business. Who needs one gives it as build argument HTTP_PROXY.
func (c *Call) buildArgv(ctx context.Context, in BuildParams, scratch *exec.Scratch) (exec.Argv, error) {
	var none exec.Argv
	folder, path, text, err := c.buildFiles(in, scratch)
	if err != nil {
		return none, err
	}
	where := "file"
	if in.Containerfile != "" {
		where = "containerfile"
	}
	if err := c.permitBuild(where, text, in.BuildArgs); err != nil {
		return none, err
	}
	if err := c.harmless(ctx, where, text, in.BuildArgs); err != nil {
		return none, err
	}
	for i, arg := range in.BuildArgs {
		if _, value, _ := strings.Cut(string(arg), "="); transport(value) {
			return none, invalid(fmt.Sprintf("build_args[%d]", i), "%s names a transport, by which FROM would read this machine's files", arg.Key())
		}
	}
	for i, tag := range in.Tags {
		if strings.Contains(string(tag), "@") {
			return none, invalid(fmt.Sprintf("tags[%d]", i), "got %q; takes a name such as localhost/web:1, without a digest", tag)
		}
		if err := c.permitTo(fmt.Sprintf("tags[%d]", i), string(tag)); err != nil {
			return none, err
		}
	}
	argv := exec.Podman("build").
		Option("file", path).
		Option("tag", words(in.Tags)...).
		Text("build-arg", words(in.BuildArgs)...).
		Option("target", string(in.Target)).
		Option("platform", string(in.Platform)).
		Flag("no-cache", in.NoCache).
		Flag("http-proxy=false", true).
		Operand(folder).Pulls()
	if !c.Runner.Remote {
		argv = argv.Scratch(scratch)
	}
	return argv, nil
}

// buildFiles returns the context folder and the Containerfile, by path and text.
func (c *Call) buildFiles(in BuildParams, scratch *exec.Scratch) (folder, path, text string, err error) {
	switch {
	case in.Context == "" && in.File != "":
		return "", "", "", invalid("context", "is missing; file names a path in it")
	case in.Context == "" && in.Containerfile == "":
		return "", "", "", invalid("context", "is missing; give the folder that holds the Containerfile, or its text as containerfile")
	case in.File != "" && in.Containerfile != "":
		return "", "", "", invalid("containerfile", "cannot stand beside file; give one of them")
	case len(in.Containerfile) > maxContainerfile:
		return "", "", "", invalid("containerfile", "is longer than 1 MiB")
	case strings.ContainsRune(in.Containerfile, 0):
		return "", "", "", invalid("containerfile", "holds a NUL byte")
	}
	folder = scratch.Context()
	if in.Context != "" {
		if folder, err = c.Roots.Source("context", string(in.Context)); err != nil {
			return "", "", "", err
		}
		if about, err := os.Stat(folder); err != nil || !about.IsDir() {
			return "", "", "", invalid("context", "%q is no folder on the server's machine", in.Context)
		}
	}
	if in.Containerfile == "" {
		path, text, err = containerfile(folder, string(in.File))
		return folder, path, text, err
	}
	path, err = scratch.Write(in.Containerfile)
	return folder, path, in.Containerfile, err
}

// failedStep tells which step failed and what it printed last. A build that was
// ended did not fail at a step.
func (c *Call) failedStep(ctx context.Context, steps *parse.BuildProgress, last *ring, err error) (BuildResult, error) {
	if stopped(ctx, err) || steps.Step() == "" {
		return BuildResult{}, err
	}
	f := c.failure(ctx, err, longTimeout)
	out := BuildResult{Tags: []string{}, FailedStep: steps.Step()}
	out.Output, _ = last.text()
	f.Details = "" // they are the end of the output
	return out, f
}
