package parse

import (
	"maps"
	"slices"

	"github.com/tidwall/gjson"
)

// ImageDetail is what one mostly wants to know of an image.
type ImageDetail struct {
	ID           string            `json:"id"`
	Names        []string          `json:"names"`
	Created      string            `json:"created,omitempty"`
	SizeBytes    int64             `json:"size_bytes"`
	OS           string            `json:"os,omitempty"`
	Architecture string            `json:"architecture,omitempty"`
	Entrypoint   []string          `json:"entrypoint,omitempty"`
	Command      []string          `json:"command,omitempty"`
	Env          []string          `json:"env,omitempty"`           // KEY=VALUE, secrets masked
	ExposedPorts []string          `json:"exposed_ports,omitempty"` // "80/tcp"
	Volumes      []string          `json:"volumes,omitempty"`       // paths in the container
	User         string            `json:"user,omitempty"`
	Workdir      string            `json:"workdir,omitempty"`
	Labels       map[string]string `json:"labels,omitempty"` // secrets masked
	Layers       int               `json:"layers"`

	FullID string `json:"-"`
	Digest string `json:"-"` // long, and podman_pull tells it
	// Checkpoint is an image that podman run, since 4.4, restores a container from.
	Checkpoint bool `json:"-"`
}

// InspectImage reads podman image inspect of one image.
func InspectImage(out []byte) (ImageDetail, error) {
	v, err := firstObject("an inspected image", out)
	if err != nil {
		return ImageDetail{}, err
	}
	config := v.Get("Config")
	d := ImageDetail{
		FullID:       clean(v.Get("Id")),
		Names:        cleanList(v.Get("RepoTags")),
		Digest:       clean(v.Get("Digest")),
		Created:      inspectTime(v.Get("Created").Str),
		SizeBytes:    v.Get("Size").Int(),
		OS:           clean(v.Get("Os")),
		Architecture: clean(v.Get("Architecture")),
		Entrypoint:   boundArgs(MaskArgs(cleanList(config.Get("Entrypoint")))),
		Command:      boundArgs(MaskArgs(cleanList(config.Get("Cmd")))),
		Env:          boundEnv(MaskEnv(cleanList(config.Get("Env")))),
		ExposedPorts: keys(config.Get("ExposedPorts")),
		Volumes:      keys(config.Get("Volumes")),
		User:         clean(config.Get("User")),
		Workdir:      clean(config.Get("WorkingDir")),
		Labels:       boundMap(maskLabels(textMap(config.Get("Labels")))),
		Layers:       len(v.Get("RootFS.Layers").Array()),
		Checkpoint:   v.Get(`Annotations.io\.podman\.annotations\.checkpoint\.runtime\.name`).Exists(),
	}
	d.ID = short(d.FullID)
	if d.ID == "" {
		return ImageDetail{}, OutputInvalidError("an inspected image", out, nil)
	}
	if d.Names == nil {
		d.Names = []string{}
	}
	return d, nil
}

// VolumeDetail is an inspected volume.
type VolumeDetail struct {
	Name       string            `json:"name"`
	Driver     string            `json:"driver,omitempty"`
	Mountpoint string            `json:"mountpoint,omitempty"` // on podman's host
	Created    string            `json:"created,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Options    map[string]string `json:"options,omitempty"` // secrets masked
	Anonymous  bool              `json:"anonymous,omitempty"`
}

// InspectVolume reads podman volume inspect of one volume.
func InspectVolume(out []byte) (VolumeDetail, error) {
	v, err := firstObject("an inspected volume", out)
	if err != nil {
		return VolumeDetail{}, err
	}
	d := VolumeDetail{
		Name:       clean(v.Get("Name")),
		Driver:     clean(v.Get("Driver")),
		Mountpoint: clean(v.Get("Mountpoint")),
		Created:    inspectTime(v.Get("CreatedAt").Str),
		Labels:     boundMap(maskLabels(textMap(v.Get("Labels")))),
		Options:    boundMap(maskLabels(textMap(v.Get("Options")))),
		Anonymous:  v.Get("Anonymous").Bool(),
	}
	if d.Name == "" {
		return VolumeDetail{}, OutputInvalidError("an inspected volume", out, nil)
	}
	return d, nil
}

// NetworkDetail is an inspected network.
type NetworkDetail struct {
	Name       string            `json:"name"`
	ID         string            `json:"id,omitempty"`
	Driver     string            `json:"driver,omitempty"`
	Subnets    []string          `json:"subnets,omitempty"`
	Gateway    string            `json:"gateway,omitempty"` // of the first subnet that has one
	Internal   bool              `json:"internal,omitempty"`
	DNSEnabled bool              `json:"dns_enabled"`
	IPv6       bool              `json:"ipv6,omitempty"`
	Created    string            `json:"created,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Containers []string          `json:"containers,omitempty"` // names; podman 4.3 does not tell them
}

// InspectNetwork reads podman network inspect of one network.
func InspectNetwork(out []byte) (NetworkDetail, error) {
	v, err := firstObject("an inspected network", out)
	if err != nil {
		return NetworkDetail{}, err
	}
	d := NetworkDetail{
		Name:       clean(v.Get("name")),
		ID:         short(clean(v.Get("id"))),
		Driver:     clean(v.Get("driver")),
		Internal:   v.Get("internal").Bool(),
		DNSEnabled: v.Get("dns_enabled").Bool(),
		IPv6:       v.Get("ipv6_enabled").Bool(),
		Created:    inspectTime(v.Get("created").Str),
		Labels:     boundMap(maskLabels(textMap(v.Get("labels")))),
	}
	each(v.Get("subnets"), func(_, s gjson.Result) bool {
		d.Subnets = append(d.Subnets, clean(s.Get("subnet")))
		if d.Gateway == "" {
			d.Gateway = clean(s.Get("gateway"))
		}
		return true
	})
	each(v.Get("containers"), func(_, c gjson.Result) bool {
		d.Containers = append(d.Containers, clean(c.Get("name")))
		return true
	})
	slices.Sort(d.Containers)
	if d.Name == "" {
		return NetworkDetail{}, OutputInvalidError("an inspected network", out, nil)
	}
	return d, nil
}

// keys gives the names of an object in order: ExposedPorts and Volumes are sets written as objects.
func keys(v gjson.Result) []string {
	return slices.Sorted(maps.Keys(textMap(v)))
}
