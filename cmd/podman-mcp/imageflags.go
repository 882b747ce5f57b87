package main

import (
	"fmt"
	"regexp"
	"strings"

	"podman-mcp/tools"
)

// patterns are whole names of images with * in them, and hosts registries.
type (
	patterns []string
	hosts    []string
)

// Validate wants whole names: a short one would match nothing.
func (p patterns) Validate() error {
	for _, pattern := range p {
		host, rest, slash := strings.Cut(pattern, "/")
		switch {
		case !regexp.MustCompile(`^[a-z0-9._*:/@-]*[A-Za-z0-9._*-]*$`).MatchString(pattern):
			return fmt.Errorf("%q is no image's name with * for any characters", pattern)
		case pattern == "**":
		case !slash || rest == "" || host != "localhost" && !strings.ContainsAny(host, ".:*"):
			return fmt.Errorf("%q names no registry; write docker.io/library/%s, or **/%s for any", pattern, pattern, pattern)
		case host == "index.docker.io", host == "docker.io" && !strings.ContainsAny(rest, "/*"):
			return fmt.Errorf("%q would match nothing: podman calls it docker.io/library/%s, or docker.io/NAME/%s", pattern, rest, rest)
		}
	}
	return nil
}

// Validate wants HOST or HOST:PORT.
func (h hosts) Validate() error {
	for _, host := range h {
		if !regexp.MustCompile(`^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]+)?$`).MatchString(host) {
			return fmt.Errorf("%q is no registry such as quay.io or registry.example.com:5000", host)
		}
	}
	return nil
}

// images is what the flags say of images, by the registries' names that podman's are made plain to.
func (f *toolFlags) images() tools.ImagePolicy {
	p := tools.ImagePolicy{Images: f.Images}
	for _, host := range f.Registries {
		if host == "index.docker.io" || host == "registry-1.docker.io" {
			host = "docker.io"
		}
		p.Registries = append(p.Registries, host)
	}
	return p
}
