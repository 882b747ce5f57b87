package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanInspect = act(Tool{
	Name: "podman_inspect", Title: "Inspect a container, image, volume, network or pod", Effect: Reads, Toolset: Containers, Default: true,
	About: "Tells the details of one container: state, health, command, env with secrets masked, ports, mounts, networks, limits. " +
		"With type, of an image, volume, network or pod. full gives podman's whole JSON, query one part of it. For many containers use podman_ps.",
}, inspect).kept()

func inspect(ctx context.Context, c *Call, in InspectParams) (InspectResult, error) {
	noun := nounOf(in.Type)
	if in.Full && in.Query != "" {
		return InspectResult{}, invalid("query", "stands beside full; give one of them")
	}
	if err := named(in.Type, in.Container); err != nil {
		return InspectResult{}, err
	}
	result, err := c.Runner.Read(ctx, exec.Podman(noun.verb...).Operand(in.Container))
	if err != nil {
		return InspectResult{}, err
	}
	if !parse.Called(result.Stdout, in.Container) {
		return InspectResult{}, abbreviated(noun.missing, in.Type, in.Container)
	}
	out := InspectResult{passing: passes(in, result.Stdout)}
	switch {
	case in.Full:
		out.Value, err = parse.Full(result.Stdout)
	case in.Query != "":
		out.Value, err = parse.Query(result.Stdout, in.Query)
	default:
		err = noun.concise(&out, result.Stdout)
	}
	return out, err
}

// noun is what podman_inspect can tell of.
type noun struct {
	verb    []string
	kind    reflect.Type
	missing parse.Code
	concise func(*InspectResult, []byte) error
}

func nounOf(name string) noun {
	switch name {
	case "image":
		return noun{[]string{"image", "inspect"}, reflect.TypeFor[Image](), parse.ImageNotFound, func(r *InspectResult, out []byte) error {
			d, err := parse.InspectImage(out)
			r.Image, err = pointer(d.Shown(), err)
			return err
		}}
	case "volume":
		return noun{[]string{"volume", "inspect"}, reflect.TypeFor[Name](), parse.VolumeNotFound, func(r *InspectResult, out []byte) (err error) {
			r.Volume, err = pointer(parse.InspectVolume(out))
			return err
		}}
	case "network":
		return noun{[]string{"network", "inspect"}, reflect.TypeFor[Name](), parse.NetworkNotFound, func(r *InspectResult, out []byte) (err error) {
			r.Network, err = pointer(parse.InspectNetwork(out))
			return err
		}}
	case "pod":
		return noun{[]string{"pod", "inspect"}, reflect.TypeFor[Name](), parse.PodNotFound, func(r *InspectResult, out []byte) error {
			d, err := parse.InspectPod(out)
			r.Pod, err = pointer(d.Shown(), err)
			return err
		}}
	}
	return noun{[]string{"container", "inspect"}, reflect.TypeFor[Container](), parse.ContainerNotFound, func(r *InspectResult, out []byte) (err error) {
		d, err := parse.InspectContainer(out)
		r.Container, err = pointer(d.Shown(), err)
		return err
	}}
}

func pointer[T any](v T, err error) (*T, error) { return &v, err }

// InspectParams are the parameters of podman_inspect.
type InspectParams struct {
	Container string `json:"container" jsonschema:"Name or id of the container, or of what type says"`
	Type      string `json:"type,omitempty" default:"container" enum:"container image volume network pod"`
	Full      bool   `json:"full,omitempty" default:"false" jsonschema:"Podman's whole JSON, 10 KB and more, with secrets masked"`
	Query     string `json:"query,omitempty" jsonschema:"A gjson path into podman's JSON, such as NetworkSettings.Ports or Mounts.#.Source"`
}

// named checks the parameter container by the rules of what kind of thing it
// names.
func named(kind, name string) error {
	word, err := json.Marshal(name)
	if err != nil {
		return err
	}
	schema := kindSchemas()[nounOf(kind).kind]
	if f := newParams(schema).check(schema, "container", word); f != nil {
		return f
	}
	if kind == "image" {
		if err := new(Image).UnmarshalText([]byte(name)); err != nil {
			return invalid("container", "%v; takes %s", err, takes(schema))
		}
	}
	return nil
}

// InspectResult is the result of podman_inspect: one of its fields is set.
type InspectResult struct {
	Container *parse.ContainerDetail `json:"container,omitempty"`
	Image     *parse.ImageDetail     `json:"image,omitempty" brief:"true"`
	Volume    *parse.VolumeDetail    `json:"volume,omitempty" brief:"true"`
	Network   *parse.NetworkDetail   `json:"network,omitempty" brief:"true"`
	Pod       *parse.PodDetail       `json:"pod,omitempty" brief:"true"`
	Value     any                    `json:"value,omitempty" jsonschema:"With full or query: podman's own JSON"`

	passing bool
}

func (r InspectResult) passes() bool { return r.passing }

// passes tells whether an inspected thing can change without podman writing to
// its database: a container's health is in a file of its own, and what is told in
// full of one that runs also comes from its processes. Of pods in full the same
// is said. Volumes of other drivers are told by these.
func passes(in InspectParams, out []byte) bool {
	whole := in.Full || in.Query != ""
	switch in.Type {
	case "image", "network":
		return false
	case "volume":
		v, err := parse.InspectVolume(out)
		return err != nil || v.Driver != "local"
	case "pod":
		return whole
	}
	c, err := parse.InspectContainer(out)
	return err != nil || c.HealthEvery > 0 || c.State.Health != nil || whole && c.State.Running
}

// abbreviated is the failure of a word that podman took for the beginning of
// some id or name.
func abbreviated(code parse.Code, what, word string) *parse.Failure {
	return &parse.Failure{Code: code, Subject: word,
		Message: fmt.Sprintf("there is no %s %q; names are whole, and an id needs at least 12 digits", what, word),
		Hint:    "Nothing was done. List what is there, and call again with a whole name."}
}
