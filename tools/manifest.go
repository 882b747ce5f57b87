package tools

import (
	"context"
	"errors"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanManifestCreate = act(Tool{
	Name: "podman_manifest_create", Title: "Create a manifest list", Effect: Changes, Toolset: Images, OpenWorld: true,
	About: "Creates a manifest list: one name for the same image on several platforms. images go into it, those that are here as they are, " +
		"others from their registry. podman_manifest_add adds more; podman_manifest_push uploads it; podman_rmi removes it.",
}, manifestCreate)

var podmanManifestAdd = act(Tool{
	Name: "podman_manifest_add", Title: "Add an image to a manifest list", Effect: Changes, Toolset: Images, OpenWorld: true, Idempotent: true,
	About: "Adds an image to a local manifest list: one that is here, or else its registry's. Again with another platform it changes the entry.",
}, manifestAdd)

var podmanManifestPush = act(Tool{
	Name: "podman_manifest_push", Title: "Push a manifest list", Effect: Changes, Toolset: Images, OpenWorld: true, Idempotent: true, Timeout: longTimeout,
	About: "Uploads a local manifest list and all its images to a registry, with progress. podman_push uploads a single image.",
}, manifestPush)

var podmanManifestInspect = act(Tool{
	Name: "podman_manifest_inspect", Title: "Inspect a manifest list", Effect: Reads, Toolset: Images, OpenWorld: true,
	About: "Lists the images of a manifest list with their platforms: of the local one, or where there is none of the registry's, " +
		"so that an image's platforms can be told before a pull. podman_inspect tells of a single image.",
}, manifestInspect)

// ManifestCreateParams are the parameters of podman_manifest_create.
type ManifestCreateParams struct {
	Name   Image   `json:"name" jsonschema:"The list's name, [REGISTRY/]NAME[:TAG], which nothing has yet"`
	Images []Image `json:"images,omitempty" jsonschema:"Names or ids; none for an empty list"`
}

// ManifestAddParams are the parameters of podman_manifest_add.
type ManifestAddParams struct {
	Name     Image    `json:"name" jsonschema:"The list's name or id"`
	Image    Image    `json:"image" jsonschema:"Name or id"`
	Platform Platform `json:"platform,omitempty" jsonschema:"OS/ARCH[/VARIANT] to enter it with, where the image's own is wrong"`
}

// ManifestPushParams are the parameters of podman_manifest_push.
type ManifestPushParams struct {
	Name        Image `json:"name" jsonschema:"The list's name or id"`
	Destination Image `json:"destination" jsonschema:"Where to: REGISTRY/NAME[:TAG]"`
}

// ManifestInspectParams are the parameters of podman_manifest_inspect.
type ManifestInspectParams struct {
	Name  Image `json:"name" jsonschema:"The list's name or id, or an image's name in a registry"`
	Limit int   `json:"limit,omitempty" default:"50" minimum:"1" maximum:"200" jsonschema:"Most images to return"`
}

// ManifestResult is a manifest list as it is after the call.
type ManifestResult struct {
	ID        string           `json:"id,omitempty"`
	Name      string           `json:"name"`
	Manifests []parse.Manifest `json:"manifests" jsonschema:"Its images; size_bytes is that of a manifest"`
	Total     int              `json:"total"`
	Truncated bool             `json:"truncated"`
}

// ManifestPushResult is the result of podman_manifest_push.
type ManifestPushResult struct {
	Name        string `json:"name"`
	Destination string `json:"destination"`
}

// manifestCreate looks for the images first, makes an empty list and adds them
// one by one: podman's own create leaves a list behind when one cannot be added.
func manifestCreate(ctx context.Context, c *Call, in ManifestCreateParams) (ManifestResult, error) {
	name, err := wholeName("name", in.Name)
	if err != nil {
		return ManifestResult{}, err
	}
	if err := c.permitTo("name", name); err != nil {
		return ManifestResult{}, err
	}
	var sources []string
	for _, image := range in.Images {
		source, err := c.listed(ctx, string(image))
		if err != nil {
			return ManifestResult{}, err
		}
		sources = append(sources, source)
	}
	made, err := c.finish(ctx, exec.Podman("manifest", "create").Operand(name))
	if err != nil {
		return ManifestResult{}, err
	}
	id := strings.TrimSpace(string(made.Stdout))
	if id == "" {
		return ManifestResult{}, parse.OutputInvalidError("the new list's id", made.Stdout, nil)
	}
	for _, source := range sources {
		if _, err := c.Runner.Run(ctx, exec.Podman("manifest", "add").Operand(id, source).Pulls()); err != nil {
			return ManifestResult{}, c.unmake(ctx, id, err)
		}
	}
	out, err := c.manifests(ctx, id, name, maxShown)
	if err != nil {
		return ManifestResult{}, c.unmake(ctx, id, err)
	}
	return out, nil
}

const maxShown = 50 // images of a list that was changed

// unmake removes the list that a call made which did not succeed. By its id,
// podman refuses where somebody has named it once more meanwhile.
func (c *Call) unmake(ctx context.Context, id string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	if _, err := c.Runner.Run(ctx, exec.Podman("manifest", "rm").Operand(id)); err != nil {
		c.Log.Error().Err(err).Str("id", id).Msg("cannot remove the manifest list of a failed call")
	}
	return cause
}

// listed is how podman manifest add finds an image: by itself it asks the
// registry, even localhost, for one that is here.
func (c *Call) listed(ctx context.Context, name string) (string, error) {
	if err := c.wholeImage(ctx, name); err != nil {
		return "", err
	}
	image, err := c.permit(ctx, "image", Image(name))
	if err != nil {
		return "", err
	}
	name = string(image)
	d, err := c.image(ctx, name)
	var f *parse.Failure
	switch {
	case err == nil:
		return "containers-storage:" + d.FullID, nil
	case errors.As(err, &f) && f.Code == parse.ImageNotFound:
		return "docker://" + name, nil
	}
	return "", err
}

func manifestAdd(ctx context.Context, c *Call, in ManifestAddParams) (ManifestResult, error) {
	if err := c.wholeImage(ctx, string(in.Name)); err != nil {
		return ManifestResult{}, err
	}
	source, err := c.listed(ctx, string(in.Image))
	if err != nil {
		return ManifestResult{}, err
	}
	os, arch, _ := strings.Cut(string(in.Platform), "/")
	arch, variant, _ := strings.Cut(arch, "/")
	result, err := c.finish(ctx, exec.Podman("manifest", "add").
		Option("os", os).Option("arch", arch).Option("variant", variant).
		Operand(string(in.Name), source).Pulls())
	if err != nil {
		return ManifestResult{}, err
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return c.manifests(ctx, strings.TrimSpace(string(result.Stdout)), string(in.Name), maxShown)
}

// manifestPush takes no destination without its registry: podman would ask
// docker.io, or this machine.
func manifestPush(ctx context.Context, c *Call, in ManifestPushParams) (ManifestPushResult, error) {
	if registry := registryOf(string(in.Destination)); registry == "" || registry == "localhost" {
		return ManifestPushResult{}, invalid("destination", "%q names no registry; takes a full name such as quay.io/team/web:1", in.Destination)
	}
	if err := c.permitTo("destination", string(in.Destination)); err != nil {
		return ManifestPushResult{}, err
	}
	if err := c.wholeImage(ctx, string(in.Name)); err != nil {
		return ManifestPushResult{}, err
	}
	progress := newLineProgress(ctx, c)
	defer progress.end() // before the result
	for line, err := range c.Runner.Lines(ctx, exec.Podman("manifest", "push").Flag("all", true).
		Operand(string(in.Name), "docker://"+string(in.Destination)).Pulls()) {
		if err != nil {
			return ManifestPushResult{}, err
		}
		progress.line(lineText(line))
	}
	return ManifestPushResult{string(in.Name), string(in.Destination)}, nil
}

func manifestInspect(ctx context.Context, c *Call, in ManifestInspectParams) (ManifestResult, error) {
	name := string(in.Name)
	if err := c.wholeImage(ctx, name); err != nil {
		return ManifestResult{}, err
	}
	image, err := c.permit(ctx, "name", in.Name)
	if err != nil {
		return ManifestResult{}, err
	}
	name = string(image)
	out, err := c.manifests(ctx, "", name, in.Limit)
	var run *exec.RunError
	if !errors.As(err, &run) || run.Code <= 0 || stopped(ctx, err) {
		return out, err
	}
	// Podman asks the registry for what is here and no list; this says what it is.
	if _, local := c.Runner.Read(ctx, exec.Podman("manifest", "exists").Operand(name)); errors.As(local, &run) && run.Code > 1 {
		return out, local
	}
	return out, err
}

// manifests reads the list that word names, its name or its id.
func (c *Call) manifests(ctx context.Context, word, name string, limit int) (ManifestResult, error) {
	id := word
	if word == "" {
		word = name
	}
	result, err := c.Runner.Read(ctx, exec.Podman("manifest", "inspect").Operand(word).Pulls())
	if err != nil {
		return ManifestResult{}, err
	}
	list, err := parse.Manifests(result.Stdout)
	if err != nil {
		return ManifestResult{}, err
	}
	shown := list[:min(limit, len(list))]
	return ManifestResult{id[:min(12, len(id))], name, shown, len(list), len(shown) < len(list)}, nil
}
