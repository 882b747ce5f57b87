package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPodStart = act(Tool{
	Name: "podman_pod_start", Title: "Start pods", Effect: Changes, Toolset: Pods, Idempotent: true,
	About: "Starts all containers of pods that exist. To put a new container into a pod use podman_run with pod.",
}, func(ctx context.Context, c *Call, in PodsParams) (PodsResult, error) {
	return c.eachPod(ctx, in.Pods, func(ctx context.Context, pod parse.Pod) error {
		_, err := c.finish(ctx, exec.Podman("pod", "start").Operand(pod.FullID))
		return err
	})
})

var podmanPodStop = act(Tool{
	Name: "podman_pod_stop", Title: "Stop pods", Effect: Removes, Toolset: Pods, Idempotent: true,
	About: "Stops all containers of pods: asks each to end, and kills it after timeout seconds. The pods stay. " +
		"To stop single containers use podman_stop, to remove a pod podman_pod_rm.",
}, func(ctx context.Context, c *Call, in PodStopParams) (PodsResult, error) {
	return c.eachPod(ctx, in.Pods, func(ctx context.Context, pod parse.Pod) error {
		argv := exec.Podman("pod", "stop").Operand(pod.FullID)
		if up := append(running(pod.Containers), running([]parse.PodContainer{pod.Infra})...); c.Runner.Remote && pod.State != "running" && len(up) > 0 {
			// Podman's service leaves a pod as it is of which one container has
			// ended, and says that all went well.
			argv = exec.Podman("stop")
			for _, member := range up {
				argv = argv.Operand(member.FullID)
			}
		}
		_, err := c.finish(ctx, argv.Option("time", strconv.Itoa(in.Timeout)))
		return err
	})
})

var podmanPodRestart = act(Tool{
	Name: "podman_pod_restart", Title: "Restart pods", Effect: Removes, Toolset: Pods,
	About: "Stops all containers of pods and starts them again; those that do not run are started. " +
		"A container that does not end within ten seconds is killed.",
}, func(ctx context.Context, c *Call, in PodsParams) (PodsResult, error) {
	return c.eachPod(ctx, in.Pods, func(ctx context.Context, pod parse.Pod) error {
		_, err := c.finish(ctx, exec.Podman("pod", "restart").Operand(pod.FullID))
		return err
	})
})

var podmanPodRm = act(Tool{
	Name: "podman_pod_rm", Title: "Remove pods", Effect: Removes, Toolset: Pods,
	About: "Removes pods with all their containers and these containers' anonymous volumes. " +
		"A pod of which a container runs is left as it is, unless force ends them first. To only stop pods use podman_pod_stop.",
}, func(ctx context.Context, c *Call, in PodRmParams) (PodsResult, error) {
	if err := c.confirmPodRm(ctx, in.Pods); err != nil {
		return PodsResult{}, err
	}
	return c.eachPod(ctx, in.Pods, func(ctx context.Context, pod parse.Pod) error {
		if err := busy(pod); err != nil && !in.Force {
			return err
		}
		_, err := c.finish(ctx, exec.Podman("pod", "rm").Flag("force", in.Force).Operand(pod.FullID))
		return err
	})
})

func (c *Call) confirmPodRm(ctx context.Context, names []Name) error {
	if !c.Confirm {
		return nil
	}
	list, err := c.pods(ctx)
	if err != nil {
		return err
	}
	var going []parse.Pod
	for _, name := range words(names) {
		if pod, err := findPod(list, name); err == nil { // of one that is not there the call itself tells
			going = append(going, pod)
		}
	}
	return c.confirm("Remove", " and all that is in them", podsLost(going)...)
}

// podsLost are pods with their containers.
func podsLost(list []parse.Pod) []lost {
	pods, members := lost{what: "pod"}, lost{what: "container"}
	for _, pod := range list {
		pods.names, pods.ids = append(pods.names, pod.Name), append(pods.ids, pod.FullID)
		for _, member := range pod.Containers {
			members.names, members.ids = append(members.names, member.Name), append(members.ids, member.FullID)
		}
	}
	return []lost{pods, members}
}

