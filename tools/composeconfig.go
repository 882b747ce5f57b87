package tools

import (
	"context"
	"fmt"
	"strings"

	"podman-mcp/compose"
)

var podmanComposeConfig = act(Tool{
	Name: "podman_compose_config", Title: "Read a compose file as it is understood", Effect: Reads, Toolset: Compose,
	About: "Returns the compose file with its variables put in, what it extends and includes taken in, and secrets masked; " +
		"a mistake in it is told with its line. Nothing runs. podman_compose_up starts it.",
}, func(ctx context.Context, c *Call, in ComposeConfigParams) (ComposeConfigResult, error) {
	config, err := compose.Resolve(ctx, c.Runner, c.fileOptions(in.File, in.ProjectName, in.EnvFile, in.Services, in.Profiles))
	if err != nil {
		return ComposeConfigResult{}, err
	}
	out := ComposeConfigResult{Project: config.Project, File: config.File, Names: config.Services, Note: config.Note}
	out.Config, out.Truncated = head(config.YAML, in.MaxBytes)
	if out.Truncated {
		out.Note = strings.TrimSpace(fmt.Sprintf("the first %d of %d bytes; name services, or raise max_bytes, to see more. %s", len(out.Config), len(config.YAML), out.Note))
	}
	return out, nil
})

// head is the beginning of a text, cut at a line.
func head(text string, most int) (string, bool) {
	text = strings.TrimSuffix(text, "\n")
	if len(text) <= most {
		return text, false
	}
	cut := strings.LastIndexByte(text[:most], '\n')
	return strings.ToValidUTF8(text[:max(cut, 0)], ""), true
}

// ComposeConfigParams are the parameters of podman_compose_config.
type ComposeConfigParams struct {
	File        File   `json:"file,omitempty" jsonschema:"Compose file or its folder"`
	ProjectName Name   `json:"project_name,omitempty" jsonschema:"Instead of the file's own name"`
	Services    []Name `json:"services,omitempty" jsonschema:"Only these and what they depend on"`
	Profiles    []Name `json:"profiles,omitempty" jsonschema:"Also the services of these profiles"`
	EnvFile     File   `json:"env_file,omitempty" jsonschema:"Variables for the file, instead of .env beside it"`
	MaxBytes    int    `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"Most bytes to return"`
}

// ComposeConfigResult is the result of podman_compose_config.
type ComposeConfigResult struct {
	Project   string   `json:"project"`
	File      string   `json:"file"`
	Names     []string `json:"service_names" jsonschema:"Services that would run"`
	Config    string   `json:"config" jsonschema:"YAML"`
	Truncated bool     `json:"truncated"`
	Note      string   `json:"note,omitempty"`
}

func (r ComposeConfigResult) text() (string, bool) { return closed(r.Config, r.Note), true }
