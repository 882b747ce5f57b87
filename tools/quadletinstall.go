package tools

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
	"podman-mcp/quadlet"
)

var podmanQuadletInstall = act(Tool{
	Name: "podman_quadlet_install", Title: "Install a quadlet unit", Effect: Changes, Toolset: Kube,
	About: "Installs a unit file of podman's quadlet (NAME.container, .pod, .volume, .network, .image) for the server's user, from which systemd makes a service " +
		"after daemon-reload. Only keys known to be harmless are taken, and ports open on 127.0.0.1 unless they say otherwise. Nothing is overwritten. " +
		"podman_quadlet_generate writes one; podman_quadlet_rm removes it.",
}, quadletInstall)

// QuadletInstallParams are the parameters of podman_quadlet_install.
type QuadletInstallParams struct {
	File    File   `json:"file,omitempty" jsonschema:"Path of the unit file; this, or content and name"`
	Content string `json:"content,omitempty" jsonschema:"The unit's text"`
	Name    Name   `json:"name,omitempty" jsonschema:"The file's name, such as web.container"`
}

// QuadletInstallResult is the result of podman_quadlet_install.
type QuadletInstallResult struct {
	Path    string `json:"path"`
	Service string `json:"service" jsonschema:"What systemd makes of it"`
	Note    string `json:"note" jsonschema:"What is left to do"`
}

func quadletInstall(ctx context.Context, c *Call, in QuadletInstallParams) (QuadletInstallResult, error) {
	var none QuadletInstallResult
	folder, err := c.unitFolder()
	if err != nil {
		return none, err
	}
	name, text, err := in.read(c)
	if err != nil {
		return none, err
	}
	unit, err := quadlet.Read(name, text, c.unitJudge())
	if err != nil {
		return none, err
	}
	if err := c.unitFree(ctx, filepath.Join(folder, name), name, unit); err != nil {
		return none, err
	}
	path, err := c.install(ctx, folder, name, unit)
	if err != nil {
		return none, err
	}
	service := quadlet.Service(name)
	return QuadletInstallResult{Path: path, Service: service,
		Note: fmt.Sprintf("a person lets systemd see it with systemctl --user daemon-reload and start it with systemctl --user start %s; root without --user", service)}, nil
}

func (in QuadletInstallParams) read(c *Call) (name, text string, err error) {
	switch {
	case (in.File == "") == (in.Content == ""):
		return "", "", invalid("content", "the unit comes from file or from content; give one of the two")
	case in.Content != "" && in.Name == "":
		return "", "", invalid("name", "is missing; takes the file's name, such as web.container")
	case in.Content != "":
		return string(in.Name), in.Content, nil
	}
	path, err := c.Roots.Source("file", string(in.File))
	if err != nil {
		return "", "", err
	}
	content, err := readFile("file", path, quadlet.MaxBytes)
	if name = string(in.Name); name == "" {
		name = filepath.Base(path)
	}
	return name, string(content), err
}

// unitJudge holds a unit to what podman_run takes.
func (c *Call) unitJudge() quadlet.Judge {
	return quadlet.Judge{
		Image: func(image string) error {
			return cmp.Or(new(Image).UnmarshalText([]byte(image)), c.permitFile("content", image))
		},
		Port: func(port string) (string, error) {
			var p Port
			if err := p.UnmarshalText([]byte(port)); err != nil {
				return "", err
			}
			return string(p), c.Policy.network("", []Port{p})
		},
		Volume: func(volume string) (string, error) {
			v := []Volume{""}
			if err := v[0].UnmarshalText([]byte(volume)); err != nil {
				return "", err
			}
			err := c.mounts(v)
			return string(v[0]), err
		},
		File: func(path string) (string, error) {
			if !filepath.IsAbs(path) {
				return "", invalid("content", "%s is no absolute path", short([]byte(path)))
			}
			return c.Roots.Source("content", path)
		},
		Label:       func(label string) error { return new(Label).UnmarshalText([]byte(label)) },
		HostNetwork: func() error { return c.Policy.network("host", nil) },
	}
}

var containerNamed = parse.Lazily(`(?m)^ContainerName=(.+)$`)

// unitFree makes sure that neither the file nor the service nor the container
// is there: a service of quadlet hides one of the system's of the same name, and
// its container takes the place of one of the same name.
func (c *Call) unitFree(ctx context.Context, path, name, unit string) error {
	taken := func(what, where string) *parse.Failure {
		return &parse.Failure{Code: parse.NameInUse, Subject: name, Message: fmt.Sprintf("there is already %s: %s", what, where),
			Hint: "Nothing was installed. Choose another name, or remove the other one first."}
	}
	if _, err := os.Lstat(path); err == nil {
		return taken("a unit file of that name", path)
	}
	scope := "user"
	if os.Geteuid() == 0 {
		scope = "system"
	}
	for _, folder := range []string{"/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"} {
		service := filepath.Join(folder, "systemd", scope, quadlet.Service(name))
		if _, err := os.Lstat(service); err == nil {
			return taken("a service of that name", service)
		}
	}
	m := containerNamed().FindStringSubmatch(unit)
	if m == nil {
		return nil
	}
	list, err := c.containers(ctx)
	if err != nil {
		return err
	}
	if _, ok := find(list, m[1]); ok {
		return taken("a container of that name, whose place the service would take", m[1])
	}
	return nil
}

// install has podman install the unit, or does it where podman cannot, and
// returns where the file is.
func (c *Call) install(ctx context.Context, folder, name, unit string) (string, error) {
	scratch, err := os.MkdirTemp("", "podman-mcp-quadlet-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	given := filepath.Join(scratch, name)
	if err := os.WriteFile(given, []byte(unit), 0o600); err != nil {
		return "", err
	}
	path := filepath.Join(folder, name)
	result, err := c.Runner.Run(ctx, exec.Podman("quadlet", "install").Flag("reload-systemd=false", true).Operand(given))
	if err == nil {
		if said := strings.TrimSpace(string(result.Stdout)); filepath.IsAbs(said) && filepath.Base(said) == name {
			path = parse.Clean(said)
		}
		return path, nil
	}
	if !bySelf(err) {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", invalid("name", "the folder of unit files cannot be made: %s", parse.Clean(err.Error()))
	}
	_, err = newFile(path, func(part string) error { return os.WriteFile(part, []byte(unit), 0o600) })
	return path, err
}
