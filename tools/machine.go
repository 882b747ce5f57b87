package tools

import (
	"context"
	"strconv"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// bootTimeout is for machines: their first start prepares a disk.
const bootTimeout = 10 * time.Minute

var podmanMachineLs = act(Tool{
	Name: "podman_machine_ls", Title: "List podman's virtual machines", Effect: Reads, Toolset: Machine,
	About: "Lists the virtual machines in which podman runs on macOS and Windows, and the state of each. " +
		"When calls fail with PODMAN_NOT_CONNECTED, look here and start one with podman_machine_start.",
}, func(ctx context.Context, c *Call, in MachineLsParams) (MachineLsResult, error) {
	result, err := c.here().Read(ctx, exec.Podman("machine", "list").Option("format", "json"))
	if err != nil {
		return MachineLsResult{}, err
	}
	list, err := parse.Machines(result.Stdout)
	if err != nil {
		return MachineLsResult{}, err
	}
	shown := list[:min(in.Limit, len(list))]
	return MachineLsResult{shown, len(list), len(shown) < len(list)}, nil
})

var podmanMachineInspect = act(Tool{
	Name: "podman_machine_inspect", Title: "Inspect a virtual machine of podman's", Effect: Reads, Toolset: Machine,
	About: "Tells the details of one of podman's virtual machines: state, processors, memory, disk, whether it is rootful, " +
		"and the socket of its podman. podman_machine_ls lists them.",
}, func(ctx context.Context, c *Call, in MachineInspectParams) (MachineInspectResult, error) {
	out, err := c.inspectMachine(ctx, in.Name)
	if err != nil {
		return MachineInspectResult{}, err
	}
	detail, err := parse.InspectMachine(out)
	if err != nil {
		return MachineInspectResult{}, err
	}
	whole, err := in.of(out)
	return MachineInspectResult{detail, whole}, err
})

var podmanMachineStart = act(Tool{
	Name: "podman_machine_start", Title: "Start a virtual machine of podman's", Effect: Changes, Toolset: Machine, Idempotent: true, Timeout: bootTimeout,
	About: "Starts one of podman's virtual machines, with progress while it boots; the default one without a name. " +
		"podman works on macOS and Windows only while one runs.",
}, func(ctx context.Context, c *Call, in MachineParams) (MachineResult, error) {
	return c.machineTo(ctx, "running", in.Name, exec.Podman("machine", "start").Operand(string(in.Name)))
})

var podmanMachineStop = act(Tool{
	Name: "podman_machine_stop", Title: "Stop a virtual machine of podman's", Effect: Removes, Toolset: Machine, Idempotent: true, Timeout: bootTimeout,
	About: "Stops one of podman's virtual machines and with it every container that runs in it; the default one without a name. " +
		"To stop single containers use podman_stop.",
}, func(ctx context.Context, c *Call, in MachineParams) (MachineResult, error) {
	if err := c.wholeMachine(in.Name); err != nil {
		return MachineResult{}, err
	}
	return c.machineTo(ctx, "stopped", in.Name, exec.Podman("machine", "stop").Operand(string(in.Name)))
})

var podmanMachineSet = act(Tool{
	Name: "podman_machine_set", Title: "Change a virtual machine of podman's", Effect: Changes, Toolset: Machine, Idempotent: true,
	About: "Changes the processors, memory, disk or rootfulness of one of podman's virtual machines, which must be stopped: " +
		"podman_machine_stop first, podman_machine_start after. A disk can grow but not shrink.",
}, func(ctx context.Context, c *Call, in MachineSetParams) (MachineResult, error) {
	argv := exec.Podman("machine", "set").
		Option("cpus", positive(in.CPUs)).Option("memory", positive(in.MemoryMiB)).Option("disk-size", positive(in.DiskGiB))
	if in.Rootful != nil {
		argv = argv.Option("rootful", strconv.FormatBool(*in.Rootful))
	}
	if in.CPUs == 0 && in.MemoryMiB == 0 && in.DiskGiB == 0 && in.Rootful == nil {
		return MachineResult{}, invalid("cpus", "nothing is to be changed; give cpus, memory_mib, disk_gib or rootful")
	}
	if _, err := c.here().Run(ctx, argv.Operand(string(in.Name))); err != nil {
		return MachineResult{}, err
	}
	return c.machine(ctx, in.Name)
})

// MachineLsParams are the parameters of podman_machine_ls.
type MachineLsParams struct {
	Limit int `json:"limit,omitempty" default:"50" minimum:"1" maximum:"100" jsonschema:"Most machines to return"`
}

// MachineLsResult is the result of podman_machine_ls.
type MachineLsResult struct {
	Machines  []parse.MachineRow `json:"machines"`
	Total     int                `json:"total"`
	Truncated bool               `json:"truncated"`
}

// MachineParams are the parameters of tools that take one machine.
type MachineParams struct {
	Name Name `json:"name,omitempty" default:"podman-machine-default" jsonschema:"Machine's name"`
}

// MachineInspectParams are the parameters of podman_machine_inspect.
type MachineInspectParams struct {
	MachineParams
	Detail
}

// MachineInspectResult is the result of podman_machine_inspect.
type MachineInspectResult struct {
	parse.MachineDetail
	Whole
}

// MachineSetParams are the parameters of podman_machine_set.
type MachineSetParams struct {
	Name      Name  `json:"name,omitempty" default:"podman-machine-default" jsonschema:"Machine's name"`
	CPUs      int   `json:"cpus,omitempty" minimum:"1" maximum:"1024" jsonschema:"Processors"`
	MemoryMiB int   `json:"memory_mib,omitempty" minimum:"256" maximum:"16777216" jsonschema:"Memory in MiB"`
	DiskGiB   int   `json:"disk_gib,omitempty" minimum:"10" maximum:"65536" jsonschema:"Disk in GiB; it can only grow"`
	Rootful   *bool `json:"rootful,omitempty" jsonschema:"Containers run as the machine's root by default"`
}

// MachineResult is the state of one machine after a call.
type MachineResult struct{ parse.MachineDetail }

// here is podman on this machine, whatever service calls go to: machines and
// connections are this side's.
func (c *Call) here() *exec.Runner { return c.Runner.On() }

func (c *Call) inspectMachine(ctx context.Context, name Name) ([]byte, error) {
	result, err := c.here().Read(ctx, exec.Podman("machine", "inspect").Operand(string(name)))
	return result.Stdout, err
}

func (c *Call) machine(ctx context.Context, name Name) (MachineResult, error) {
	out, err := c.inspectMachine(ctx, name)
	if err != nil {
		return MachineResult{}, err
	}
	detail, err := parse.InspectMachine(out)
	return MachineResult{detail}, err
}

// machineTo runs what brings a machine into a state, and hands on what podman
// tells of it meanwhile. A machine that is in that state already is no failure.
func (c *Call) machineTo(ctx context.Context, state string, name Name, argv exec.Argv) (MachineResult, error) {
	progress := newLineProgress(ctx, c)
	var failed error
	for line, err := range c.here().Lines(ctx, argv) {
		if failed = err; err == nil {
			progress.line(lineText(line))
		}
	}
	progress.end()
	if failed != nil && ctx.Err() != nil {
		return MachineResult{}, failed
	}
	now, err := c.machine(ctx, name)
	if failed != nil && (err != nil || now.State != state) {
		return MachineResult{}, failed
	}
	return now, err
}

// positive is "" for 0, which stands for a number that was not given.
func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
