package compose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// DownOptions say what to take down. Without a project it is that of the file,
// without a file it is the one that the project's containers were made from,
// and without both the file in the server's folder.
type DownOptions struct {
	File    string
	Project string
	Allow   Allow
	Permits Permits // see UpOptions
	Keeper  Keeper
	Volumes bool // also the project's volumes, with all that is in them
	// Confirm is told what would be removed before anything is; nothing is where
	// it returns an error, which is then Down's.
	Confirm func(project string, containers []parse.Container, networks, volumes []string) error
}

// DownResult is what is gone.
type DownResult struct {
	Project string  `json:"project"`
	Removed Removed `json:"removed"`
	Note    string  `json:"note,omitempty"`
}

// Removed are names.
type Removed struct {
	Containers []string `json:"containers"`
	Networks   []string `json:"networks"`
	Volumes    []string `json:"volumes"`
}

// Down stops and removes a project: its containers and networks, and its
// volumes where asked to. The provider does it where the file is there; what
// it leaves goes by its labels, for podman-compose 1.0.3 leaves networks and
// what is no longer in the file. Nothing without the project's label is
// touched. What is left in the end is an error that names it.
func Down(ctx context.Context, r *exec.Runner, choice Choice, o DownOptions, tell func(string)) (DownResult, error) {
	d := &downing{r: r, o: o, trace: newTrace(tell, nil, nil), project: o.Project}
	if o.Project == "" || o.File != "" {
		m, err := load(ctx, r, request{file: o.File, name: validName(o.Project), allow: o.Allow, permits: o.Permits, everything: true})
		if err != nil && o.Project == "" {
			return DownResult{}, err
		}
		if err != nil {
			d.note("The file could not be read (" + reason(err) + "), so everything with the project's label was removed.")
		} else {
			if d.project == "" {
				d.project = m.name
			}
			d.use(m)
		}
	}
	all, err := containers(ctx, r, "")
	if err != nil {
		return DownResult{}, err
	}
	had, err := d.holdings(ctx)
	if err != nil {
		return DownResult{}, err
	}
	if had.empty() {
		if o.File == "" && o.Project != "" {
			f := unknown(d.project, all)
			f.Hint = "Nothing was removed. Give one of these names, or the file."
			return DownResult{}, f
		}
		d.note("Nothing of this project was here.")
		return d.result(had, had), nil
	}
	if err := o.Keeper.allow(ctx, had.containers); err != nil {
		return DownResult{}, err
	}
	if o.Keeper.Must && len(had.containers) == 0 {
		return DownResult{}, o.Keeper.nothing(d.project)
	}
	if o.File == "" && o.Project != "" {
		d.find(ctx, had)
	}
	if err := d.confirm(had); err != nil {
		return DownResult{}, err
	}
	reasons, err := d.remove(ctx, choice, all)
	// What is gone is told also of a call that was cancelled.
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), exec.Grace+time.Second)
	defer cancel()
	has, lookErr := d.holdings(look)
	if lookErr != nil {
		return DownResult{}, errors.Join(err, lookErr)
	}
	out := d.result(had, has)
	if err != nil {
		return out, err
	}
	if f := d.left(has, reasons); f != nil {
		return out, f
	}
	return out, nil
}

func (d *downing) confirm(had holdings) error {
	if !d.o.Volumes {
		had.volumes = nil // they stay
	}
	if d.o.Confirm == nil || had.empty() {
		return nil
	}
	return d.o.Confirm(d.project, had.containers, had.networks, had.volumes)
}

// remove has the provider do what it can, and does the rest.
func (d *downing) remove(ctx context.Context, choice Choice, all []parse.Container) (reasons map[string]string, err error) {
	if d.model != nil && d.own(all) {
		if err := d.provide(ctx, choice); err != nil {
			return nil, err
		}
	}
	return d.sweep(ctx, all)
}

// downing is one call of Down.
type downing struct {
	r       *exec.Runner
	o       DownOptions
	trace   *trace
	project string
	model   *model            // of the file that the provider is to have
	names   map[string]string // that the provider would stop and remove
	notes   []string
}

func (d *downing) note(text string) { d.notes = append(d.notes, text) }

// holdings are what bears the project's label.
type holdings struct {
	containers        []parse.Container
	networks, volumes []string
}

func (h holdings) empty() bool { return len(h.containers)+len(h.networks)+len(h.volumes) == 0 }

