// Package compose runs compose projects with the provider that is installed.
package compose

// Choice says which provider runs compose files.
type Choice string

// The choices. The zero value is Auto.
const (
	Auto          Choice = "auto"           // podman-compose, else podman compose
	PodmanCompose Choice = "podman-compose" // podman-compose only
	Podman        Choice = "podman"         // podman compose only
)
