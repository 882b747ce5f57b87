package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"podman-mcp/compose"
	"podman-mcp/exec"
	"podman-mcp/kube"
	"podman-mcp/parse"
)

// DefaultOwner is the owner of what servers make that are not told another. It
// is the same for all: podman keeps each user's things apart already, and a
// person's several clients mostly work on the same ones.
const DefaultOwner = "podman-mcp"

// Scope says which containers and pods calls may change. Reading is open.
type Scope struct {
	Owner string // whose label all bears that is made here; "" for DefaultOwner
	Own   bool   // only what bears that label may be changed
	// Self is the id of the container that this server runs in, or at least its
	// first 12 digits, and "" outside of one. It is left alone in every scope.
	Self string
}

func (s Scope) owner() string { return cmp.Or(s.Owner, DefaultOwner) }

// label marks what is made here.
func (s Scope) label() string { return parse.OwnerLabel + "=" + s.owner() }

// open tells that there is nothing to ask: every container may be changed.
func (s Scope) open() bool { return !s.Own && s.Self == "" }

func (s Scope) isSelf(id string) bool { return s.Self != "" && strings.HasPrefix(id, s.Self) }

// refusal is a scope's word on a thing, what being such as "container".
func refusal(what, name, why, hint string) *parse.Failure {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: name, Message: fmt.Sprintf("%s %q %s", what, name, why), Hint: hint}
}

func notOwn(what, name string) *parse.Failure {
	return refusal(what, name, "was not made by this server, which runs with --scope own and changes only what it made",
		"Nothing was done to it. It can be read, such as with podman_inspect and podman_logs; with --scope all the operator lets it be changed.")
}

func self(what, name string) *parse.Failure {
	why := "is the one that this server runs in"
	if what == "pod" {
		why = "holds the container that this server runs in"
	}
	return refusal(what, name, why+", and that is left alone", "Nothing was done to it. A person can do so with podman itself.")
}

// forbidden gives the reason, by id, for each container that may not be changed.
func (c *Call) forbidden(ctx context.Context, list []parse.Container) (map[string]*parse.Failure, error) {
	no := map[string]*parse.Failure{}
	if c.Scope.open() {
		return no, nil
	}
	own := map[string]bool{}
	if c.Scope.Own {
		var err error
		if own, err = c.own(ctx, list); err != nil {
			return nil, err
		}
	}
	held, err := c.selfHeld(ctx, list)
	if err != nil {
		return nil, err
	}
	for _, row := range list {
		switch {
		case c.Scope.isSelf(row.FullID), held != "" && row.IsInfra && row.Pod == held:
			no[row.FullID] = self("container", row.Name)
		case c.Scope.Own && !own[row.FullID]:
			no[row.FullID] = notOwn("container", row.Name)
		}
	}
	return no, nil
}

// selfHeld is the pod that the server's own container is in, where the list has
// a container that holds a pod together: the server's network ends with that one.
func (c *Call) selfHeld(ctx context.Context, list []parse.Container) (pod string, err error) {
	if c.Scope.Self == "" || !slices.ContainsFunc(list, func(row parse.Container) bool { return row.IsInfra }) {
		return "", nil
	}
	all, err := c.containers(ctx)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(all, func(row parse.Container) bool { return c.Scope.isSelf(row.FullID) && row.Pod != "" }); i >= 0 {
		pod = all[i].Pod
	}
	return pod, nil
}

// own tells, by id, which containers were made here: those that bear the label
// and have not got it from their image, into which anyone can write it; and of
// a pod that was made here the container that holds it together.
func (c *Call) own(ctx context.Context, list []parse.Container) (map[string]bool, error) {
	own := map[string]bool{}
	labelled, err := c.labelledImages(ctx)
	if err != nil {
		return nil, err
	}
	var pods []parse.Pod
	for _, row := range list {
		if row.IsInfra && pods == nil {
			if pods, err = c.pods(ctx, "label="+c.Scope.label()); err != nil {
				return nil, err
			}
		}
		own[row.FullID] = row.Labels[parse.OwnerLabel] == c.Scope.owner() && !slices.Contains(labelled, row.ImageID) ||
			row.IsInfra && slices.ContainsFunc(pods, func(p parse.Pod) bool { return p.InfraID != "" && strings.HasPrefix(row.FullID, p.InfraID) })
	}
	return own, nil
}

// labelledImages are the ids of images that hand on the label.
func (c *Call) labelledImages(ctx context.Context) ([]string, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("images").Flag("all", true).Option("filter", "label="+c.Scope.label()).Option("format", "json"))
	if err != nil {
		return nil, err
	}
	list, err := parse.Images(result.Stdout)
	var ids []string
	for _, image := range list {
		ids = append(ids, image.FullID)
	}
	return ids, err
}

