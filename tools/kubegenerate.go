package tools

import (
	"context"
	"fmt"
	"os"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/kube"
	"podman-mcp/parse"
)

var podmanKubeGenerate = act(Tool{
	Name: "podman_kube_generate", Title: "Generate Kubernetes YAML", Effect: Changes, Toolset: Kube, // it can write a file
	About: "Writes Kubernetes YAML of containers, pods and volumes that are here. Secrets in it are masked, and such YAML cannot be played: " +
		"with file, the whole YAML goes into a new file as it is, for podman_kube_play, podman_kube_apply or kubectl. " +
		"For systemd units use podman_quadlet_generate.",
}, kubeGenerate)

// KubeGenerateParams are the parameters of podman_kube_generate.
type KubeGenerateParams struct {
	Names    []Name `json:"names" minItems:"1" jsonschema:"Names or ids of containers, or of pods and volumes"`
	Service  bool   `json:"service,omitempty" default:"false" jsonschema:"Also a Service for the ports"`
	File     File   `json:"file,omitempty" jsonschema:"New file for the whole YAML, secrets not masked"`
	MaxBytes int    `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"Most bytes to return, the first"`
}

// KubeGenerateResult is the result of podman_kube_generate.
type KubeGenerateResult struct {
	YAML      string `json:"yaml"`
	Bytes     int    `json:"bytes" jsonschema:"Of the whole"`
	Masked    int    `json:"masked,omitempty" jsonschema:"Secrets that are masked"`
	File      string `json:"file,omitempty" jsonschema:"Where the whole was written"`
	Truncated bool   `json:"truncated"`
	Note      string `json:"note,omitempty"`
}

func (r KubeGenerateResult) text() (string, bool) { return closed(r.YAML, r.Note), true }

func kubeGenerate(ctx context.Context, c *Call, in KubeGenerateParams) (KubeGenerateResult, error) {
	var none KubeGenerateResult
	file := ""
	if in.File != "" {
		var err error
		if file, err = c.Roots.Target("file", string(in.File)); err != nil {
			return none, err
		}
	}
	if err := c.wholeNames(ctx, words(in.Names)); err != nil {
		return none, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman("kube", "generate").Flag("service", in.Service).Operand(words(in.Names)...))
	if err != nil {
		return none, err
	}
	shown, masked, err := kube.Mask(result.Stdout)
	if err != nil {
		return none, err
	}
	if file != "" {
		if _, err := newFile(file, func(part string) error { return os.WriteFile(part, result.Stdout, 0o600) }); err != nil {
			return none, err
		}
	}
	out := KubeGenerateResult{Bytes: len(result.Stdout), Masked: masked, File: file}
	out.YAML, out.Truncated = head(strings.TrimRight(parse.Clean(string(shown)), "\n"), in.MaxBytes)
	out.Note = in.note(out)
	return out, nil
}

func (in KubeGenerateParams) note(out KubeGenerateResult) string {
	var notes []string
	if out.Truncated {
		notes = append(notes, fmt.Sprintf("the first %d of %d bytes; raise max_bytes to see more", len(out.YAML), out.Bytes))
	}
	switch {
	case out.Masked > 0 && in.File == "":
		notes = append(notes, fmt.Sprintf("secrets masked: %d, so this cannot be played; file writes the whole", out.Masked))
	case out.Masked > 0:
		notes = append(notes, fmt.Sprintf("secrets masked here, not in %s: %d", out.File, out.Masked))
	case in.File != "":
		notes = append(notes, "written to "+out.File)
	}
	return strings.Join(notes, "; ")
}

// wholeNames refuses beginnings of ids, of whichever noun podman would take them.
func (c *Call) wholeNames(ctx context.Context, names []string) error {
	for _, name := range names {
		if len(name) >= 12 || strings.Trim(name, "0123456789abcdef") != "" {
			continue
		}
		list, err := c.containers(ctx)
		if err != nil {
			return err
		}
		if _, ok := find(list, name); ok {
			continue
		}
		pods, err := c.pods(ctx)
		if err != nil {
			return err
		}
		if _, missing := findPod(pods, name); missing == nil {
			continue
		}
		if err := c.whole(ctx, "volume", parse.ContainerNotFound, name); err != nil {
			return err
		}
	}
	return nil
}
