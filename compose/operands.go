package compose

import (
	"fmt"
	"maps"
	"podman-mcp/parse"
	"slices"
	"strings"
)

var (
	containerName = parse.Lazily(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$`)
	// image is the grammar of distribution/reference, which this room does not import.
	image = parse.Lazily(`^(?:(?:` + label + `(?:\.` + label + `)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?` + // a registry
		part + `(?:/` + part + `)*` +
		`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?` +
		`(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`)
	resourceName = parse.Lazily(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$`)
)

const (
	label = `[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?`
	part  = `[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
)

// transports are the words before a colon by which podman would read an image
// from somewhere else than a registry or its own storage.
var transports = []string{"dir", "oci", "oci-archive", "docker-archive", "docker-daemon",
	"docker", "containers-storage", "atomic", "ostree", "sif", "tarball"}

// operands checks what a provider hands to podman as an operand, in the model
// that the loader made: there podman would read a word with a dash as an
// option, such as --hooks-dir or -af. It also bounds how many containers come
// of it.
func (m *model) operands() error {
	all := m.project.AllServices()
	if len(all) > maxServices {
		return invalid("file", "%s has %d services; it may have %d", m.file, len(all), maxServices)
	}
	bad := func(path, what string) error {
		return invalid("file", "%s: %s %s", m.at(path), path, what)
	}
	sum := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		service, path := all[name], "services."+shown(name)
		scale := service.GetScale()
		if service.Deploy != nil && service.Deploy.Replicas != nil {
			scale = max(scale, *service.Deploy.Replicas)
		}
		if sum += scale; scale > maxScale || sum > 10*maxScale {
			return bad(path+".scale", fmt.Sprintf("asks for %d containers; a service takes %d, all together %d", scale, maxScale, 10*maxScale))
		}
		switch {
		case !resourceName().MatchString(name):
			return bad(path, "is no name of a service: it takes letters, digits, '_', '.' and '-', the first a letter or digit")
		case service.ContainerName != "" && !containerName().MatchString(service.ContainerName):
			return bad(path+".container_name", "takes 1 to 128 letters, digits, '_', '.' and '-', the first a letter or digit")
		case service.Image != "" && !isImage(service.Image):
			return bad(path+".image", "is no image reference such as docker.io/library/alpine:3.20, or names a transport")
		}
	}
	for key, network := range m.project.Networks {
		if network.Name != "" && !resourceName().MatchString(network.Name) {
			return bad("networks."+shown(key), "has a name that no network can have")
		}
	}
	for key, volume := range m.project.Volumes {
		if volume.Name != "" && !resourceName().MatchString(volume.Name) {
			return bad("volumes."+shown(key), "has a name that no volume can have")
		}
	}
	return nil
}

func isImage(s string) bool {
	before, _, _ := strings.Cut(s, ":")
	return image().MatchString(s) && len(s) < 1024 && !slices.Contains(transports, before)
}