// changeable refuses unless every container of the list may be changed.
func (c *Call) changeable(ctx context.Context, list []parse.Container) error {
	no, err := c.forbidden(ctx, list)
	if err != nil {
		return err
	}
	for _, row := range list {
		if f := no[row.FullID]; f != nil {
			return f
		}
	}
	return nil
}

// mayChange refuses unless the container that a name means may be changed, and
// gives its whole id, which means no other one later.
func (c *Call) mayChange(ctx context.Context, name string) (id string, err error) {
	if c.Scope.open() {
		return name, nil
	}
	row, err := c.lookup(ctx, name)
	if err != nil {
		return "", err
	}
	return row.FullID, c.changeable(ctx, []parse.Container{row})
}

// changeablePods refuses unless every pod may be changed with all in it: one
// that was made here may since have got a member from somebody else.
func (c *Call) changeablePods(ctx context.Context, pods []parse.Pod) error {
	if c.Scope.open() {
		return nil
	}
	for _, pod := range pods {
		if err := c.changeablePod(ctx, pod); err != nil {
			return err
		}
	}
	return nil
}

func (c *Call) changeablePod(ctx context.Context, pod parse.Pod) error {
	if c.Scope.Own && pod.Owner != c.Scope.owner() {
		return notOwn("pod", pod.Name)
	}
	all, err := c.containers(ctx)
	if err != nil {
		return err
	}
	members := slices.DeleteFunc(all, func(row parse.Container) bool { return row.Pod == "" || !strings.HasPrefix(pod.FullID, row.Pod) })
	if slices.ContainsFunc(members, func(row parse.Container) bool { return c.Scope.isSelf(row.FullID) }) {
		return self("pod", pod.Name)
	}
	return c.changeable(ctx, members)
}

// joinable refuses to put a container into a pod of somebody else's.
func (c *Call) joinable(ctx context.Context, name Name) error {
	if !c.Scope.Own || name == "" {
		return nil
	}
	list, err := c.pods(ctx)
	if err != nil {
		return err
	}
	if pod, err := findPod(list, string(name)); err == nil && pod.Owner != c.Scope.owner() { // of one that is not there podman tells
		return notOwn("pod", pod.Name)
	}
	return nil
}

// replaceable refuses to make a container in the place of one that may not be changed.
func (c *Call) replaceable(ctx context.Context, name Container) error {
	if c.Scope.open() {
		return nil
	}
	list, err := c.containers(ctx)
	if err != nil {
		return err
	}
	if row, ok := find(list, string(name)); ok {
		return c.changeable(ctx, []parse.Container{row})
	}
	return nil
}

// usersChangeable refuses unless all that force would remove with a thing, and
// that filter tells of, may be changed: its containers, and their pods.
func (c *Call) usersChangeable(ctx context.Context, filter string) error {
	if c.Scope.open() {
		return nil
	}
	users, err := c.containers(ctx, filter)
	if err != nil {
		return err
	}
	if err := c.changeable(ctx, users); err != nil {
		return err
	}
	pods, err := c.podsOf(ctx, users)
	if err != nil {
		return err
	}
	return c.changeablePods(ctx, pods)
}

// wholeMachine refuses what would stop every container of a virtual machine.
func (c *Call) wholeMachine(name Name) error {
	if !c.Scope.Own {
		return nil
	}
	return refusal("machine", string(name), "runs also what this server did not make, and with --scope own it changes only what it made",
		"Nothing was done to it. podman_stop stops single containers.")
}

// podsChangeable refuses unless the pods that are there of what YAML makes may
// be changed.
func (c *Call) podsChangeable(ctx context.Context, m *kube.Manifest) error {
	if c.Scope.open() {
		return nil
	}
	pods, err := c.pods(ctx)
	if err != nil {
		return err
	}
	return c.changeablePods(ctx, slices.DeleteFunc(pods, func(pod parse.Pod) bool { return !m.Makes(pod.Name) }))
}

// volumesChangeable refuses to remove with its pods a volume that was not made here.
func (c *Call) volumesChangeable(ctx context.Context, names []string) error {
	if !c.Scope.Own || len(names) == 0 {
		return nil
	}
	list, err := c.volumes(ctx)
	if err != nil {
		return err
	}
	for _, row := range list {
		if slices.Contains(names, row.Name) && row.Owner != c.Scope.owner() {
			return notOwn("volume", row.Name)
		}
	}
	return nil
}

// keeper has compose keep to the scope.
func (c *Call) keeper() compose.Keeper {
	return compose.Keeper{Label: c.Scope.label(), Must: c.Scope.Own, May: func(ctx context.Context, list []parse.Container) error { return c.changeable(ctx, list) }}
}
