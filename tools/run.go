package tools

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanRun = act(Tool{
	Name: "podman_run", Title: "Run a new container", Effect: Changes, Toolset: Containers, Default: true, OpenWorld: true, Destructive: true, Timeout: longTimeout,
	About: "Makes a container from an image and starts it. Detached by default, for servers: returns when it has started. " +
		"With detach false it runs to its end and returns exit_code and output, for one-off commands. " +
		"To start an existing container use podman_start, for several services podman_compose_up.",
}, run)

// RunParams are the parameters of podman_run.
type RunParams struct {
	Image      Image      `json:"image" jsonschema:"Image to run, pulled where it is missing"`
	Name       Container  `json:"name,omitempty" jsonschema:"Container's name; podman makes one up otherwise"`
	Command    []string   `json:"command,omitempty" jsonschema:"Command and arguments, one item each; no shell reads them"`
	Env        []Env      `json:"env,omitempty" jsonschema:"Each KEY=VALUE"`
	Ports      []Port     `json:"ports,omitempty" jsonschema:"HOST:CONTAINER, on 127.0.0.1; IP:HOST:CONTAINER for another address; also ranges and /udp"`
	Volumes    []Volume   `json:"volumes,omitempty" jsonschema:"SOURCE:TARGET[:ro,z], SOURCE an absolute path or a volume's name"`
	Detach     bool       `json:"detach,omitempty" default:"true" jsonschema:"false: run to the end and return the output"`
	Restart    Restart    `json:"restart,omitempty" jsonschema:"no, always, unless-stopped, on-failure or on-failure:N"`
	Entrypoint []string   `json:"entrypoint,omitempty" jsonschema:"Instead of the image's"`
	Workdir    Path       `json:"workdir,omitempty"`
	User       User       `json:"user,omitempty" jsonschema:"USER[:GROUP]"`
	Labels     []Label    `json:"labels,omitempty" jsonschema:"Each KEY=VALUE"`
	Network    Name       `json:"network,omitempty" jsonschema:"none, or an existing network's name"`
	Pod        Name       `json:"pod,omitempty" jsonschema:"Existing pod to join"`
	Rm         bool       `json:"rm,omitempty" default:"false" jsonschema:"Remove the container when it ends"`
	Replace    bool       `json:"replace,omitempty" default:"false" jsonschema:"Remove an existing container of that name first"`
	Memory     Memory     `json:"memory,omitempty" jsonschema:"Limit such as 512m"`
	CPUs       float64    `json:"cpus,omitempty" minimum:"0.01" maximum:"1024" jsonschema:"Limit such as 1.5"`
	Init       bool       `json:"init,omitempty" default:"false" jsonschema:"Run an init that reaps processes"`
	ReadOnly   bool       `json:"read_only,omitempty" default:"false" jsonschema:"Read-only root file system"`
	Platform   Platform   `json:"platform,omitempty" jsonschema:"OS/ARCH of the image"`
	Pull       string     `json:"pull,omitempty" default:"missing" enum:"missing always never newer"`
	Health     HealthSpec `json:"health,omitzero"`
	MaxBytes   int        `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"With detach false: most bytes of output to return, the newest"`
}

// HealthSpec is a health check.
type HealthSpec struct {
	Command     []string `json:"command" minItems:"1" jsonschema:"Run inside the container; exit 0 is healthy"`
	Interval    Duration `json:"interval,omitempty" jsonschema:"30s where not given"`
	Retries     int      `json:"retries,omitempty" minimum:"1" maximum:"100"`
	StartPeriod Duration `json:"start_period,omitempty"`
}

// RunResult is the result of podman_run.
type RunResult struct {
	ID       string   `json:"id,omitempty"`
	Name     string   `json:"name,omitempty"`
	State    string   `json:"state,omitempty"`
	Ports    []string `json:"ports,omitempty"`
	Health   string   `json:"health,omitempty"`
	ExitCode *int     `json:"exit_code,omitempty"`
	Output   *string  `json:"output,omitempty" jsonschema:"The newest output of a container that has ended"`
	Note     string   `json:"note,omitempty"`

	foreground bool
}

