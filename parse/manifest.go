package parse

import (
	"strings"

	"github.com/tidwall/gjson"
)

// Manifest is one image of a manifest list.
type Manifest struct {
	Digest    string `json:"digest"`
	Platform  string `json:"platform,omitempty"` // os/architecture[/variant]
	SizeBytes int64  `json:"size_bytes"`         // of the manifest itself, not of the image
}

// Manifests reads podman manifest inspect. An empty list has null or no manifests. Podman 5 prints a single image of
// a registry too, which is a *Failure.
func Manifests(out []byte) ([]Manifest, error) {
	v, err := firstObject("a manifest list", out)
	if err != nil {
		return nil, err
	}
	if v.Get("config").Exists() || v.Get("layers").Exists() || v.Get("fsLayers").Exists() {
		return nil, &Failure{Code: InvalidParams, Message: "this is a single image and no manifest list", Hint: singleImage}
	}
	list := []Manifest{}
	each(v.Get("manifests"), func(_, m gjson.Result) bool {
		p := m.Get("platform")
		platform := []string{clean(p.Get("os")), clean(p.Get("architecture")), clean(p.Get("variant"))}
		list = append(list, Manifest{
			Digest:    clean(m.Get("digest")),
			Platform:  strings.Trim(strings.Join(platform, "/"), "/"),
			SizeBytes: m.Get("size").Int(),
		})
		return true
	})
	return list, nil
}

const singleImage = "podman_inspect with type image tells of one that is here; podman_manifest_create makes a list of images."
