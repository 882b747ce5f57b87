// Package compose brings compose projects up and takes them down.
//
//	started, err := compose.Up(ctx, runner, compose.Auto, compose.UpOptions{File: "compose.yaml", Detach: true}, tell)
//	gone, err := compose.Down(ctx, runner, compose.Auto, compose.DownOptions{Project: "shop"}, tell)
//
// A provider does the work: podman-compose, or what podman compose runs. The
// file is read and checked here first, so that a mistake is told with its line
// before anything starts; and how it went is read from the containers' state
// afterwards, for podman-compose 1.0.3 exits with 0 whatever happens.
//
// The provider gets the user's own file and not a resolved copy: it writes the
// file's path into the labels from which Down finds the file again, it reads
// relative paths from the file's folder, and podman-compose 1.0.3 does not
// understand much of what a resolved model is written in. What it lacks is made
// up for around it: services that no profile enables are left out by naming
// all others, and an env_file, like the address of ports that have none, is
// written into a short-lived copy beside the file (see copied).
package compose

// Choice says which provider runs compose files.
type Choice string

// The choices. The zero value is Auto.
const (
	Auto          Choice = "auto"           // podman-compose, else podman compose
	PodmanCompose Choice = "podman-compose" // podman-compose only
	Podman        Choice = "podman"         // podman compose only
)
