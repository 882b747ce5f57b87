package tools

import (
	"context"
	"errors"
)

// A stub, until package compose is there.

type composeUpParams struct{}
type composeDownParams struct{}
type composeUpResult struct{}
type composeDownResult struct{}

var podmanComposeUp = act(Tool{
	Name: "podman_compose_up", Title: "Start a compose project", Effect: Changes, Toolset: Compose, OpenWorld: true, Timeout: longTimeout,
	About: "Starts the services of a compose file.",
}, func(ctx context.Context, c *Call, in composeUpParams) (composeUpResult, error) {
	return composeUpResult{}, errors.New("not yet")
})

var podmanComposeDown = act(Tool{
	Name: "podman_compose_down", Title: "Remove a compose project", Effect: Removes, Toolset: Compose, Idempotent: true, Timeout: longTimeout,
	About: "Stops and removes the containers and networks of a compose project.",
}, func(ctx context.Context, c *Call, in composeDownParams) (composeDownResult, error) {
	return composeDownResult{}, errors.New("not yet")
})
