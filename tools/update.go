package tools

import (
	"context"
	"math"
	"strconv"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanUpdate = act(Tool{
	Name: "podman_update", Title: "Change a container's limits", Effect: Changes, Toolset: Containers, Idempotent: true,
	About: "Changes what a container may use, and when it is restarted, without making it anew; what is not given stays. " +
		"Before podman 5.1 only of a running one, and only until it stops. For other options use podman_run with replace.",
}, changeLimits)

// UpdateParams are the parameters of podman_update.
type UpdateParams struct {
	Container         Container `json:"container" jsonschema:"Name or id"`
	Memory            Memory    `json:"memory,omitempty" jsonschema:"Limit such as 512m"`
	MemorySwap        Swap      `json:"memory_swap,omitempty" jsonschema:"Memory and swap together, such as 1g; -1 for no limit"`
	MemoryReservation Memory    `json:"memory_reservation,omitempty" jsonschema:"What it is held to when memory is short"`
	CPUs              float64   `json:"cpus,omitempty" minimum:"0.01" maximum:"1024" jsonschema:"Limit such as 1.5"`
	CPUShares         int       `json:"cpu_shares,omitempty" minimum:"2" maximum:"262144" jsonschema:"Weight beside the others; 1024 is usual"`
	PIDsLimit         *int      `json:"pids_limit,omitempty" minimum:"-1" maximum:"4194304" jsonschema:"Most processes; -1 for no limit. Needs podman 4.4"`
	Restart           Restart   `json:"restart,omitempty" jsonschema:"no, always, unless-stopped, on-failure or on-failure:N. Needs podman 5.1"`
}

// UpdateResult is the result of podman_update.
type UpdateResult struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Resources *parse.Resources `json:"resources,omitempty" jsonschema:"All of them, as podman keeps them"`
	Note      string           `json:"note,omitempty"`
}

func changeLimits(ctx context.Context, c *Call, in UpdateParams) (UpdateResult, error) {
	if in == (UpdateParams{Container: in.Container}) {
		return UpdateResult{}, invalid("memory", "is missing, and so is every other limit; give what is to change")
	}
	row, err := c.lookup(ctx, string(in.Container))
	if err != nil {
		return UpdateResult{}, err
	}
	if err := c.changeable(ctx, []parse.Container{row}); err != nil {
		return UpdateResult{}, err
	}
	if _, err := c.finish(ctx, in.argv().Operand(row.FullID)); err != nil {
		return UpdateResult{}, err
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	result, err := c.Runner.Read(ctx, exec.Podman("container", "inspect").Operand(row.FullID))
	if err != nil {
		return UpdateResult{}, err
	}
	now, err := parse.ContainerResources(result.Stdout)
	if err != nil {
		return UpdateResult{}, err
	}
	out := UpdateResult{ID: row.ID, Name: row.Name, Resources: &now}
	if !in.kept(now) {
		out.Resources = nil
		out.Note = "in force now, and only until the container stops: podman keeps such changes since 5.1, and this one is older"
	}
	return out, nil
}

// kept tells whether podman has written down what was asked for. What stands
// for no limit is spelt in several ways and not compared.
func (in UpdateParams) kept(now parse.Resources) bool {
	same := func(asked, kept int64) bool { return asked <= 0 || asked == kept }
	return same(in.Memory.bytes(), now.MemoryBytes) && same(Memory(in.MemorySwap).bytes(), now.MemorySwapBytes) &&
		same(in.MemoryReservation.bytes(), now.MemoryReservationBytes) && same(int64(in.CPUShares), now.CPUShares) &&
		(in.PIDsLimit == nil || same(int64(*in.PIDsLimit), now.PIDsLimit)) &&
		(in.CPUs == 0 || math.Abs(in.CPUs-now.CPUs) < 0.001)
}

func (in UpdateParams) argv() exec.Argv {
	argv := exec.Podman("update").
		Option("memory", string(in.Memory)).
		Option("memory-swap", string(in.MemorySwap)).
		Option("memory-reservation", string(in.MemoryReservation)).
		Option("restart", string(in.Restart))
	if in.CPUs > 0 {
		argv = argv.Option("cpus", strconv.FormatFloat(in.CPUs, 'f', -1, 64))
	}
	if in.CPUShares > 0 {
		argv = argv.Option("cpu-shares", strconv.Itoa(in.CPUShares))
	}
	if in.PIDsLimit != nil {
		argv = argv.Option("pids-limit", strconv.Itoa(*in.PIDsLimit))
	}
	return argv
}
