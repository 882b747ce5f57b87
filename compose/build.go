package compose

import (
	"context"
	"errors"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// BuildOptions say what to build: the services of the file that have build.
type BuildOptions struct {
	FileOptions
	NoCache    bool
	Harmless   Harmless
	JudgeImage JudgeImage
	Scratch    NewScratch
}

// BuildResult is what became of each service.
type BuildResult struct {
	Project  string
	File     string
	Provider string
	Built    []Built
}

// Built is one service. Failure is nil where its image was built.
type Built struct {
	Service   string
	Image     string // its name
	ID        string // the first 12 digits
	SizeBytes int64
	Failure   *parse.Failure
}

// Build builds the images of services one after another, each with a process of
// the provider of its own, so that it can be told which one failed. The order
// is the alphabet's. The error is that of a call that could not go on.
func Build(ctx context.Context, r *exec.Runner, choice Choice, o BuildOptions, tell func(string)) (BuildResult, error) {
	m, err := o.load(ctx, r)
	if err != nil {
		return BuildResult{}, err
	}
	var services []types.ServiceConfig
	for _, name := range m.named(o.Services) {
		if s := m.project.Services[name]; s.Build != nil {
			services = append(services, s)
		}
	}
	if len(services) == 0 {
		return BuildResult{}, invalid("file", "%s has no service to build: none of %s has build", m.file, list(m.named(o.Services)))
	}
	if !o.Permits.has(rawCompose) {
		for _, s := range services {
			if err := m.allowBuild(ctx, s, o.Allow, o.Harmless); err != nil {
				return BuildResult{}, err
			}
		}
	}
	if err := m.permitImages(ctx, m.named(o.Services), o.JudgeImage); err != nil {
		return BuildResult{}, err
	}
	p, err := Find(ctx, r, choice)
	if err != nil {
		return BuildResult{}, err
	}
	out := BuildResult{Project: m.name, File: m.file, Provider: p.String(), Built: []Built{}}
	verb := []string{"build"}
	if o.NoCache {
		verb = append(verb, "--no-cache")
	}
	argv, done, err := m.command(ctx, r, p, Keeper{}, o.Scratch, verb...)
	if err != nil {
		return BuildResult{}, err
	}
	defer done()
	for _, s := range services {
		b := Built{Service: s.Name, Image: p.imageOf(m, s)}
		if err := b.build(ctx, r, p, argv.Operand(s.Name), newTrace(tell, m.secrets(), nil)); err != nil {
			return out, err
		}
		out.Built = append(out.Built, b)
	}
	return out, nil
}

// imageOf is the name that a provider gives to what it builds.
func (p Provider) imageOf(m *model, s types.ServiceConfig) string {
	switch {
	case s.Image != "":
		return s.Image
	case p.Name == "podman-compose":
		return m.name + "_" + s.Name
	}
	return m.name + "-" + s.Name
}

// build runs the provider for one service and judges by the image: of an old
// provider, whose status says nothing, it must be the one whose id podman
// printed last.
func (b *Built) build(ctx context.Context, r *exec.Runner, p Provider, argv exec.Argv, t *trace) error {
	err := t.follow(ctx, r, argv)
	var run *exec.RunError
	if err != nil && (ctx.Err() != nil || !errors.As(err, &run) || run.Code < 0) {
		return err
	}
	f := &parse.Failure{Code: parse.ComposeFailed, Details: parse.Details(t.output()), Hint: "Its last lines are in the details. Correct the service's build and call again."}
	if run != nil {
		f.ExitCode, f.Err = run.Code, run
	}
	detail, missing, err := inspect(ctx, r, b.Image)
	switch {
	case err != nil:
		return err
	case run == nil && !missing && (!p.old() || strings.HasPrefix(t.last, detail.ID)):
		b.ID, b.SizeBytes = detail.ID, detail.SizeBytes
		return nil
	}
	why := t.building()
	if why == "" {
		why = t.cause()
	}
	if why == "" {
		why = "podman printed nothing, and " + b.Image + " is not there"
	}
	f.Message = "the image of " + b.Service + " could not be built: " + parse.Classify(why, 0).Message
	b.Failure = f
	return nil
}

// inspect looks a local image up.
func inspect(ctx context.Context, r *exec.Runner, image string) (detail parse.ImageDetail, missing bool, err error) {
	result, err := r.Read(ctx, exec.Podman("image", "inspect").Operand(image))
	var run *exec.RunError
	if errors.As(err, &run) && run.Code > 0 && ctx.Err() == nil && parse.Classify(run.Stderr, run.Code).Code == parse.ImageNotFound {
		return detail, true, nil
	}
	if err != nil {
		return detail, false, err
	}
	detail, err = parse.InspectImage(result.Stdout)
	return detail, false, err
}
