package tools

import (
	"context"
	"os"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanFarmBuild = act(Tool{
	Name: "podman_farm_build", Title: "Build an image on a farm", Effect: Changes, Toolset: Kube, OpenWorld: true, Timeout: longTimeout,
	About: "Builds an image for several platforms on the machines of a podman farm, pushes the images to the tag's registry and makes one manifest list of them. " +
		"Needs podman 4.9 or newer and a farm that the operator made (podman farm create). For this machine alone use podman_build.",
}, farmBuild)

// FarmBuildParams are the parameters of podman_farm_build.
type FarmBuildParams struct {
	Context   File       `json:"context" jsonschema:"Folder that COPY takes from"`
	File      File       `json:"file,omitempty" jsonschema:"Path in the context; Containerfile or Dockerfile otherwise"`
	Tag       Image      `json:"tag" jsonschema:"Name of the manifest list, with its registry"`
	Farm      Name       `json:"farm,omitempty" jsonschema:"The default farm where not given"`
	Platforms []Platform `json:"platforms,omitempty" jsonschema:"Each OS/ARCH; all of the farm's machines where not given"`
	MaxBytes  int        `json:"max_bytes,omitempty" default:"4096" minimum:"256" maximum:"262144" jsonschema:"Most bytes of output to return, the newest"`
}

// FarmBuildResult is the result of podman_farm_build.
type FarmBuildResult struct {
	Tag    string `json:"tag,omitempty"`
	Output string `json:"output,omitempty" jsonschema:"The newest lines that the builds printed"`
	Lines  int    `json:"lines,omitempty" jsonschema:"In all"`
}

func (r FarmBuildResult) partial() bool { return r.Output != "" }

func farmBuild(ctx context.Context, c *Call, in FarmBuildParams) (FarmBuildResult, error) {
	var none FarmBuildResult
	if strings.Contains(string(in.Tag), "@") {
		return none, invalid("tag", "got %q; takes a name such as registry.example.com/web:1, without a digest", in.Tag)
	}
	folder, err := c.Roots.Source("context", string(in.Context))
	if err != nil {
		return none, err
	}
	if about, err := os.Stat(folder); err != nil || !about.IsDir() {
		return none, invalid("context", "%q is no folder on the server's machine", in.Context)
	}
	path, text, err := containerfile(folder, string(in.File))
	if err != nil {
		return none, err
	}
	if err := c.permitBuild("file", text, nil); err != nil {
		return none, err
	}
	if err := c.permitTo("tag", string(in.Tag)); err != nil {
		return none, err
	}
	if err := c.harmless(ctx, "file", text, nil); err != nil {
		return none, err
	}
	argv := exec.Podman("farm", "build").Option("farm", string(in.Farm)).Option("tag", string(in.Tag)).
		Option("platforms", words(in.Platforms)...).Option("file", path).Flag("http-proxy=false", true).
		Operand(folder).Pulls()
	ring := newRing(1000, in.MaxBytes)
	progress := newLineProgress(ctx, c)
	defer progress.end()
	for line, err := range c.Runner.Lines(ctx, argv) {
		if err != nil {
			out := FarmBuildResult{Lines: ring.total}
			if out.Output, _ = ring.text(); bySelf(err) {
				out = none // it never began
			}
			return out, err
		}
		text := parse.Mask(lineText(line))
		ring.add(text)
		progress.line(text)
	}
	out := FarmBuildResult{Tag: string(in.Tag), Lines: ring.total}
	out.Output, _ = ring.text()
	return out, nil
}
