package tools

import (
	"context"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanPodStats = act(Tool{
	Name: "podman_pod_stats", Title: "Measure pods", Effect: Reads, Toolset: Pods,
	About: "Tells what the containers of pods use at this moment: processor, memory, network, disk and processes, in bytes and percent. " +
		"For containers outside of pods use podman_stats.",
}, func(ctx context.Context, c *Call, in PodStatsParams) (PodStatsResult, error) {
	out := PodStatsResult{Containers: []parse.PodStat{}}
	list, err := c.pods(ctx)
	if err != nil || len(list) == 0 && len(in.Pods) == 0 {
		return out, err
	}
	var ids []string
	for _, name := range in.Pods {
		pod, err := findPod(list, string(name))
		if err != nil {
			return out, err
		}
		ids = append(ids, pod.FullID)
	}
	result, err := c.Runner.Read(ctx, exec.Podman("pod", "stats").Flag("no-stream", true).Option("format", "json").Operand(ids...))
	if err != nil {
		return out, err
	}
	stats, err := parse.PodStats(result.Stdout)
	if err != nil {
		return out, err
	}
	for i := range stats {
		if pod, err := findPod(list, stats[i].Pod); err == nil { // one made since has only its id
			stats[i].Pod = pod.Name
		}
	}
	slices.SortStableFunc(stats, func(a, b parse.PodStat) int { return strings.Compare(a.Pod, b.Pod) })
	shown := stats[:min(in.Limit, len(stats))]
	return PodStatsResult{shown, len(stats), len(shown) < len(stats)}, nil
})

// PodStatsParams are the parameters of podman_pod_stats.
type PodStatsParams struct {
	Pods  []Name `json:"pods,omitempty" jsonschema:"Names or ids; without them, all"`
	Limit int    `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most containers to return"`
}

// PodStatsResult is the result of podman_pod_stats.
type PodStatsResult struct {
	Containers []parse.PodStat `json:"containers" jsonschema:"By pod, infra containers too"`
	Total      int             `json:"total"`
	Truncated  bool            `json:"truncated"`
}
