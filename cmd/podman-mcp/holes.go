package main

import (
	"cmp"
	"strings"

	"podman-mcp/parse"
)

// checkHoles is of the podman that builds and runs containers, a service where there is one.
func checkHoles(f *facts) finding {
	version := cmp.Or(f.Version.Server, f.Version.Client)
	known := parse.KnownHoles(version)
	if len(known) == 0 {
		return finding{}
	}
	return warn("", "podman %s has a known hole, mended in 4.9.4 and 5.0.1: a Containerfile can read this machine's files (%s). RUN --mount=type=bind is refused", version, strings.Join(known, ", "))
}
