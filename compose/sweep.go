package compose

import (
	"context"
	"errors"
	"slices"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// sweep removes what still bears the project's label. Reasons say by name why
// something could not be removed; the error is that podman could not be asked.
func (d *downing) sweep(ctx context.Context, before []parse.Container) (reasons map[string]string, err error) {
	reasons = map[string]string{}
	for range 2 { // a second time for those that others depended on
		left, err := containers(ctx, d.r, d.project)
		if err != nil {
			return nil, err
		}
		if len(left) == 0 {
			break
		}
		var ids []string
		for _, c := range left {
			d.trace.tell("podman rm " + c.Name)
			ids = append(ids, c.FullID)
		}
		// Stop first: it gives each the time that its stop_grace_period says.
		_, _ = d.r.Run(ctx, exec.Podman("stop").Operand(ids...))
		for _, c := range left {
			d.try(ctx, reasons, c.Name, exec.Podman("rm").Flag("volumes", d.o.Volumes).Operand(c.FullID))
		}
	}
	if err := d.sweepPods(ctx, before); err != nil {
		return nil, err
	}
	nouns := []string{"network"}
	if d.o.Volumes {
		nouns = append(nouns, "volume")
	}
	for _, noun := range nouns {
		left, err := names(ctx, d.r, noun, d.project)
		if err != nil {
			return nil, err
		}
		for _, name := range left {
			d.trace.tell("podman " + noun + " rm " + name)
			d.try(ctx, reasons, name, exec.Podman(noun, "rm").Operand(name))
		}
	}
	return reasons, context.Cause(ctx)
}

// try runs argv and notes why it did not work.
func (d *downing) try(ctx context.Context, reasons map[string]string, name string, argv exec.Argv) {
	_, err := d.r.Run(ctx, argv)
	var run *exec.RunError
	switch {
	case err == nil:
		delete(reasons, name)
	case errors.As(err, &run) && run.Code >= 0:
		reasons[name] = parse.Classify(run.Stderr, run.Code).Message
	default:
		reasons[name] = parse.Clean(err.Error())
	}
}

// sweepPods removes the pods that podman-compose 1.1 and newer puts a project
// into, where they held nothing else. Podman would remove stopped members
// before it refuses, so the members are looked at first.
func (d *downing) sweepPods(ctx context.Context, before []parse.Container) error {
	var pods []string
	for _, c := range inProject(before, d.project) {
		if c.Pod != "" && !slices.Contains(pods, c.Pod) {
			pods = append(pods, c.Pod)
		}
	}
	if len(pods) == 0 {
		return nil
	}
	now, err := containers(ctx, d.r, "")
	if err != nil {
		return err
	}
	for _, pod := range pods {
		if !slices.ContainsFunc(now, func(c parse.Container) bool { return c.Pod == pod }) {
			// It is gone already where the provider removed it.
			_, _ = d.r.Run(ctx, exec.Podman("pod", "rm").Operand(pod))
		}
	}
	return nil
}
