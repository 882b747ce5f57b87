package compose

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// Target says which project of those that have containers is meant: by its
// name, and the file is then not read; else the one that the file makes, and
// without both the file in the server's folder.
type Target struct {
	File     string
	Project  string
	Services []string // none means all
	Allow    Allow
	Permits  Permits // see UpOptions
}

// Members are containers of a project in the order in which they were made.
// Every provider makes a container after those that it depends on, so this is
// the order to start them in, and the other way round that to stop them in.
type Members struct {
	Project    string
	Containers []parse.Container
}

// Look finds the containers of a project by their labels, those that do not run
// too. The file's project may have none. A project or a service that is not
// there is a *parse.Failure that names those there are.
func Look(ctx context.Context, r *exec.Runner, t Target) (Members, error) {
	out := Members{Project: t.Project}
	var known []string // services
	if t.Project == "" {
		m, err := load(ctx, r, request{file: t.File, allow: t.Allow, permits: t.Permits, everything: true})
		if err != nil {
			return out, err
		}
		out.Project = m.name
		for name := range m.project.AllServices() {
			known = append(known, name)
		}
	}
	all, err := made(ctx, r, out.Project)
	if err != nil {
		return out, err
	}
	if len(all) == 0 && t.Project != "" {
		others, err := containers(ctx, r, "")
		if err != nil {
			return out, err
		}
		return out, unknown(t.Project, others)
	}
	for _, c := range all {
		known = append(known, c.ComposeService)
		if len(t.Services) == 0 || slices.Contains(t.Services, c.ComposeService) {
			out.Containers = append(out.Containers, c)
		}
	}
	slices.Sort(known)
	for _, service := range t.Services {
		if !slices.Contains(known, service) {
			f := invalid("services", "the project %s has no service %s; there are: %s", out.Project, service, list(slices.Compact(known)))
			f.Hint = "Nothing was done. Give one of these names."
			return out, f
		}
	}
	return out, nil
}

// Named gives each container's name in its project: its service, and where
// that has several, the container's own name.
func (m Members) Named() map[string]string {
	count, names := map[string]int{}, map[string]string{}
	for _, c := range m.Containers {
		count[c.ComposeService]++
	}
	for _, c := range m.Containers {
		if names[c.FullID] = c.ComposeService; count[c.ComposeService] > 1 {
			names[c.FullID] = c.Name
		}
	}
	return names
}

// Services are rows of the members, by service and name.
func (m Members) Services() []Service {
	rows := rows(m.Containers)
	slices.SortFunc(rows, func(a, b Service) int {
		return strings.Compare(a.Service+"\x00"+a.Container, b.Service+"\x00"+b.Container)
	})
	return rows
}

// Project is a project that has containers here.
type Project struct {
	Project    string `json:"project"`
	Running    int    `json:"running"` // containers
	Total      int    `json:"total"`
	File       string `json:"file,omitempty"`
	WorkingDir string `json:"working_dir,omitempty"`
}

// Projects lists the projects of all containers, by name.
func Projects(ctx context.Context, r *exec.Runner) ([]Project, error) {
	result, err := r.Read(ctx, exec.Podman("ps").Flag("all", true).Option("filter", "label="+projectLabel).Option("format", "json"))
	if err != nil {
		return nil, err
	}
	list, err := parse.Containers(result.Stdout)
	if err != nil {
		return nil, err
	}
	projects := []Project{}
	for _, c := range list {
		name := c.Labels[projectLabel]
		if name == "" || c.IsInfra {
			continue
		}
		i := slices.IndexFunc(projects, func(p Project) bool { return p.Project == name })
		if i < 0 {
			i = len(projects)
			projects = append(projects, Project{Project: name})
		}
		p := &projects[i]
		p.Total++
		if c.State == "running" {
			p.Running++
		}
		if files, dir := filesOf(c); p.WorkingDir == "" {
			p.WorkingDir, p.File = dir, strings.Join(files, ",")
		}
	}
	slices.SortFunc(projects, func(a, b Project) int { return strings.Compare(a.Project, b.Project) })
	return projects, nil
}

// filesOf are the files that a container was made from, as its labels say, and
// the folder. None where they do not say.
func filesOf(c parse.Container) (files []string, dir string) {
	dir, said := c.Labels[projectLabel+".working_dir"], c.Labels[projectLabel+".config_files"]
	if dir == "" || said == "" || !filepath.IsAbs(dir) {
		return nil, ""
	}
	for file := range strings.SplitSeq(said, ",") {
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		files = append(files, original(file, dir))
	}
	return files, dir
}

// unknown says which projects there are.
func unknown(project string, all []parse.Container) *parse.Failure {
	var projects []string
	for _, c := range all {
		if name := c.Labels[projectLabel]; name != "" {
			projects = append(projects, name)
		}
	}
	slices.Sort(projects)
	f := invalid("project_name", "there is no project %s here; there are: %s", project, list(slices.Compact(projects)))
	f.Hint = "Nothing was done. Give one of these names, or the file."
	return f
}
