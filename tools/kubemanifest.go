package tools

import (
	"cmp"
	"context"
	"encoding"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"podman-mcp/exec"
	"podman-mcp/kube"
	"podman-mcp/parse"
)

// KubeText is Kubernetes YAML, by a file's path or as text.
type KubeText struct {
	File File   `json:"file,omitempty" jsonschema:"Path of the YAML; this or yaml"`
	YAML string `json:"yaml,omitempty" jsonschema:"The YAML itself; this or file"`
}

// read returns the text.
func (in KubeText) read(c *Call) ([]byte, error) {
	switch {
	case (in.File == "") == (in.YAML == ""):
		return nil, invalid("yaml", "the YAML comes from file or from yaml; give one of the two")
	case in.YAML != "":
		return []byte(in.YAML), nil
	}
	path, err := c.Roots.Source("file", string(in.File))
	if err != nil {
		return nil, err
	}
	return readFile("file", path, kube.MaxBytes)
}

// readFile reads a plain file that is not larger than limit. A pipe would keep
// the call waiting for ever.
func readFile(parameter, path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, invalid(parameter, "%s does not exist or cannot be read", short([]byte(path)))
	}
	defer func() { _ = f.Close() }()
	if about, err := f.Stat(); err != nil || !about.Mode().IsRegular() {
		return nil, invalid(parameter, "%s is no plain file", short([]byte(path)))
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, invalid(parameter, "%s cannot be read", short([]byte(path)))
	case int64(len(text)) > limit:
		return nil, invalid(parameter, "%s is larger than %d KiB", short([]byte(path)), limit>>10)
	}
	return text, nil
}

// judge holds Kubernetes YAML to what podman_run takes.
func (c *Call) judge() kube.Judge {
	kind := func(at string, into encoding.TextUnmarshaler, word string) error {
		if err := into.UnmarshalText([]byte(word)); err != nil {
			return invalid("yaml", "%s: %v", at, err)
		}
		return nil
	}
	return kube.Judge{
		HostPath: func(at, path string) (string, error) {
			if c.Runner.Remote {
				return path, c.Roots.Elsewhere(at, path)
			}
			return c.Roots.Source(at, path)
		},
		Image:   func(at, image string) error { return cmp.Or(kind(at, new(Image), image), c.permitFile(at, image)) },
		Label:   func(at, label string) error { return kind(at, new(Label), label) },
		Address: c.Policy.address, Permits: c.Policy.Permits,
		Mount: func(at, target string) error {
			if !strings.HasPrefix(target, "/") {
				return invalid("yaml", "%s: %s is no absolute path", at, short([]byte(target)))
			}
			return kind(at, new(Volume), "volume:"+target)
		},
	}
}

// there returns those of the names that podman's own list of a noun has.
func (c *Call) there(ctx context.Context, names []string, noun string, read func([]byte) ([]string, error)) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	format := "{{.Name}}"
	if noun == "secret" {
		format = "{{json .}}"
	}
	result, err := c.Runner.Read(ctx, exec.Podman(noun, "ls").Option("format", format))
	if err != nil {
		return nil, err
	}
	all, err := read(result.Stdout)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(all, name) }), nil
}

// volumesThere returns those of the names that volumes have.
func (c *Call) volumesThere(ctx context.Context, names []string) ([]string, error) {
	return c.there(ctx, names, "volume", func(out []byte) ([]string, error) { return strings.Fields(string(out)), nil })
}

// secretsThere returns those of the names that secrets have.
func (c *Call) secretsThere(ctx context.Context, names []string) ([]string, error) {
	return c.there(ctx, names, "secret", parse.SecretNames)
}
