package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// volumes lists the volumes that match all filters. Podman is asked for each
// filter by itself: 4.3 gives what matches any of several, so that a prune of
// one label would take every unused volume.
func (c *Call) volumes(ctx context.Context, filters ...string) ([]parse.Volume, error) {
	if len(filters) == 0 {
		filters = []string{""}
	}
	var all []parse.Volume
	for i, filter := range filters {
		result, err := c.Runner.Read(ctx, exec.Podman("volume", "ls").Option("filter", filter).Option("format", "json"))
		if err != nil {
			return nil, err
		}
		list, err := parse.Volumes(result.Stdout)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			all = list
			continue
		}
		all = slices.DeleteFunc(all, func(row parse.Volume) bool {
			return !slices.ContainsFunc(list, func(other parse.Volume) bool { return other.Name == row.Name })
		})
	}
	return all, nil
}

// volume finds a volume by its whole name. Podman itself takes any beginning of
// one, so that "volume rm d" removes data where nothing is called d: every call
// for a volume looks here first.
func (c *Call) volume(ctx context.Context, name Name) (parse.Volume, error) {
	list, err := c.volumes(ctx)
	if err != nil {
		return parse.Volume{}, err
	}
	var names []string
	for _, row := range list {
		if row.Name == string(name) {
			return row, nil
		}
		names = append(names, row.Name)
	}
	return parse.Volume{}, noSuch(parse.VolumeNotFound, "volume", string(name), names)
}

// networks lists the networks that match all filters.
func (c *Call) networks(ctx context.Context, filters ...string) ([]parse.Network, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("network", "ls").Option("filter", filters...).Option("format", "json"))
	if err != nil {
		return nil, err
	}
	return parse.Networks(result.Stdout)
}

// network finds a network by its name, or by at least 12 digits of its id,
// where podman itself is content with one.
func (c *Call) network(ctx context.Context, name Name) (parse.Network, error) {
	list, err := c.networks(ctx)
	if err != nil {
		return parse.Network{}, err
	}
	if i := slices.IndexFunc(list, func(row parse.Network) bool { return row.Name == string(name) }); i >= 0 {
		return list[i], nil
	}
	var names []string
	for _, row := range list {
		if len(name) >= 12 && strings.HasPrefix(row.FullID, string(name)) {
			return row, nil
		}
		names = append(names, row.Name)
	}
	f := noSuch(parse.NetworkNotFound, "network", string(name), names)
	if len(name) < 12 && strings.Trim(string(name), "0123456789abcdef") == "" {
		f.Message += "; an id needs at least 12 digits"
	}
	return parse.Network{}, f
}

// noSuch is the failure of a name that nothing has, with the names that it may
// have meant.
func noSuch(code parse.Code, what, name string, names []string) *parse.Failure {
	f := &parse.Failure{Code: code, Subject: name, Message: fmt.Sprintf("there is no %s %q", what, name),
		Hint: fmt.Sprintf("podman_%s_ls lists every %s.", what, what)}
	if near := Nearest(name, names); len(near) > 0 {
		f.Hint = "Nearest names: " + strings.Join(near, ", ") + ". Names are whole. " + f.Hint
	}
	return f
}

// inspectContainer tells the details of a container by its whole name, or at
// least 12 digits of its id.
func (c *Call) inspectContainer(ctx context.Context, name Container) (parse.ContainerDetail, error) {
	result, err := c.Runner.Run(ctx, exec.Podman("container", "inspect").Operand(string(name)))
	switch {
	case err != nil:
		return parse.ContainerDetail{}, err
	case !parse.Called(result.Stdout, string(name)):
		return parse.ContainerDetail{}, abbreviated(parse.ContainerNotFound, "container", string(name))
	}
	return parse.InspectContainer(result.Stdout)
}

// users are the names of the containers that use what filter says, such as
// volume=data, also those that do not run.
func (c *Call) users(ctx context.Context, filter string) ([]string, error) {
	list, err := c.containers(ctx, filter)
	names := []string{}
	for _, row := range list {
		names = append(names, row.Name)
	}
	slices.Sort(names)
	return names, err
}

// withUsers adds to podman's refusal of a thing in use the names of those that
// use it. Any other error is given back as it is.
func (c *Call) withUsers(ctx context.Context, err error, filter string) error {
	var run *exec.RunError
	if !errors.As(err, &run) || run.Code <= 0 || stopped(ctx, err) {
		return err
	}
	f := parse.Classify(run.Stderr, run.Code)
	if f.Code != parse.InUse {
		return err
	}
	f.Err = err
	// Where they cannot be listed the refusal stands without them.
	if users, err := c.users(ctx, filter); err == nil && len(users) > 0 {
		f.Hint = "Used by " + strings.Join(users[:min(10, len(users))], ", ") + ". " + f.Hint
	}
	return f
}

// unmade gives the error of a call that was cancelled while it made something,
// and takes that away again, step by step. Nil where the call goes on.
func (c *Call) unmade(ctx context.Context, steps ...exec.Argv) error {
	if ctx.Err() == nil {
		return nil
	}
	cause := context.Cause(ctx)
	ctx, cancel := afterwards(ctx)
	defer cancel()
	for _, step := range steps {
		if _, err := c.Runner.Run(ctx, step); err != nil {
			c.Log.Error().Err(err).Str("verb", step.Verb()).Msg("cannot remove what a cancelled call made")
			break
		}
	}
	return cause
}

// podsOf are the pods that hold one of the containers: force removes a pod with
// its infra container.
func (c *Call) podsOf(ctx context.Context, members []parse.Container) ([]parse.Pod, error) {
	if !slices.ContainsFunc(members, func(row parse.Container) bool { return row.Pod != "" }) {
		return nil, nil
	}
	pods, err := c.pods(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(pods, func(pod parse.Pod) bool {
		return !slices.ContainsFunc(members, func(row parse.Container) bool { return row.Pod != "" && strings.HasPrefix(pod.FullID, row.Pod) })
	}), nil
}