func (r RunResult) partial() bool { return r.ID != "" }

func (r RunResult) text() (string, bool) {
	if !r.foreground {
		return "", false
	}
	note := fmt.Sprintf("exit code %d", *r.ExitCode)
	if r.Name != "" {
		note += ", container " + r.Name
	}
	if r.Note != "" {
		note += "; " + r.Note
	}
	return closed(*r.Output, note), true
}

// callLabel marks a container with the call that made it, so that a cancelled
// call removes that one and no other, whenever in its making podman was ended.
const callLabel = "io.podman-mcp.call"

func run(ctx context.Context, c *Call, in RunParams) (RunResult, error) {
	if err := c.Policy.network(in.Network, in.Ports); err != nil {
		return RunResult{}, err
	}
	if err := in.possible(); err != nil {
		return RunResult{}, err
	}
	if err := c.mounts(in.Volumes); err != nil {
		return RunResult{}, err
	}
	if err := c.whole(ctx, "image", parse.ImageNotFound, string(in.Image)); err != nil {
		return RunResult{}, err
	}
	var err error
	if in.Image, err = c.permit(ctx, "image", in.Image); err != nil {
		return RunResult{}, err
	}
	if err := c.whole(ctx, "pod", parse.PodNotFound, string(in.Pod)); err != nil {
		return RunResult{}, err
	}
	if err := c.whole(ctx, "network", parse.NetworkNotFound, string(in.Network)); err != nil {
		return RunResult{}, err
	}
	if err := c.joinable(ctx, in.Pod); err != nil {
		return RunResult{}, err
	}
	if in.Replace {
		if err := c.replaceable(ctx, in.Name); err != nil {
			return RunResult{}, err
		}
	}
	if err := c.confirmReplace(ctx, &in); err != nil {
		return RunResult{}, err
	}
	id := rand.Text()
	argv, err := in.argv(id, c.Scope.label())
	if err != nil {
		return RunResult{}, err
	}
	if _, err := argv.Args(); err != nil {
		return RunResult{}, err // before an image is fetched
	}
	image, fetched, err := c.runnable(ctx, "image", in.Image, in.Platform, in.Pull)
	if err != nil {
		return RunResult{}, err
	}
	if fetched {
		in.Image, in.Pull = image, "never"
		if argv, err = in.argv(id, c.Scope.label()); err != nil {
			return RunResult{}, err
		}
	}
	if in.Detach {
		return c.runDetached(ctx, in, argv, id)
	}
	return c.runToEnd(ctx, in, argv, id)
}

// confirmReplace is about the container whose place the new one takes. Where
// there is none, what gets that name meanwhile stays.
func (c *Call) confirmReplace(ctx context.Context, in *RunParams) error {
	if !c.Confirm || !in.Replace {
		return nil
	}
	list, err := c.containers(ctx)
	if err != nil {
		return err
	}
	var there []parse.Container
	if row, ok := find(list, string(in.Name)); ok {
		there = append(there, row)
	}
	in.Replace = len(there) > 0
	return c.confirm("Remove", " with what was written inside, to replace it", containersLost(there))
}

// possible refuses what podman would, and what would mean another thing than
// it seems to.
func (in RunParams) possible() error {
	for name, list := range map[string][]string{"entrypoint": in.Entrypoint, "health.command": in.Health.Command} {
		if slices.ContainsFunc(list, func(w string) bool { return strings.ContainsRune(w, 0) }) {
			return invalid(name, "holds a NUL byte") // which JSON, as they travel, would hide from exec's check
		}
	}
	switch {
	case in.Replace && in.Name == "":
		return invalid("replace", "needs name: it says which container to replace")
	case in.Rm && in.Restart != "" && in.Restart != "no":
		return invalid("restart", "got %q beside rm; a container that is removed when it ends is never restarted", in.Restart)
	case in.Pod != "" && len(in.Ports) > 0:
		return invalid("ports", "cannot stand beside pod; a pod's ports are set when it is made")
	case in.Pod != "" && in.Network != "":
		return invalid("network", "cannot stand beside pod; a container shares its pod's network")
	case (in.Network == "none" || in.Network == "host") && len(in.Ports) > 0:
		return invalid("ports", "cannot stand beside network %s", in.Network)
	}
	return nil
}