func (d *downing) holdings(ctx context.Context) (h holdings, err error) {
	if h.containers, err = containers(ctx, d.r, d.project); err != nil {
		return h, err
	}
	if h.networks, err = names(ctx, d.r, "network", d.project); err != nil {
		return h, err
	}
	h.volumes, err = names(ctx, d.r, "volume", d.project)
	return h, err
}

// find takes the file from the labels of the project's containers, where it is
// still there and the call may read it: anyone can write labels.
func (d *downing) find(ctx context.Context, had holdings) {
	for _, c := range had.containers {
		files, _ := filesOf(c)
		if len(files) == 0 {
			continue
		}
		if slices.ContainsFunc(files, func(file string) bool { return !isFile(file) }) {
			d.note("Its file " + files[0] + " is gone, so everything with the project's label was removed.")
			return
		}
		if len(files) > 1 {
			return // which a provider would make one of in a way of its own; what there is goes by its label
		}
		for _, file := range files {
			m, err := load(ctx, d.r, request{file: file, name: validName(d.project), allow: d.o.Allow, permits: d.o.Permits, everything: true})
			if err != nil {
				d.note("Its file could not be read (" + reason(err) + "), so everything with the project's label was removed.")
				return
			}
			d.use(m)
		}
		return
	}
}

func (d *downing) use(m *model) {
	m.name, m.profiles = d.project, m.allProfiles()
	d.model, d.names = m, m.containerNames()
}

// own tells whether every container that the provider would touch is the
// project's: it goes by names, and a container_name may be someone else's.
func (d *downing) own(all []parse.Container) bool {
	for _, c := range all {
		if _, ok := d.names[c.Name]; ok && c.Labels[projectLabel] != d.project {
			d.note("The container " + c.Name + " has a name of this file's and is not of this project: it was not touched.")
			return false
		}
	}
	return true
}

// provide runs the provider. How it went shows in what is left.
func (d *downing) provide(ctx context.Context, choice Choice) error {
	p, err := Find(ctx, d.r, choice)
	if err != nil {
		if f := (*parse.Failure)(nil); errors.As(err, &f) && f.Code == parse.ComposeNotAvailable {
			d.note("There is no compose provider, so everything with the project's label was removed.")
			return nil
		}
		return err
	}
	words := []string{"down"}
	if d.o.Volumes {
		words = append(words, "--volumes")
	}
	argv, done, err := d.model.command(ctx, d.r, p, Keeper{}, nil, words...)
	if err != nil {
		return err
	}
	defer done()
	err = d.trace.follow(ctx, d.r, argv)
	var run *exec.RunError
	if err != nil && (ctx.Err() != nil || !errors.As(err, &run)) {
		return err
	}
	return nil
}

func (d *downing) result(had, has holdings) DownResult {
	out := DownResult{Project: d.project, Removed: Removed{[]string{}, without(had.networks, has.networks), without(had.volumes, has.volumes)}}
	for _, c := range had.containers {
		if !slices.ContainsFunc(has.containers, func(h parse.Container) bool { return h.FullID == c.FullID }) {
			out.Removed.Containers = append(out.Removed.Containers, c.Name)
		}
	}
	if !d.o.Volumes && len(has.volumes) > 0 {
		d.note("Volumes are kept: " + strings.Join(has.volumes, ", ") + ".")
	}
	out.Note = strings.Join(d.notes, " ")
	return out
}

func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// left names what should be gone.
func (d *downing) left(has holdings, reasons map[string]string) *parse.Failure {
	var names []string
	add := func(noun, name string) {
		if why := reasons[name]; why != "" {
			name += " (" + why + ")"
		}
		names = append(names, noun+" "+name)
	}
	for _, c := range has.containers {
		add("container", c.Name)
	}
	for _, name := range has.networks {
		add("network", name)
	}
	for _, name := range has.volumes {
		if d.o.Volumes {
			add("volume", name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &parse.Failure{Code: parse.ComposeFailed, Details: d.trace.complaints(),
		Message: fmt.Sprintf("of the project %s is left: %s", d.project, strings.Join(names, ", ")),
		Hint:    "Remove what holds on to it (podman_ps with all shows every container) and call again."}
}

// allProfiles are those of every service.
func (m *model) allProfiles() []string {
	var profiles []string
	for _, service := range m.project.AllServices() {
		profiles = append(profiles, service.Profiles...)
	}
	slices.Sort(profiles)
	return slices.Compact(profiles)
}

// reason is what is wrong, without what to do next.
func reason(err error) string {
	var f *parse.Failure
	if errors.As(err, &f) {
		return f.Message
	}
	return parse.Clean(err.Error())
}
