package tools

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPush = act(Tool{
	Name: "podman_push", Title: "Push an image", Effect: Changes, Toolset: Images, Default: true, OpenWorld: true, Idempotent: true, Timeout: longTimeout,
	About: "Uploads a local image to a registry, with progress, and returns the digest it has there. What the registry has under that name is " +
		"replaced. It takes a login by the operator (podman login). To keep an image in a file use podman_save.",
}, push)

// PushParams are the parameters of podman_push.
type PushParams struct {
	Image       Image `json:"image" jsonschema:"Local image"`
	Destination Image `json:"destination,omitempty" jsonschema:"REGISTRY/NAME:TAG, where the image's own name is not it"`
}

// PushResult is the result of podman_push.
type PushResult struct {
	Reference string `json:"reference"`
	Digest    string `json:"digest,omitempty"`
}

func push(ctx context.Context, c *Call, in PushParams) (PushResult, error) {
	image, err := c.image(ctx, string(in.Image))
	if err != nil {
		return PushResult{}, err
	}
	to := string(in.Destination)
	if to == "" {
		to = fullName(string(in.Image), image.Names)
	}
	if err := pushable(to, in.Destination != ""); err != nil {
		return PushResult{}, err
	}
	if err := c.permitTo("destination", to); err != nil {
		return PushResult{}, err
	}
	dir, err := os.MkdirTemp("", "podman-mcp-push-")
	if err != nil {
		return PushResult{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "digest")
	if _, err := c.copied(ctx, exec.Podman("push").Option("digestfile", file).Operand(string(in.Image), to).Pulls()); err != nil {
		return PushResult{}, err
	}
	digest, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // a remote podman may write none
	}
	return PushResult{Reference: to, Digest: parse.Clean(strings.TrimSpace(string(digest)))}, err
}

// pushable refuses what names no registry: podman would ask docker.io, or this
// machine.
func pushable(to string, given bool) error {
	if registry := registryOf(to); registry != "" && registry != "localhost" {
		return nil
	}
	if given {
		return invalid("destination", "%q names no registry; takes a full name such as quay.io/team/web:1", to)
	}
	return invalid("destination", "is missing, and %q names no registry; give a full name such as quay.io/team/web:1", to)
}
