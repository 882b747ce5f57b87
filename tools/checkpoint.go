package tools

import (
	"context"
	"errors"

	"podman-mcp/compose"
	"podman-mcp/parse"
)

// runnable returns the name by which podman run may be given an image.
//
// Since 4.4 podman run does not make a container of an image that an annotation
// calls a checkpoint: it restores the one that the image describes, with the
// privileges and mounts that stand there, whatever the command line says
// (CVE-2026-94603; seen on 5.8.2, while podman create takes it for any image).
// There the image is fetched first, looked at, and run by its id, so that no
// other takes its name meanwhile.
func (c *Call) runnable(ctx context.Context, parameter string, image Image, platform Platform, policy string) (name Image, fetched bool, err error) {
	version, _, err := c.Holes(ctx)
	if err != nil || !parse.RestoresImages(version) {
		return image, false, err
	}
	_, d, err := c.pulled(ctx, PullParams{Image: image, Platform: platform, Policy: policy})
	if err != nil {
		return image, false, err
	}
	if d.Checkpoint {
		return image, false, &parse.Failure{Code: parse.PolicyDenied, Subject: string(image),
			Message: parameter + ": " + string(image) + " is a checkpoint: podman would restore the container that it describes, with its privileges, and not make the one that was asked for",
			Hint:    "Nothing was run. Take another image; no flag allows this one."}
	}
	return Image(d.FullID), true, nil
}

// runnableCompose judges what a service's containers are made of. The images
// that a Containerfile takes from count: what is built bears their annotations.
func (c *Call) runnableCompose(ctx context.Context) compose.Runnable {
	return func(platform string, here bool) compose.JudgeImage {
		return func(parameter, image, text string, args map[string]string) error {
			list, policy := []string{image}, "missing"
			if text != "" {
				list, _ = bases(text, envs(args)) // one that cannot be told is not looked at
			}
			if here {
				policy = "never"
			}
			for _, name := range list {
				_, _, err := c.runnable(ctx, parameter, Image(name), Platform(platform), policy)
				var f *parse.Failure
				if here && errors.As(err, &f) && f.Code == parse.ImageNotFound {
					continue
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
}
