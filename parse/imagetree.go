package parse

import (
	"strings"
)

// ImageTree is an image as podman image tree draws it.
type ImageTree struct {
	ID        string      `json:"id"`
	Tags      []string    `json:"tags"`
	SizeBytes int64       `json:"size_bytes"` // of all layers, rounded by podman to four digits
	Layers    []TreeLayer `json:"layers"`     // the base first
}

// TreeLayer is one layer, which other images may share.
type TreeLayer struct {
	ID        string   `json:"id"`
	SizeBytes int64    `json:"size_bytes"`
	Tags      []string `json:"tags,omitempty"` // of the images that end with this layer
}

// Tree reads podman image tree, which has no JSON in any version:
//
//	Image ID: 2ab72bb192d3
//	Tags:     [localhost/app:1]
//	Size:     2.139MB
//	Image Layers
//	├── ID: 9cff8e8b56c2 Size: 1.985MB
//	└── ID: 66593fbe975a Size:  2.56kB Top Layer of: [localhost/app:1]
func Tree(out []byte) (ImageTree, error) {
	const what = "an image's tree"
	tree := ImageTree{Tags: []string{}, Layers: []TreeLayer{}}
	inLayers := false
	for line := range strings.Lines(Clean(string(out))) {
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		var ok bool
		switch {
		case line == "":
			continue
		case line == "Image Layers":
			inLayers, ok = true, tree.ID != ""
		case inLayers:
			var layer TreeLayer
			layer, ok = treeLayer(line)
			tree.Layers = append(tree.Layers, layer)
		case key == "Image ID":
			tree.ID, ok = value, value != ""
		case key == "Tags":
			tree.Tags, ok = bracketed(value)
		case key == "Size":
			tree.SizeBytes, ok = humanSize(value)
		}
		if !ok {
			return ImageTree{}, OutputInvalidError(what, []byte(line), nil)
		}
	}
	if !inLayers {
		return ImageTree{}, OutputInvalidError(what, out, nil)
	}
	return tree, nil
}

func treeLayer(line string) (layer TreeLayer, ok bool) {
	line, tags, top := strings.Cut(line, "Top Layer of:")
	words := strings.Fields(strings.TrimLeft(line, "├└│─ \t"))
	if len(words) != 4 || words[0] != "ID:" || words[2] != "Size:" {
		return layer, false
	}
	layer.ID = words[1]
	layer.SizeBytes, ok = humanSize(words[3])
	if ok && top {
		layer.Tags, ok = bracketed(strings.TrimSpace(tags))
	}
	return layer, ok
}

// bracketed reads Go's way to print a list of words, [a b].
func bracketed(text string) ([]string, bool) {
	inner, opens := strings.CutPrefix(text, "[")
	inner, closes := strings.CutSuffix(inner, "]")
	return append([]string{}, strings.Fields(inner)...), opens && closes
}
