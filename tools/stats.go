package tools

import (
	"context"
	"slices"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanStats = act(Tool{
	Name: "podman_stats", Title: "Measure containers", Effect: Reads, Toolset: Containers, Default: true,
	About: "Tells what running containers use, the busiest first: processor, memory, network, disk and processes, in bytes and percent. " +
		"With one sample cpu_percent is the average since the container's start, with more what it takes now. " +
		"For the processes of one container use podman_top.",
}, measure)

// StatsParams are the parameters of podman_stats.
type StatsParams struct {
	Containers []Container `json:"containers,omitempty" jsonschema:"Names or ids; without them, all that run"`
	Samples    int         `json:"samples,omitempty" default:"1" minimum:"1" maximum:"10" jsonschema:"Measures, a second apart"`
	Limit      int         `json:"limit,omitempty" default:"20" minimum:"1" maximum:"100" jsonschema:"Most containers to return"`
}

func (in StatsParams) takes() time.Duration { return time.Duration(in.Samples) * sampleEvery }

// StatsResult is the result of podman_stats: the newest sample of each container.
type StatsResult struct {
	Containers []Usage `json:"containers"`
	Total      int     `json:"total"`
	Truncated  bool    `json:"truncated"`
}

// Usage is what a container uses.
type Usage struct {
	parse.Stat
	Samples []Sample `json:"samples,omitempty" brief:"true" jsonschema:"From the second sample on: cpu_percent since the sample before and memory_bytes, the newest last"`
}

// Sample is one of several measures.
type Sample struct {
	CPUPercent  float64 `json:"cpu_percent"`
	MemoryBytes int64   `json:"memory_bytes"`
}

const sampleEvery = time.Second

func measure(ctx context.Context, c *Call, in StatsParams) (StatsResult, error) {
	names := slices.Compact(slices.Sorted(slices.Values(words(in.Containers))))
	for _, name := range names {
		if err := c.exact(ctx, name); err != nil {
			return StatsResult{}, err
		}
	}
	argv := exec.Podman("stats").Flag("no-stream", true).Option("format", "{{json .ContainerStats}}").Operand(names...)
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	var newest []Usage
	for n := range in.Samples {
		if n > 0 {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return StatsResult{}, context.Cause(ctx)
			}
		}
		result, err := c.Runner.Read(ctx, argv)
		if err != nil {
			return StatsResult{}, err
		}
		list, err := parse.Stats(result.Stdout)
		if err != nil {
			return StatsResult{}, err
		}
		if len(names) == 0 { // podman 4.3 tells of all, 5 of those that run
			list = slices.DeleteFunc(list, func(s parse.Stat) bool { return !s.Running })
		}
		newest = sampled(newest, list)
		if n > 0 {
			c.Progress(ctx, "measured", float64(n+1), float64(in.Samples))
		}
	}
	shown := newest[:min(in.Limit, len(newest))]
	return StatsResult{shown, len(newest), len(shown) < len(newest)}, nil
}

// sampled joins a measure with those before it. A container that is new in it
// begins with its average, one that is gone is left out.
func sampled(before []Usage, now []parse.Stat) []Usage {
	list := make([]Usage, 0, len(now))
	for _, s := range now {
		u := Usage{Stat: s}
		if i := slices.IndexFunc(before, func(b Usage) bool { return b.ID == s.ID }); i >= 0 {
			if percent, ok := s.Since(before[i].Stat); ok {
				u.CPUPercent = percent
				u.Samples = append(slices.Clone(before[i].Samples), Sample{percent, s.MemoryBytes})
			}
		}
		list = append(list, u)
	}
	slices.SortStableFunc(list, func(a, b Usage) int { return a.Stat.Compare(b.Stat) })
	return list
}
