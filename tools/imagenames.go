package tools

import (
	"slices"
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

// fullName is which of a local image's names a word means; the word where it is
// an id or means none. Podman looks on this machine before it looks elsewhere.
func fullName(word string, names []string) string {
	if name := localName(word); slices.Contains(names, name) {
		return name
	}
	named, err := reference.ParseNormalizedNamed(word)
	if err != nil {
		return word
	}
	if name := reference.TagNameOnly(named).String(); slices.Contains(names, name) {
		return name
	}
	return word
}