// PodsParams are the parameters of podman_pod_start and podman_pod_restart.
type PodsParams struct {
	Pods []Name `json:"pods" minItems:"1" jsonschema:"Names or ids"`
}

// ask is how long podman waits for a container to end where it is not told.
const ask = 10 * time.Second

func (in PodsParams) takes() time.Duration { return ask * time.Duration(len(in.Pods)) }

// PodStopParams are the parameters of podman_pod_stop.
type PodStopParams struct {
	Pods    []Name `json:"pods" minItems:"1" jsonschema:"Names or ids"`
	Timeout int    `json:"timeout,omitempty" default:"10" minimum:"0" maximum:"3600" jsonschema:"Seconds before a container is killed"`
}

// takes counts the pods, which podman stops one after another.
func (in PodStopParams) takes() time.Duration {
	return time.Duration(in.Timeout*len(in.Pods)) * time.Second
}

// PodRmParams are the parameters of podman_pod_rm.
type PodRmParams struct {
	Pods  []Name `json:"pods" minItems:"1" jsonschema:"Names or ids"`
	Force bool   `json:"force,omitempty" default:"false" jsonschema:"Also pods whose containers run: ends and removes them"`
}

func (in PodRmParams) takes() time.Duration { return ask * time.Duration(len(in.Pods)) }

// PodsResult reports on each pod by itself.
type PodsResult struct {
	Pods []PodOutcome `json:"pods"`
}

func (r PodsResult) partial() bool { return len(r.Pods) > 0 }

// PodOutcome is what became of one pod.
type PodOutcome struct {
	Pod   string     `json:"pod"`
	OK    bool       `json:"ok"`
	State string     `json:"state,omitempty" jsonschema:"Its state now; gone when it was removed"`
	Error *wireError `json:"error,omitempty"`
}

// eachPod does the same to one pod after another, and then looks what became of
// each. One podman process for all would not say which of them failed.
func (c *Call) eachPod(ctx context.Context, names []Name, do func(context.Context, parse.Pod) error) (PodsResult, error) {
	before, err := c.pods(ctx)
	if err != nil {
		return PodsResult{}, err
	}
	done := 0
	outcomes, failed := c.inTurn(ctx, words(names), func(ctx context.Context, name string) error {
		pod, err := findPod(before, name)
		if err != nil {
			return err
		}
		if err := c.changeablePods(ctx, []parse.Pod{pod}); err != nil {
			return err
		}
		done++
		return do(ctx, pod)
	})
	after := before
	if done > 0 {
		look, cancel := afterwards(ctx)
		defer cancel()
		if after, err = c.pods(look); err != nil {
			return PodsResult{}, err
		}
	}
	out := PodsResult{Pods: []PodOutcome{}}
	for _, o := range outcomes.Results {
		one := PodOutcome{Pod: o.Name, OK: o.OK, Error: o.Error}
		was, missing := findPod(before, o.Name)
		now, gone := findPod(after, was.FullID)
		switch {
		case missing != nil: // there is nothing to look at
		case gone != nil:
			one.State = "gone"
		default:
			one.State = now.State
		}
		out.Pods = append(out.Pods, one)
	}
	return out, failed
}

// busy refuses to remove a pod of which containers run. Podman refuses too, but
// only after it has removed those that do not.
func busy(pod parse.Pod) error {
	up := running(pod.Containers)
	if len(up) == 0 {
		return nil
	}
	var names []string
	for _, member := range up[:min(maxMembers, len(up))] {
		names = append(names, member.Name)
	}
	more := ""
	if n := len(up) - len(names); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return &parse.Failure{Code: parse.InUse, Subject: pod.Name,
		Message: fmt.Sprintf("containers of pod %q run: %s%s", pod.Name, strings.Join(names, ", "), more),
		Hint:    "Nothing of it was removed. Stop it first with podman_pod_stop, or call again with force."}
}

// running picks the members that have a process.
func running(members []parse.PodContainer) []parse.PodContainer {
	var up []parse.PodContainer
	for _, member := range members {
		switch member.State {
		case "running", "paused", "stopping":
			up = append(up, member)
		}
	}
	return up
}
