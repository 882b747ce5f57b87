package compose

import (
	"context"
	"maps"
	"slices"

	"podman-mcp/exec"
)

// Image is what a service of a file runs.
type Image struct {
	Service  string
	Image    string // "" where it is built and has no name of its own
	Platform string
	Built    bool
}

// Images lists the images of a file's services, by service: of those that were
// named, without what these depend on.
func Images(ctx context.Context, r *exec.Runner, o FileOptions) (project string, images []Image, err error) {
	m, err := o.load(ctx, r)
	if err != nil {
		return "", nil, err
	}
	for _, name := range m.named(o.Services) {
		s := m.project.Services[name]
		images = append(images, Image{name, s.Image, s.Platform, s.Build != nil})
	}
	return m.name, images, nil
}

// named are the services that were named, else all, by the alphabet.
func (m *model) named(services []string) []string {
	all := slices.Sorted(maps.Keys(m.project.Services))
	if len(services) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(name string) bool { return !slices.Contains(services, name) })
}
