package tools

import (
	"context"
	"crypto/rand"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPodCreate = act(Tool{
	Name: "podman_pod_create", Title: "Create a pod", Effect: Changes, Toolset: Pods,
	About: "Makes an empty pod: containers that reach each other on localhost and start and stop together. Then put containers into it with " +
		"podman_run and pod, which starts it. Ports belong to the pod and cannot be added later. For several services from a file use podman_compose_up.",
}, podCreate)

// PodCreateParams are the parameters of podman_pod_create.
type PodCreateParams struct {
	Name    Name    `json:"name" jsonschema:"The new pod's name"`
	Ports   []Port  `json:"ports,omitempty" jsonschema:"HOST:CONTAINER, on 127.0.0.1; IP:HOST:CONTAINER for another address; also ranges and /udp"`
	Network Name    `json:"network,omitempty" jsonschema:"none, or an existing network's name"`
	Labels  []Label `json:"labels,omitempty" jsonschema:"Each KEY=VALUE"`
}

// PodCreateResult is the result of podman_pod_create.
type PodCreateResult struct {
	ID    string   `json:"id,omitempty"`
	Name  string   `json:"name,omitempty"`
	State string   `json:"state,omitempty"`
	Ports []string `json:"ports,omitempty"`
}

func (r PodCreateResult) partial() bool { return r.ID != "" }

func (in PodCreateParams) argv(id, owner string) exec.Argv {
	return exec.Podman("pod", "create").
		Option("name", string(in.Name)).
		Option("label", callLabel+"="+id, owner).
		Text("label", words(in.Labels)...).
		Option("publish", words(in.Ports)...).
		Option("network", string(in.Network))
}

func podCreate(ctx context.Context, c *Call, in PodCreateParams) (PodCreateResult, error) {
	if err := c.Policy.network(in.Network, in.Ports); err != nil {
		return PodCreateResult{}, err
	}
	if err := (RunParams{Ports: in.Ports, Network: in.Network}).possible(); err != nil {
		return PodCreateResult{}, err
	}
	if err := c.whole(ctx, "network", parse.NetworkNotFound, string(in.Network)); err != nil {
		return PodCreateResult{}, err
	}
	id := rand.Text()
	result, err := c.Runner.Run(ctx, in.argv(id, c.Scope.label()))
	if err != nil {
		return PodCreateResult{}, c.undoPod(ctx, err, id)
	}
	made := strings.TrimSpace(string(result.Stdout))
	out := PodCreateResult{ID: made[:min(12, len(made))], Name: string(in.Name), State: "created"}
	details, err := c.Runner.Run(ctx, exec.Podman("pod", "inspect").Operand(made))
	if err != nil && ctx.Err() != nil {
		return PodCreateResult{}, c.undoPod(ctx, err, id)
	}
	if err != nil {
		return out, err
	}
	d, err := parse.InspectPod(details.Stdout)
	if err != nil {
		return out, err
	}
	return PodCreateResult{ID: d.ID, Name: d.Name, State: d.State, Ports: d.Ports}, nil
}

// undoPod removes the pod that a call made which did not succeed, and nothing
// else, and returns the call's error. Podman itself leaves one, such as where
// there is no network of that name.
func (c *Call) undoPod(ctx context.Context, cause error, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	made, err := c.pods(ctx, "label="+callLabel+"="+id)
	for _, pod := range made {
		if err == nil {
			_, err = c.Runner.Run(ctx, exec.Podman("pod", "rm").Flag("force", true).Operand(pod.FullID))
		}
	}
	if err != nil {
		c.Log.Error().Err(err).Str("label", callLabel+"="+id).Msg("cannot remove the pod of a failed call")
	}
	return cause
}
