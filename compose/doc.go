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
// The provider gets one file of what was read and judged, in a private folder
// (see render): the user's own may have changed since, and every provider reads
// files in a way of its own. The file is written in the forms that podman-compose
// 1.0.3 understands, and what that leaves out of the user's file it leaves out of
// this one. The labels of containers name the user's file, from which Down finds
// it again; services that no profile enables are left out by naming all others.
package compose

// Choice says which provider runs compose files.
type Choice string

// The choices. The zero value is Auto.
const (
	Auto          Choice = "auto"           // podman-compose, else podman compose
	PodmanCompose Choice = "podman-compose" // podman-compose only
	Podman        Choice = "podman"         // podman compose only
)
