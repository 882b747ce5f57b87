package tools

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"podman-mcp/parse"
)

// ImagePolicy says which images calls may run, pull, build from and name, and
// which registries they may reach. An empty list allows all. Images that were
// made on this machine are of the registry localhost, which --registries always
// allows and --images does where a pattern says localhost/*.
//
// Names are judged, not contents: who may build may put anything into an image
// and give it a name that is allowed here, so that podman_build and podman_tag
// are for those who may.
type ImagePolicy struct {
	// Images are whole names with their registry, docker.io/library/nginx, and a
	// tag or digest where only that one is meant. In them * is any characters but
	// a slash, ** any characters.
	Images     []string
	Registries []string // each HOST or HOST:PORT
}

func (p ImagePolicy) empty() bool { return len(p.Images)+len(p.Registries) == 0 }

// named tells why the image of a whole name may not be used.
func (p ImagePolicy) named(parameter, name string) error {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return invalid(parameter, "%s is no image: %v", short([]byte(name)), err)
	}
	if err := p.registry(parameter, reference.Domain(ref)); err != nil {
		return err
	}
	if len(p.Images) == 0 || slices.ContainsFunc(p.Images, func(pattern string) bool { return matches(pattern, ref) }) {
		return nil
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
		Message: fmt.Sprintf("%s: the image %s is none of those that the operator allows with --images: %s", parameter, ref, strings.Join(p.Images, ", ")),
		Hint:    "Nothing was run. Take one of these."}
}

// registry tells why a registry may not be reached.
func (p ImagePolicy) registry(parameter, host string) error {
	if len(p.Registries) == 0 || host == "localhost" || slices.Contains(p.Registries, host) {
		return nil
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
		Message: fmt.Sprintf("%s: the registry %s is none of those that the operator allows with --registries: %s", parameter, host, strings.Join(p.Registries, ", ")),
		Hint:    "Nothing was run. Take an image of one of these."}
}

// matches tells whether a name is one that the pattern means. Podman goes by the
// digest where there is one, whatever the tag beside it says.
func matches(pattern string, ref reference.Named) bool {
	names := []string{ref.Name()}
	if digested, ok := ref.(reference.Digested); ok {
		names = append(names, ref.Name()+"@"+digested.Digest().String())
	} else {
		names = append(names, reference.TagNameOnly(ref).String())
	}
	shape := regexp.QuoteMeta(pattern)
	shape = strings.ReplaceAll(shape, `\*\*`, `.*`)
	shape = strings.ReplaceAll(shape, `\*`, `[^/]*`)
	whole, err := regexp.Compile("^" + shape + "$")
	return err == nil && slices.ContainsFunc(names, whole.MatchString)
}

// permit returns the name by which an image may be used: the whole name where a
// short one was given, so that podman looks for no other. Without a policy that
// is the word itself.
func (c *Call) permit(ctx context.Context, parameter string, image Image) (Image, error) {
	word := string(image)
	if c.Images.empty() || word == "" {
		return image, nil
	}
	if registryOf(word) != "" {
		return image, c.Images.named(parameter, word)
	}
	if err := c.wholeImage(ctx, word); err != nil {
		return "", err
	}
	local, err := c.image(ctx, word)
	var f *parse.Failure
	switch {
	case errors.As(err, &f) && f.Code == parse.ImageNotFound:
		return "", c.unresolved(parameter, word)
	case err != nil:
		return "", err
	}
	name := fullName(word, local.Names)
	if name == word { // an id, or the ending of a name
		for _, name := range local.Names {
			if err = c.Images.named(parameter, name); err == nil {
				return Image(name), nil // it is the same image by any of its names
			}
		}
		if len(local.Names) == 0 {
			err = c.Images.named(parameter, "localhost/"+local.ID)
		}
		return image, err
	}
	return Image(name), c.Images.named(parameter, name)
}

// unresolved refuses a short name, which podman may take for an image of any of
// several registries.
func (c *Call) unresolved(parameter, word string) error {
	hosts := c.Images.Registries
	if len(hosts) == 0 {
		hosts = []string{"docker.io"}
	}
	var names []string
	for _, host := range hosts {
		name := host + "/" + word
		if host == "docker.io" && !strings.Contains(word, "/") {
			name = host + "/library/" + word
		}
		if c.Images.named(parameter, name) == nil {
			names = append(names, name)
		}
	}
	hint := "Nothing was run. Give the image's whole name, with its registry."
	if len(names) > 0 {
		hint = "Nothing was run. Call again with one of: " + strings.Join(names, ", ") + "."
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
		Message: fmt.Sprintf("%s: %q is a short name of an image that is not here, which podman could take from any registry; --images or --registries needs whole names", parameter, word),
		Hint:    hint}
}

// permitFile judges an image that a file names, which podman reads for itself:
// a short name it could read as another image than is meant, even where one that
// is called so is here.
func (c *Call) permitFile(parameter, image string) error {
	if c.Images.empty() {
		return nil
	}
	if registryOf(image) == "" {
		return c.unresolved(parameter, image)
	}
	return c.Images.named(parameter, image)
}

// permitBuild judges the images that a Containerfile takes something from.
func (c *Call) permitBuild(parameter, text string, args []Env) error {
	if c.Images.empty() {
		return nil
	}
	list, ok := bases(text, args)
	if !ok {
		return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
			Message: parameter + ": it takes from an image whose name cannot be told before it is built",
			Hint:    "Nothing was run. Write the image's whole name out, or put it together of the ARGs before the first FROM."}
	}
	for _, image := range list {
		if err := c.permitFile(parameter, image); err != nil {
			return err
		}
	}
	return nil
}

// permitCompose judges an image of a compose file; with text not empty, the
// Containerfile that it builds from, the build's arguments put in.
func (c *Call) permitCompose(parameter, image, text string, args map[string]string) error {
	if text == "" {
		return c.permitFile(parameter, image)
	}
	return c.permitBuild(parameter, text, envs(args))
}

func envs(pairs map[string]string) (list []Env) {
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		list = append(list, Env(key+"="+pairs[key]))
	}
	return list
}

// permitTo judges a name that an image is to get, or the place it is pushed to.
func (c *Call) permitTo(parameter, name string) error {
	if registry := registryOf(name); registry != "" {
		return c.Images.registry(parameter, registry)
	}
	return nil
}

// permitSearch judges the registry that is searched.
func (c *Call) permitSearch(parameter, term string) error {
	if registry := registryOf(term); registry != "" || len(c.Images.Registries) == 0 {
		return c.permitTo(parameter, term)
	}
	var terms []string
	for _, host := range c.Images.Registries {
		terms = append(terms, host+"/"+term)
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
		Message: fmt.Sprintf("%s: %s names no registry, and podman would search others than the operator allows with --registries", parameter, short([]byte(term))),
		Hint:    "Nothing was run. Call again with one of: " + strings.Join(terms, ", ") + "."}
}

// permitArchive refuses an archive where images are limited: it says itself what
// its images are called.
func (c *Call) permitArchive(parameter string) error {
	if c.Images.empty() {
		return nil
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
		Message: parameter + ": an archive can give an image any name, also one that --images or --registries allows",
		Hint:    "Nothing was run. Pull the image from its registry."}
}
