package tools

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanCommit = act(Tool{
	Name: "podman_commit", Title: "Make an image of a container", Effect: Changes, Toolset: Containers, Timeout: longTimeout,
	About: "Makes an image of a container's files as they are now, with its command and settings; volumes are not in it. " +
		"An image that has the name keeps only its id. For an image that can be made again write a Containerfile.",
}, commit)

// CommitParams are the parameters of podman_commit.
type CommitParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
	Image     Image     `json:"image" jsonschema:"Name of the new image, such as localhost/web:1; localhost/ where it names no registry"`
	Author    string    `json:"author,omitempty" jsonschema:"Who made it: NAME <ADDRESS>"`
	Message   string    `json:"message,omitempty" jsonschema:"Comment in the image, which then has Docker's format"`
	Changes   []Change  `json:"changes,omitempty" jsonschema:"Instructions such as CMD [\"serve\"], ENV KEY=VALUE or USER 1000"`
	Pause     bool      `json:"pause,omitempty" default:"false" jsonschema:"Pause the container meanwhile, so that its files fit together"`
}

// CommitResult is the result of podman_commit.
type CommitResult struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	SizeBytes int64  `json:"size_bytes"`
	Replaced  string `json:"replaced,omitempty" jsonschema:"Id of the image that had the name before"`
}

func commit(ctx context.Context, c *Call, in CommitParams) (CommitResult, error) {
	name, err := in.Image.whole()
	if err != nil {
		return CommitResult{}, err
	}
	if err := c.permitTo("image", name); err != nil {
		return CommitResult{}, err
	}
	row, err := c.lookup(ctx, string(in.Container))
	if err != nil {
		return CommitResult{}, err
	}
	if in.Pause { // else it is only read
		if err := c.changeable(ctx, []parse.Container{row}); err != nil {
			return CommitResult{}, err
		}
	}
	out := CommitResult{Reference: name}
	var missing *parse.Failure
	before, err := c.image(ctx, name)
	switch {
	case err == nil:
		out.Replaced = before.ID
	case !errors.As(err, &missing) || missing.Code != parse.ImageNotFound:
		return CommitResult{}, err
	}
	argv := exec.Podman("commit").Flag("quiet", true).Option("author", in.Author).Option("change", words(in.Changes)...).
		Option("change", "LABEL "+parse.OwnerLabel+"="). // it is the container's, and not of all that is made of the image
		Flag("pause", in.Pause)
	if in.Message != "" {
		argv = argv.Option("format", "docker").Text("message", in.Message) // OCI's has no place for it
	}
	// Ended half-way, podman would leave the container paused.
	result, err := c.finish(ctx, argv.Operand(row.FullID, name))
	if err != nil {
		return CommitResult{}, err
	}
	id := strings.TrimSpace(string(result.Stdout))
	if id == "" {
		return CommitResult{}, parse.OutputInvalidError("the new image's id", result.Stdout, nil)
	}
	undo := []exec.Argv{exec.Podman("rmi").Operand(id)}
	if out.Replaced != "" {
		undo = slices.Insert(undo, 0, exec.Podman("tag").Operand(before.FullID, name))
	}
	if err := c.unmade(ctx, undo...); err != nil {
		return CommitResult{}, err
	}
	made, err := c.image(ctx, name)
	if err != nil {
		return CommitResult{}, err
	}
	out.ID, out.SizeBytes = made.ID, made.SizeBytes
	return out, nil
}

// whole is the name as podman writes it for an image that is made here.
func (v Image) whole() (string, error) {
	ref, err := reference.ParseNamed(madeHere(string(v)))
	if err != nil {
		return "", invalid("image", "%q is no name for an image: %v", v, err)
	}
	if _, ok := ref.(reference.Digested); ok {
		return "", invalid("image", "%q holds a digest, which is made of what is in an image; give a tag", v)
	}
	return reference.TagNameOnly(ref).String(), nil
}
