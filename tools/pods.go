package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPodPs = query(Tool{
	Name: "podman_pod_ps", Title: "List pods", Effect: Reads, Toolset: Pods,
	About: "Lists pods, also stopped ones, newest first, with their containers. " +
		"For one pod's ports and networks use podman_pod_inspect, for its containers' details podman_ps with filters.pod.",
}, func(in PodPsParams) exec.Argv {
	return podList(in.Filters.pairs()...)
}, func(in PodPsParams, out []byte) (PodPsResult, error) {
	list, err := parse.Pods(out)
	if err != nil {
		return PodPsResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	for i := range shown {
		shown[i].Containers = shown[i].Containers[:min(maxMembers, len(shown[i].Containers))]
	}
	return PodPsResult{shown, len(list), len(shown) < len(list)}, nil
}).kept()

// maxMembers is the most containers that a list tells of one pod.
const maxMembers = 20

// PodPsParams are the parameters of podman_pod_ps.
type PodPsParams struct {
	Filters PodFilters `json:"filters,omitzero" jsonschema:"Only pods that match all of these"`
	Limit   int        `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most pods to return"`
}

// PodFilters are podman's own filters of pod ps.
type PodFilters struct {
	Name    NameMatch  `json:"name,omitempty" jsonschema:"Part of the name, or a regular expression"`
	Status  string     `json:"status,omitempty" enum:"created running degraded paused stopped exited dead" jsonschema:"degraded: some of its containers run"`
	Label   LabelMatch `json:"label,omitempty" jsonschema:"KEY or KEY=VALUE"`
	ID      IDMatch    `json:"id,omitempty" jsonschema:"Beginning of the id"`
	Network Name       `json:"network,omitempty"`
}

func (f PodFilters) pairs() []string {
	return pairs("name", string(f.Name), "status", f.Status, "label", string(f.Label), "id", string(f.ID), "network", string(f.Network))
}

// PodPsResult is the result of podman_pod_ps.
type PodPsResult struct {
	Pods      []parse.Pod `json:"pods"`
	Total     int         `json:"total" jsonschema:"Pods that match, also those not shown"`
	Truncated bool        `json:"truncated"`
}

var podmanPodInspect = act(Tool{
	Name: "podman_pod_inspect", Title: "Inspect a pod", Effect: Reads, Toolset: Pods,
	About: "Tells the details of one pod: state, containers, published ports, networks, what its containers share. " +
		"detail full gives podman's whole JSON, query one part of it. To list pods use podman_pod_ps; for a container in it podman_inspect.",
}, func(ctx context.Context, c *Call, in PodInspectParams) (PodInspectResult, error) {
	out, err := inspect(ctx, c, InspectParams{Container: string(in.Pod), Type: "pod", Full: in.full(), Query: in.Query})
	return PodInspectResult{out.Pod, out.Value, out.passing}, err
}).kept()

// PodInspectParams are the parameters of podman_pod_inspect.
type PodInspectParams struct {
	Pod Name `json:"pod" jsonschema:"Name or id"`
	Detail
	Query string `json:"query,omitempty" jsonschema:"A gjson path into podman's JSON, such as InfraConfig.PortBindings"`
}

// PodInspectResult is the result of podman_pod_inspect: one of its fields is set.
type PodInspectResult struct {
	Pod   *parse.PodDetail `json:"pod,omitempty"`
	Value any              `json:"value,omitempty" jsonschema:"With detail full or query: podman's own JSON"`

	passing bool
}

func (r PodInspectResult) passes() bool { return r.passing }

func podList(filters ...string) exec.Argv {
	return exec.Podman("pod", "ps").Option("filter", filters...).Option("format", "json")
}

// pods lists all pods that match.
func (c *Call) pods(ctx context.Context, filters ...string) ([]parse.Pod, error) {
	result, err := c.Runner.Read(ctx, podList(filters...))
	if err != nil {
		return nil, err
	}
	return parse.Pods(result.Stdout)
}

// findPod looks a pod up as podman does, but takes no abbreviated id of fewer
// than 12 digits. The error names the pods that a wrong name may have meant.
func findPod(list []parse.Pod, name string) (parse.Pod, error) {
	at := slices.IndexFunc(list, func(p parse.Pod) bool { return p.Name == name })
	if at < 0 && len(name) >= 12 {
		at = slices.IndexFunc(list, func(p parse.Pod) bool { return strings.HasPrefix(p.FullID, name) })
	}
	if at >= 0 {
		return list[at], nil
	}
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	f := &parse.Failure{Code: parse.PodNotFound, Subject: name, Message: fmt.Sprintf("there is no pod %q", name),
		Hint: "podman_pod_ps lists those there are."}
	if near := Nearest(name, names); len(near) > 0 {
		f.Hint = "Nearest names: " + strings.Join(near, ", ") + ". " + f.Hint
	} else if len(names) == 0 {
		f.Hint = "There are no pods at all; podman_pod_create makes one."
	}
	return parse.Pod{}, f
}