// mounts checks the folders of this machine that are to be mounted, and writes
// them without symbolic links. Those of another machine it cannot follow.
func (c *Call) mounts(volumes []Volume) error {
	for i, v := range volumes {
		source, rest, _ := strings.Cut(string(v), ":")
		if !strings.HasPrefix(source, "/") {
			continue // a volume's name
		}
		at := fmt.Sprintf("volumes[%d]", i)
		if c.Runner.Remote {
			if err := c.Roots.Elsewhere(at, source); err != nil {
				return err
			}
			continue
		}
		actual, err := c.Roots.Source(at, source)
		if err != nil {
			return err
		}
		if strings.ContainsAny(actual, ":,") {
			return invalid(at, "%q leads to %q, whose name holds a colon or comma", source, actual)
		}
		volumes[i] = Volume(actual + ":" + rest)
	}
	return nil
}

func (in RunParams) argv(id, owner string) (exec.Argv, error) {
	a := exec.Podman("run").
		Flag("detach", in.Detach).
		Option("name", string(in.Name)).Flag("replace", in.Replace).
		Option("label", callLabel+"="+id, owner).
		Flag("http-proxy=false", true) // a proxy's password is none of the container's business
	a = a.Env(words(in.Env)...).
		Option("publish", words(in.Ports)...).
		Option("volume", words(in.Volumes)...).
		Option("restart", string(in.Restart)).
		Option("workdir", string(in.Workdir)).
		Option("user", string(in.User)).
		Text("label", words(in.Labels)...).
		Option("network", string(in.Network)).
		Option("pod", string(in.Pod)).
		Flag("rm", in.Rm).Flag("init", in.Init).Flag("read-only", in.ReadOnly).
		Option("memory", string(in.Memory)).
		Option("platform", string(in.Platform)).
		Option("pull", in.Pull)
	if in.CPUs > 0 {
		a = a.Option("cpus", strconv.FormatFloat(in.CPUs, 'f', -1, 64))
	}
	if len(in.Entrypoint) > 0 {
		list, err := compact(in.Entrypoint)
		if err != nil {
			return a, err
		}
		a = a.Text("entrypoint", string(list))
	}
	if len(in.Health.Command) > 0 {
		test, err := in.Health.test()
		if err != nil {
			return a, err
		}
		a = a.Text("health-cmd", test).
			Option("health-interval", string(in.Health.Interval)).
			Option("health-start-period", string(in.Health.StartPeriod))
		if in.Health.Retries > 0 {
			a = a.Option("health-retries", strconv.Itoa(in.Health.Retries))
		}
	}
	return a.Operand(string(in.Image)).Tail(in.Command...).Pulls(), nil
}

// test writes the command as podman's --health-cmd reads it: a JSON list of
// two or more is run as it is, but a list of one goes to a shell, and only
// "CMD word" does not. Docker's CMD and CMD-SHELL may stand first.
func (h HealthSpec) test() (string, error) {
	command := h.Command
	switch strings.ToUpper(command[0]) {
	case "NONE":
		return "", invalid("health.command", "got %q, which means no health check; leave health out", command[0])
	case "CMD":
		command = command[1:]
	}
	if len(command) == 1 && strings.ContainsAny(command[0], " \t\n") {
		command = []string{"CMD-SHELL", command[0]}
	}
	switch {
	case len(command) == 0, len(command) == 1 && (command[0] == "" || strings.ToUpper(command[0]) == "CMD-SHELL"):
		return "", invalid("health.command", "holds no command")
	case len(command) == 1:
		return "CMD " + command[0], nil
	}
	list, err := compact(command)
	return string(list), err
}
