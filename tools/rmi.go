package tools

import (
	"context"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanRmi = act(Tool{
	Name: "podman_rmi", Title: "Remove images", Effect: Removes, Toolset: Images, Default: true,
	About: "Removes local images and manifest lists, with a result for each. An image of several names only loses the one; " +
		"it is deleted with the last. One that containers use stays (IN_USE), but force removes these containers too, running or not.",
}, rmi)

// RmiParams are the parameters of podman_rmi.
type RmiParams struct {
	Images []Image `json:"images" minItems:"1" jsonschema:"Names or ids"`
	Force  bool    `json:"force,omitempty" default:"false" jsonschema:"Also the containers that use them, and by id all names"`
}

// RmiResult reports on each image by itself.
type RmiResult struct {
	Results []Rmi `json:"results" brief:"true" jsonschema:"For each: name, ok, untagged names, deleted ids, containers removed by force, error"`
}

func (r RmiResult) partial() bool { return len(r.Results) > 0 }

// Rmi is what became of one image.
type Rmi struct {
	Outcome
	parse.Removed
	Containers []string `json:"containers,omitempty"` // names of those that force removed
}

func rmi(ctx context.Context, c *Call, in RmiParams) (RmiResult, error) {
	var names []string
	for _, name := range words(in.Images) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if err := c.confirmRmi(ctx, names, in.Force); err != nil {
		return RmiResult{}, err
	}
	done := map[string]Rmi{}
	outcomes, err := c.inTurn(ctx, names, func(ctx context.Context, name string) error {
		one, err := c.removeImage(ctx, name, in.Force)
		done[name] = one
		return err
	})
	out := RmiResult{Results: []Rmi{}}
	for _, outcome := range outcomes.Results {
		one := done[outcome.Name]
		one.Outcome = outcome
		out.Results = append(out.Results, one)
	}
	return out, err
}

// confirmRmi names also the containers that force would remove.
func (c *Call) confirmRmi(ctx context.Context, names []string, force bool) error {
	if !c.Confirm {
		return nil
	}
	list, err := c.localImages(ctx)
	if err != nil {
		return err
	}
	images := lost{what: "image"}
	var users []parse.Container
	for _, name := range names {
		full := name
		if whole, err := wholeName("images", Image(name)); err == nil { // an id is none
			full = whole
		}
		there := false
		for _, row := range list {
			if strings.HasPrefix(row.FullID, strings.TrimPrefix(name, "sha256:")) || slices.Contains(row.Names, full) {
				images.ids, there = append(images.ids, row.FullID), true
			}
		}
		if !there { // as the call itself tells
			continue
		}
		images.names = append(images.names, name)
		if !force {
			continue
		}
		some, err := c.containers(ctx, "ancestor="+name)
		if err != nil {
			return err
		}
		users = append(users, some...)
	}
	return c.confirmWithUsers(ctx, "", images, users)
}

// removeImage removes one image, or one manifest list: given such a one, rmi
// would remove the image that the list holds for this machine.
func (c *Call) removeImage(ctx context.Context, name string, force bool) (Rmi, error) {
	list, err := c.localImages(ctx)
	if err != nil {
		return Rmi{}, err
	}
	if err := wholeImage(list, name); err != nil {
		return Rmi{}, err
	}
	if err := oneImage(list, name); err != nil {
		return Rmi{}, err
	}
	isList, err := c.isList(ctx, name)
	if err != nil {
		return Rmi{}, err
	}
	var users []parse.Container
	argv := exec.Podman("rmi").Flag("force", force)
	switch {
	case isList:
		argv = exec.Podman("manifest", "rm")
	case force:
		if users, err = c.containers(ctx, "ancestor="+name); err != nil {
			return Rmi{}, err
		}
		if err := c.changeable(ctx, users); err != nil {
			return Rmi{}, err
		}
	}
	var out Rmi
	result, failed := c.finish(ctx, argv.Operand(name))
	if out.Removed, err = parse.RemovedImages(result.Stdout); err != nil && failed == nil {
		failed = err
	}
	if len(users) > 0 {
		if out.Containers, err = c.gone(ctx, users); err != nil && failed == nil {
			failed = err
		}
	}
	if failed == nil && len(out.Untagged)+len(out.Deleted) == 0 {
		failed = noImage(name) // with force podman keeps silent about that
	}
	return out, failed
}

// gone names those of the containers that are there no more.
func (c *Call) gone(ctx context.Context, before []parse.Container) ([]string, error) {
	now, err := c.containers(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, was := range before {
		if !slices.ContainsFunc(now, func(row parse.Container) bool { return row.FullID == was.FullID }) {
			names = append(names, was.Name)
		}
	}
	return names, nil
}

func noImage(name string) *parse.Failure {
	return &parse.Failure{Code: parse.ImageNotFound, Subject: name, Message: "there is no image \"" + name + "\" here",
		Hint: "podman_images lists those there are."}
}
