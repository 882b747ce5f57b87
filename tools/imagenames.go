package tools

import (
	"slices"

	"github.com/distribution/reference"
)

// madeHere is a name as podman completes it for an image that is made on this
// machine, for which localhost stands.
func madeHere(name string) string {
	if registryOf(name) == "" {
		return "localhost/" + name
	}
	return name
}

// localName is the whole name that podman gives an image for a tag.
func localName(tag string) string {
	tag = madeHere(tag)
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
