package tools

import (
	"context"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
	"podman-mcp/quadlet"
)

var podmanQuadletGenerate = act(Tool{
	Name: "podman_quadlet_generate", Title: "Generate a quadlet unit", Effect: Reads, Toolset: Kube,
	About: "Writes the text of a NAME.container file from a container that is here, from which systemd makes a service: image, command, env, " +
		"ports, volumes, networks, labels, health, restart. Variables with secrets are left out. " +
		"podman_quadlet_install installs it; for Kubernetes use podman_kube_generate.",
}, func(ctx context.Context, c *Call, in QuadletGenerateParams) (QuadletGenerateResult, error) {
	var none QuadletGenerateResult
	if err := c.exact(ctx, string(in.Container)); err != nil {
		return none, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("container", "inspect").Operand(string(in.Container)))
	if err != nil {
		return none, err
	}
	detail, err := parse.InspectContainer(result.Stdout)
	if err != nil {
		return none, err
	}
	command, check, err := parse.ContainerCommand(result.Stdout)
	if err != nil {
		return none, err
	}
	unit, masked := quadlet.Generate(detail, command, check)
	out := QuadletGenerateResult{Name: detail.Name + ".container", Content: unit}
	if len(masked) > 0 {
		out.Note = "left out, for they may be secrets: " + strings.Join(masked, ", ")
	}
	return out, nil
})

// QuadletGenerateParams are the parameters of podman_quadlet_generate.
type QuadletGenerateParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
}

// QuadletGenerateResult is the result of podman_quadlet_generate.
type QuadletGenerateResult struct {
	Name    string `json:"name" jsonschema:"Of the file"`
	Content string `json:"content"`
	Note    string `json:"note,omitempty"`
}

func (r QuadletGenerateResult) text() (string, bool) {
	return closed(strings.TrimSuffix(r.Content, "\n"), r.Note), true
}
