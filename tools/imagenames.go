package tools

import (
	"strings"

	"github.com/distribution/reference"
)

// hasRegistry tells whether a name begins with a registry, or with localhost,
// which stands for this machine.
func hasRegistry(name string) bool {
	first, _, slash := strings.Cut(name, "/")
	return slash && (first == "localhost" || strings.ContainsAny(first, ".:"))
}

// localName is the whole name that podman gives an image for a tag.
func localName(tag string) string {
	if !hasRegistry(tag) {
		tag = "localhost/" + tag
	}
	named, err := reference.ParseNormalizedNamed(tag)
	if err != nil {
		return tag
	}
	return reference.TagNameOnly(named).String()
}
