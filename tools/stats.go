package tools

import (
	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanStats = query(Tool{
	Name: "podman_stats", Title: "Measure containers", Effect: Reads, Toolset: Containers, Default: true,
	About: "Tells what containers use at this moment: processor, memory, network, disk and processes, in bytes and percent.",
}, func(in StatsParams) exec.Argv {
	return exec.Podman("stats").Flag("no-stream", true).Option("format", "{{json .}}").Operand(words(in.Containers)...)
}, func(_ StatsParams, out []byte) (StatsResult, error) {
	list, err := parse.Stats(out)
	return StatsResult{list}, err
})

// StatsParams are the parameters of podman_stats.
type StatsParams struct {
	Containers []Container `json:"containers,omitempty" jsonschema:"Names or ids; without them, all that run"`
}

// StatsResult is the result of podman_stats.
type StatsResult struct {
	Containers []parse.Stat `json:"containers"`
}
