package compose

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// projectLabel is on every container, network and volume of a project,
// whichever provider made it; podman-compose writes its own beside it.
const projectLabel = "com.docker.compose.project"

// Service is one container of a service.
type Service struct {
	Service   string   `json:"service"`
	Container string   `json:"container"`
	State     string   `json:"state"`
	Health    string   `json:"health,omitempty"`
	ExitCode  *int     `json:"exit_code,omitempty"`
	Ports     []string `json:"ports,omitempty"`
}

// containers lists the containers of a project, or all where project is "", by
// service and name and without those that only hold a pod together.
func containers(ctx context.Context, r *exec.Runner, project string) ([]parse.Container, error) {
	list, err := made(ctx, r, project)
	slices.SortFunc(list, func(a, b parse.Container) int {
		if c := strings.Compare(a.ComposeService, b.ComposeService); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list, err
}

// made is containers in the order in which they were made. Within one second,
// which is all that the rows tell, it is podman's own: ps sorts by the time.
func made(ctx context.Context, r *exec.Runner, project string) ([]parse.Container, error) {
	argv := exec.Podman("ps").Flag("all", true)
	if project != "" {
		argv = argv.Option("filter", "label="+projectLabel+"="+project)
	}
	result, err := r.Read(ctx, argv.Option("format", "json"))
	if err != nil {
		return nil, err
	}
	list, err := parse.Containers(result.Stdout)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c parse.Container) bool {
		return c.IsInfra || project != "" && c.Labels[projectLabel] != project
	})
	slices.SortStableFunc(list, func(a, b parse.Container) int { return cmp.Compare(a.CreatedUnix, b.CreatedUnix) })
	return list, nil
}

// names lists the networks or volumes of a project.
func names(ctx context.Context, r *exec.Runner, noun, project string) ([]string, error) {
	argv := exec.Podman(noun, "ls").Option("filter", "label="+projectLabel+"="+project).Option("format", "{{.Name}}")
	result, err := r.Read(ctx, argv)
	if err != nil {
		return nil, err
	}
	list := strings.Fields(parse.Clean(string(result.Stdout)))
	slices.Sort(list)
	return list, nil
}

func rows(list []parse.Container) []Service {
	out := make([]Service, 0, len(list))
	for _, c := range list {
		out = append(out, Service{c.ComposeService, c.Name, c.State, c.Health, c.ExitCode, c.Ports})
	}
	return out
}

// fitness is how a service does.
type fitness int

const (
	absent  fitness = iota // no container
	failed                 // ended with another status than 0, or never began
	sick                   // runs and is unhealthy
	pending                // runs, and its health is not known yet
	fit                    // runs, or has ended with 0
)

func fitnessOf(c parse.Container) fitness {
	switch {
	case c.ExitCode != nil && *c.ExitCode == 0:
		return fit
	case c.State != "running":
		return failed
	case c.Health == "unhealthy":
		return sick
	case c.Health == "starting":
		return pending
	}
	return fit
}

// worst is the fitness of a service, and the container that makes it so.
func worst(list []parse.Container, service string) (fitness, parse.Container) {
	how, which := absent, parse.Container{}
	for _, c := range list {
		if c.ComposeService == service && (how == absent || fitnessOf(c) < how) {
			how, which = fitnessOf(c), c
		}
	}
	return how, which
}

// foreign refuses to go on where a name that the provider is going to use is a
// container's of someone else: it would start, stop or remove that one.
func (m *model) foreign(all []parse.Container) *parse.Failure {
	own := m.containerNames()
	for _, c := range all {
		service, ok := own[c.Name]
		if !ok || c.Labels[projectLabel] == m.name {
			continue
		}
		owner := "belongs to no compose project"
		if c.ComposeProject != "" {
			owner = "belongs to the project " + c.ComposeProject
		}
		return &parse.Failure{Code: parse.NameInUse, Subject: c.Name,
			Message: "the container " + c.Name + ", whose name the service " + service + " of the project " + m.name + " would have, " + owner,
			Hint:    "Nothing was touched. Choose another project_name or container_name, or remove that container first."}
	}
	return nil
}

func inProject(all []parse.Container, project string) []parse.Container {
	var list []parse.Container
	for _, c := range all {
		if c.Labels[projectLabel] == project {
			list = append(list, c)
		}
	}
	return list
}
