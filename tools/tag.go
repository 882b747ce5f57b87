package tools

import (
	"context"
	"errors"
	"fmt"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanTag = act(Tool{
	Name: "podman_tag", Title: "Name an image", Effect: Changes, Toolset: Images, Default: true, Idempotent: true,
	About: "Gives a local image further names, such as the registry's before a push. " +
		"A name that another image has moves to this one, and the result says so. podman_untag takes names away.",
}, tag)

var podmanUntag = act(Tool{
	Name: "podman_untag", Title: "Take names from an image", Effect: Removes, Toolset: Images,
	About: "Takes names from a local image and keeps the image, which then may be found by its id only. " +
		"podman_rmi removes the image itself.",
}, untag)

// TagParams are the parameters of podman_tag.
type TagParams struct {
	Image Image   `json:"image" jsonschema:"Name or id"`
	Tags  []Image `json:"tags" minItems:"1" jsonschema:"New names, each [REGISTRY/]NAME[:TAG]; localhost/ and :latest where not given"`
}

// TagResult is the result of podman_tag.
type TagResult struct {
	ID    string   `json:"id"`
	Names []string `json:"names" jsonschema:"All names it has now"`
	Moved []Moved  `json:"moved,omitempty" brief:"true" jsonschema:"Names that another image had"`
}

// Moved is a name that another image has lost.
type Moved struct {
	Name string `json:"name"`
	From string `json:"from"`               // the other image's id
	Left bool   `json:"nameless,omitempty"` // it has no name any more
}

// tag looks before and after, for podman says nothing at all.
func tag(ctx context.Context, c *Call, in TagParams) (TagResult, error) {
	wanted, err := wholeNames("tags", in.Tags)
	if err != nil {
		return TagResult{}, err
	}
	if err := c.wholeImage(ctx, string(in.Image)); err != nil {
		return TagResult{}, err
	}
	if in.Image, err = c.permit(ctx, "image", in.Image); err != nil {
		return TagResult{}, err
	}
	for i, name := range wanted {
		if err := c.permitTo(fmt.Sprintf("tags[%d]", i), name); err != nil {
			return TagResult{}, err
		}
	}
	before, err := c.localImages(ctx)
	if err != nil {
		return TagResult{}, err
	}
	if _, err := c.finish(ctx, exec.Podman("tag").Operand(append([]string{string(in.Image)}, wanted...)...)); err != nil {
		return TagResult{}, err
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	after, err := c.localImages(ctx)
	if err != nil {
		return TagResult{}, err
	}
	row, ok := called(after, wanted[0])
	if !ok {
		return TagResult{}, parse.OutputInvalidError(fmt.Sprintf("an image called %s, after it was named so", wanted[0]), nil, nil)
	}
	out := TagResult{ID: row.ID, Names: row.Names}
	for _, name := range wanted {
		if was, ok := called(before, name); ok && was.FullID != row.FullID {
			out.Moved = append(out.Moved, Moved{Name: name, From: was.ID, Left: nameless(after, was.FullID)})
		}
	}
	return out, nil
}

// nameless tells whether the image is there without a name.
func nameless(list []parse.Image, id string) bool {
	for _, row := range list {
		if row.FullID == id {
			return len(row.Names) == 0
		}
	}
	return false
}

// UntagParams are the parameters of podman_untag.
type UntagParams struct {
	Image Image   `json:"image" jsonschema:"Name or id"`
	Tags  []Image `json:"tags" minItems:"1" jsonschema:"The names to take away; podman's own way to take all at once is not offered"`
}

// UntagResult is the result of podman_untag.
type UntagResult struct {
	ID       string   `json:"id"`
	Untagged []string `json:"untagged"`
	Names    []string `json:"names" jsonschema:"The names it still has"`
	Note     string   `json:"note,omitempty"`
}

// untag finds the names first: podman takes the one before a wrong one away and
// then stops.
func untag(ctx context.Context, c *Call, in UntagParams) (UntagResult, error) {
	unwanted, err := wholeNames("tags", in.Tags)
	if err != nil {
		return UntagResult{}, err
	}
	if err := c.wholeImage(ctx, string(in.Image)); err != nil {
		return UntagResult{}, err
	}
	before, err := c.localImages(ctx)
	if err != nil {
		return UntagResult{}, err
	}
	row, _ := called(before, unwanted[0])
	for _, name := range unwanted {
		if other, ok := called(before, name); !ok || other.FullID != row.FullID {
			return UntagResult{}, &parse.Failure{Code: parse.ImageNotFound, Subject: name,
				Message: fmt.Sprintf("the image has no name %q", name),
				Hint:    "Nothing was untagged. podman_images lists the names there are."}
		}
	}
	// An image without these names is refused by podman at the first of them.
	if _, err := c.finish(ctx, exec.Podman("untag").Operand(append([]string{string(in.Image)}, unwanted...)...)); err != nil {
		return UntagResult{}, c.listUntagged(ctx, unwanted[0], err)
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	after, err := c.localImages(ctx)
	if err != nil {
		return UntagResult{}, err
	}
	out := UntagResult{ID: row.ID, Untagged: unwanted, Names: []string{}}
	for _, now := range after {
		if now.FullID == row.FullID {
			out.Names = now.Names
		}
	}
	if len(out.Names) == 0 {
		out.Note = "the image has no name any more: only its id finds it, and a prune removes it"
	}
	return out, nil
}

// listUntagged explains why podman does not know the name of a manifest list: it
// looks for it among those of the list's image.
func (c *Call) listUntagged(ctx context.Context, name string, err error) error {
	var run *exec.RunError
	if !errors.As(err, &run) || run.Code <= 0 || stopped(ctx, err) {
		return err
	}
	if isList, listErr := c.isList(ctx, name); listErr != nil || !isList {
		return err // the first error is the one to tell
	}
	return &parse.Failure{Code: parse.InvalidParams, Subject: name, ExitCode: run.Code,
		Message: fmt.Sprintf("%s is a manifest list, from which podman takes no names", name),
		Hint:    "Nothing was untagged. podman_rmi removes one name of a list, and the list with the last."}
}
