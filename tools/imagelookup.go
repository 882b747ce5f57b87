package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// localImages lists all images and manifest lists, also the intermediate images
// of builds.
func (c *Call) localImages(ctx context.Context) ([]parse.Image, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("images").Flag("all", true).Option("format", "json"))
	if err != nil {
		return nil, err
	}
	return parse.Images(result.Stdout)
}

// wholeImage refuses the beginning of an image's id. Podman looks for such a one
// before it looks for a name, and inspect cannot tell: what it shows of a
// manifest list is one of the list's images.
func (c *Call) wholeImage(ctx context.Context, name string) error {
	if !beginsID(name) {
		return nil
	}
	list, err := c.localImages(ctx)
	if err != nil {
		return err
	}
	return wholeImage(list, name)
}

func wholeImage(list []parse.Image, name string) error {
	digits := strings.TrimPrefix(name, "sha256:")
	if beginsID(name) && slices.ContainsFunc(list, func(row parse.Image) bool { return strings.HasPrefix(row.FullID, digits) }) {
		return abbreviated(parse.ImageNotFound, "image", name)
	}
	return nil
}

// beginsID tells of a word that podman could take for the first digits of an id.
func beginsID(name string) bool {
	digits := strings.TrimPrefix(name, "sha256:")
	return len(digits) < 12 && strings.Trim(digits, "0123456789abcdef") == ""
}

// oneImage refuses a name without its registry that several images go by: podman
// would choose.
func oneImage(list []parse.Image, name string) error {
	ending := name
	if base := name[strings.LastIndexByte(name, '/')+1:]; !strings.ContainsAny(base, ":@") {
		ending += ":latest"
	}
	var names []string
	for _, row := range list {
		for _, full := range row.Names {
			if full == ending {
				return nil
			}
			if strings.HasSuffix(full, "/"+ending) {
				names = append(names, full)
			}
		}
	}
	if len(names) < 2 {
		return nil
	}
	return &parse.Failure{Code: parse.InvalidParams, Subject: name,
		Message: fmt.Sprintf("%q may mean %s", name, strings.Join(names, " or ")),
		Hint:    "Nothing was done with it. Call again with the whole name of the one that is meant."}
}

// isList tells whether name is that of a local manifest list. Podman ends with 1
// where there is nothing of that name, and with an error where it is an image.
func (c *Call) isList(ctx context.Context, name string) (bool, error) {
	_, err := c.Runner.Read(ctx, exec.Podman("manifest", "exists").Operand(name))
	var run *exec.RunError
	if errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err) &&
		(run.Code == 1 || parse.Classify(run.Stderr, run.Code).Code == parse.InvalidParams) {
		return false, nil
	}
	return err == nil, err
}

// registryOf is what podman takes for an image's registry; "" where the name
// holds none.
func registryOf(name string) string {
	registry, _, ok := strings.Cut(name, "/")
	if !ok || registry != "localhost" && !strings.ContainsAny(registry, ".:") {
		return ""
	}
	return registry
}

// wholeName is the whole name that podman gives to an image that is called name
// here: app is localhost/app:latest. parameter is named where there can be none.
func wholeName(parameter string, name Image) (string, error) {
	named, err := reference.ParseNormalizedNamed(madeHere(string(name)))
	if err != nil {
		return "", invalid(parameter, "%q is no name for an image: %v", name, err)
	}
	if _, digested := named.(reference.Digested); digested {
		return "", invalid(parameter, "%q holds a digest; a name is NAME:TAG", name)
	}
	return reference.TagNameOnly(named).String(), nil
}

// wholeNames is wholeName for each item of a list, without what is there twice.
func wholeNames(parameter string, names []Image) ([]string, error) {
	var list []string
	for _, name := range names {
		full, err := wholeName(parameter, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, full) {
			list = append(list, full)
		}
	}
	return list, nil
}

// called is the image that has the name.
func called(list []parse.Image, name string) (parse.Image, bool) {
	i := slices.IndexFunc(list, func(row parse.Image) bool { return slices.Contains(row.Names, name) })
	if i < 0 {
		return parse.Image{}, false
	}
	return list[i], true
}
