package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/distribution/reference"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPull = act(Tool{
	Name: "podman_pull", Title: "Pull an image", Effect: Changes, Toolset: Images, Default: true, OpenWorld: true, Idempotent: true, Timeout: longTimeout,
	About: "Fetches an image from its registry, with progress. Give the full name, such as docker.io/library/nginx:1.27. " +
		"podman_run pulls by itself what is missing; podman_images lists what is here.",
}, pull)

// PullParams are the parameters of podman_pull.
type PullParams struct {
	Image    Image    `json:"image" jsonschema:"Full name with registry and tag or digest"`
	Platform Platform `json:"platform,omitempty" jsonschema:"OS/ARCH, where it is not this machine's"`
	Policy   string   `json:"policy,omitempty" default:"always" enum:"always missing never newer" jsonschema:"always asks the registry; missing only where it is not here; newer keeps the local one when the registry does not answer"`
}

// PullResult is the result of podman_pull.
type PullResult struct {
	ID             string `json:"id"`
	Reference      string `json:"reference"`
	Digest         string `json:"digest,omitempty"`
	SizeBytes      int64  `json:"size_bytes"`
	AlreadyPresent bool   `json:"already_present" jsonschema:"The local image was this one already"`
	Note           string `json:"note,omitempty"`
}

const builtHere = "no registry has it: names under localhost/ are images built on this machine"

func pull(ctx context.Context, c *Call, in PullParams) (PullResult, error) {
	out, _, err := c.pulled(ctx, in)
	return out, err
}

// pulled decides the policy itself, since podman 4.3 has no pull --policy, and
// also returns the image's details.
func (c *Call) pulled(ctx context.Context, in PullParams) (out PullResult, d *parse.ImageDetail, err error) {
	if in.Image, err = c.permit(ctx, "image", in.Image); err != nil {
		return out, nil, err
	}
	before, err := c.image(ctx, string(in.Image))
	var f *parse.Failure
	if missing := errors.As(err, &f) && f.Code == parse.ImageNotFound; err != nil && !missing {
		return PullResult{}, nil, err
	}
	switch {
	case in.Policy == "never" && before == nil:
		return PullResult{}, nil, f
	case before != nil && (in.Policy == "never" || in.Policy == "missing" && fits(before, in.Platform)):
		return tellPulled(in, before, before), before, nil
	}
	id, err := c.fetch(ctx, in)
	if err != nil && before != nil && strings.HasPrefix(string(in.Image), "localhost/") && ctx.Err() == nil {
		if in.Policy == "newer" {
			out := tellPulled(in, before, before)
			out.Note = builtHere
			return out, before, nil
		}
		return PullResult{}, nil, &parse.Failure{Code: parse.RegistryUnreachable, Subject: string(in.Image), Message: string(in.Image) + " is here, and " + builtHere,
			Hint: "Nothing was changed. Use it as it is; podman_build builds it anew.", Err: err}
	}
	if err != nil {
		var unreachable *exec.RunError
		if in.Policy == "newer" && before != nil && ctx.Err() == nil && errors.As(err, &unreachable) {
			out := tellPulled(in, before, before)
			out.Note = "the registry could not be asked, so this is the local image: " + parse.Classify(unreachable.Stderr, unreachable.Code).Message
			return out, before, nil
		}
		return PullResult{}, nil, c.shortName(ctx, in.Image, err)
	}
	after, err := c.image(ctx, id)
	if err != nil {
		return PullResult{}, nil, err
	}
	return tellPulled(in, before, after), after, nil
}

// fits tells whether a local image is of the wanted platform.
func fits(d *parse.ImageDetail, wanted Platform) bool {
	return wanted == "" || strings.HasPrefix(string(wanted)+"/", d.OS+"/"+d.Architecture+"/")
}

func tellPulled(in PullParams, before, after *parse.ImageDetail) PullResult {
	out := PullResult{ID: after.ID, Reference: string(in.Image), Digest: after.Digest, SizeBytes: after.SizeBytes}
	out.AlreadyPresent = before != nil && before.ID == after.ID
	if named, err := reference.ParseNormalizedNamed(string(in.Image)); err == nil {
		for _, name := range after.Names {
			if local, err := reference.ParseNormalizedNamed(name); err == nil && reference.Path(local) == reference.Path(named) {
				out.Reference = name // with the registry that a short name led to
			}
		}
	}
	return out
}

// image returns a local image's details.
func (c *Call) image(ctx context.Context, name string) (*parse.ImageDetail, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("image", "inspect").Operand(name))
	if err != nil {
		return nil, c.failure(ctx, err, readTimeout)
	}
	if !parse.Called(result.Stdout, name) {
		return nil, abbreviated(parse.ImageNotFound, "image", name)
	}
	return pointer(parse.InspectImage(result.Stdout))
}

// copied runs a podman that copies an image on a terminal, so that it draws its
// progress.
func (c *Call) copied(ctx context.Context, argv exec.Argv) (exec.Result, error) {
	var bars parse.PullProgress
	var told time.Time
	var layers int
	return c.Runner.Terminal(ctx, argv, func(piece []byte) {
		changed := bars.Feed(piece)
		done, _ := bars.Layers()
		if !changed || done == layers && time.Since(told) < 250*time.Millisecond {
			return
		}
		layers, told = done, time.Now()
		c.Progress(ctx, bars.Message(), float64(bars.Done()), float64(bars.Total()))
	})
}

// fetch pulls the image and returns its id.
func (c *Call) fetch(ctx context.Context, in PullParams) (string, error) {
	result, err := c.copied(ctx, exec.Podman("pull").Option("platform", string(in.Platform)).Operand(string(in.Image)).Pulls())
	if err != nil {
		return "", err
	}
	id := strings.TrimSpace(string(result.Stdout))
	if at := strings.LastIndexByte(id, '\n'); at >= 0 {
		id = id[at+1:]
	}
	if id == "" {
		return "", parse.OutputInvalidError("the image's id", result.Stdout, nil)
	}
	return id, nil
}

// shortName names the images that a short name could mean, where podman would
// have asked on a terminal.
func (c *Call) shortName(ctx context.Context, image Image, err error) error {
	var run *exec.RunError
	if !errors.As(err, &run) || !strings.Contains(run.Stderr, "short-name") {
		return err
	}
	f := parse.Classify(run.Stderr, run.Code)
	info, infoErr := c.Runner.Read(ctx, exec.Podman("info").Option("format", "json"))
	if infoErr != nil {
		return f // the first error is the one to tell
	}
	var candidates []string
	for _, registry := range parse.Registries(info.Stdout) {
		name := string(image)
		if registry == "docker.io" && !strings.Contains(name, "/") {
			name = "library/" + name
		}
		candidates = append(candidates, registry+"/"+name)
	}
	if len(candidates) > 0 {
		f.Message = fmt.Sprintf("%q is a short name that may mean several images", image)
		f.Hint = "Call again with one of: " + strings.Join(candidates, ", ") + "."
	}
	return f
}
