package main

import (
	"context"
	"errors"

	"podman-mcp/compose"
	"podman-mcp/parse"
)

func checkCompose(f *facts) finding {
	v, known := parse.SemverOf(f.Version.Client)
	const needed = "; podman_compose_up and podman_compose_build need one"
	switch {
	case f.missing() && f.Compose == "", f.InfoErr != nil && unconnected(f.ComposeErr):
		return finding{} // told already
	case errors.Is(f.ComposeErr, context.DeadlineExceeded):
		return warn("", "the compose provider did not answer within %s", examination)
	case f.ComposeErr == nil:
		return ok("%s", f.Compose)
	case f.ComposeChoice == compose.Podman && known && !v.AtLeast(4, 7):
		fix := "podman-mcp --compose-provider auto doctor"
		if f.PodmanCompose == "" {
			fix = f.install("podman-compose") + " && " + fix
		}
		return warn(fix, "--compose-provider=podman needs podman 4.7 or newer, which has podman compose; this is %s", f.Version.Client)
	case f.ComposeChoice == compose.Podman && f.PodmanCompose != "":
		return warn("podman-mcp --compose-provider auto doctor", "%s"+needed, composeWords(f.ComposeErr))
	case f.PodmanCompose != "":
		return warn("podman-compose version", "%s"+needed+"; there is %s, but it fails or is older than 1.0.3", composeWords(f.ComposeErr), f.PodmanCompose)
	}
	return warn(f.install("podman-compose"), "%s"+needed, composeWords(f.ComposeErr))
}

func composeWords(err error) string {
	var failure *parse.Failure
	if errors.As(err, &failure) {
		return failure.Message
	}
	return why(err)
}
