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

// UpOptions say what to bring up. Services and profiles are those that a
// caller may name freely: they are checked against the file.
type UpOptions struct {
	File       string // a file or a folder; "" for the server's folder
	Project    string // "" for the file's own name
	Services   []string
	Profiles   []string
	EnvFile    string // instead of .env in the file's folder
	Allow      Allow
	Permits    Permits // what of this machine the file may ask for
	Harmless   Harmless
	JudgeImage JudgeImage
	Runnable   Runnable
	Keeper     Keeper
	Scratch    NewScratch
	Detach     bool // else stay until every service has ended
	Build      bool // build images also where they are there already
	Wait       bool // until every service is healthy or has ended with 0
}

// UpResult is what runs afterwards.
type UpResult struct {
	Project  string    `json:"project"`
	File     string    `json:"file"`
	Provider string    `json:"provider"`
	Services []Service `json:"services"`
	Output   string    `json:"output,omitempty"` // the provider's, its last 4 KB
	Note     string    `json:"note,omitempty"`
}

// Up starts the services of a file. Each line of the provider goes to tell,
// cleaned and masked. The result is given also beside an error that came after
// something was started.
func Up(ctx context.Context, r *exec.Runner, choice Choice, o UpOptions, tell func(string)) (UpResult, error) {
	q := request{file: o.File, name: o.Project, envFile: o.EnvFile, services: o.Services, profiles: o.Profiles, allow: o.Allow, permits: o.Permits}
	m, err := load(ctx, r, q)
	if err != nil {
		return UpResult{}, err
	}
	if m, err = m.shutPorts(ctx, r, q); err != nil {
		return UpResult{}, err
	}
	if err := m.permitted(ctx, o.Allow, o.Harmless); err != nil {
		return UpResult{}, err
	}
	if err := m.permitImages(ctx, m.everyService(), o.JudgeImage); err != nil {
		return UpResult{}, err
	}
	p, err := Find(ctx, r, choice)
	if err != nil {
		return UpResult{}, err
	}
	all, err := containers(ctx, r, "")
	if err != nil {
		return UpResult{}, err
	}
	if f := m.foreign(all); f != nil {
		return UpResult{}, f
	}
	if err := o.Keeper.provider(p); err != nil {
		return UpResult{}, err
	}
	if err := o.Keeper.allow(ctx, inProject(all, m.name)); err != nil {
		return UpResult{}, err
	}
	if err := m.runnable(ctx, p, o.Runnable); err != nil {
		return UpResult{}, err
	}
	argv, done, err := m.up(ctx, r, p, o)
	if err != nil {
		return UpResult{}, err
	}
	defer done()
	u := &upping{r: r, m: m, p: p, o: o, before: inProject(all, m.name), trace: newTrace(tell, m.secrets(), m.furtherLines())}
	err = u.trace.follow(ctx, r, argv)
	if ctx.Err() != nil {
		return u.interrupted(ctx, err)
	}
	var run *exec.RunError
	if err != nil && !(errors.As(err, &run) && run.Code >= 0) {
		return UpResult{}, err // the provider could not run at all
	}
	list, err := u.settled(ctx)
	if ctx.Err() != nil {
		return u.interrupted(ctx, err)
	}
	if err != nil {
		return u.result(list), err
	}
	if f := u.judge(list, run); f != nil {
		return u.result(list), f
	}
	return u.result(list), nil
}

// up is the provider's command line. Names of services stand after "--", in
// the order of the alphabet.
func (m *model) up(ctx context.Context, r *exec.Runner, p Provider, o UpOptions) (argv exec.Argv, done func(), err error) {
	words := []string{"up"}
	if o.Detach {
		words = append(words, "--detach")
	}
	if o.Build {
		words = append(words, "--build")
	}
	if argv, done, err = m.command(ctx, r, p, o.Keeper, o.Scratch, words...); err != nil {
		return argv, nil, err
	}
	if m.left() {
		argv = argv.Operand(m.wanted()...)
	}
	return argv, done, nil
}

// upping is one call of Up after the provider has begun.
type upping struct {
	r      *exec.Runner
	m      *model
	p      Provider
	o      UpOptions
	before []parse.Container
	trace  *trace
}

func (u *upping) result(list []parse.Container) UpResult {
	wanted := u.m.wanted()
	list = slices.DeleteFunc(slices.Clone(list), func(c parse.Container) bool { return !slices.Contains(wanted, c.ComposeService) })
	out := UpResult{Project: u.m.name, File: u.m.file, Provider: u.p.String(), Services: rows(list), Output: u.trace.output()}
	notes := u.m.notes()
	if kept := u.kept(list); u.p.old() && len(kept) > 0 {
		notes = append(notes, fmt.Sprintf("Was there before and is as it was: %s. %s applies no changes of the file to it; podman_compose_down first does.",
			strings.Join(kept, ", "), u.p))
	}
	if note := u.starting(list); note != "" {
		notes = append(notes, note)
	}
	out.Note = strings.Join(notes, " ")
	return out
}

// kept are the containers that were there before the call.
func (u *upping) kept(list []parse.Container) []string {
	var names []string
	for _, c := range list {
		if slices.ContainsFunc(u.before, func(b parse.Container) bool { return b.FullID == c.FullID }) {
			names = append(names, c.Name)
		}
	}
	return names
}

// judge tells from the containers what did not come up, and why. Run is the
// provider's end, nil where it ended with 0.
func (u *upping) judge(list []parse.Container, run *exec.RunError) *parse.Failure {
	var reasons []string
	var first *parse.Failure
	wanted := u.m.wanted()
	for _, service := range wanted {
		how, c := worst(list, service)
		if how == fit || how == pending {
			continue
		}
		why := u.why(service, how, c)
		reasons = append(reasons, service+": "+why.Message)
		if first == nil {
			first = why
		}
	}
	f := &parse.Failure{Code: parse.ComposeFailed, Details: u.trace.complaints()}
	if run != nil {
		f.ExitCode, f.Err = run.Code, run
	}
	switch {
	case first != nil:
		f.Message = fmt.Sprintf("%d of %d services did not come up: %s", len(reasons), len(wanted), strings.Join(reasons, "; "))
		f.Hint = first.Hint
		if first.Code != "" {
			f.Hint = string(first.Code) + ": " + f.Hint
		}
	case u.trace.building() != "":
		f.Message = "an image could not be built: " + parse.Classify(u.trace.building(), 0).Message
	case run != nil && !u.p.old() && u.o.Detach:
		f.Message = fmt.Sprintf("%s ended with status %d, though every service runs: %s", u.p, run.Code, u.trace.cause())
	default:
		return nil
	}
	f.Hint = strings.TrimSpace(f.Hint + " What has come up goes on; podman_compose_down removes it.")
	return f
}

// why says what keeps a service from running.
func (u *upping) why(service string, how fitness, c parse.Container) *parse.Failure {
	logs := "podman_logs " + c.Name + " shows what it printed."
	switch {
	case c.ExitCode != nil:
		return &parse.Failure{Message: fmt.Sprintf("%s has ended with status %d", c.Name, *c.ExitCode), Hint: logs}
	case how == sick:
		return &parse.Failure{Message: c.Name + " is unhealthy", Hint: logs}
	}
	said := ""
	if how == absent && u.m.project.Services[service].Build != nil {
		said = u.trace.building()
	}
	for name, of := range u.m.containerNames() {
		if of == service && said == "" {
			said = u.trace.about(name, c.FullID, u.m.project.Services[service].Image)
		}
	}
	if said == "" && how == absent {
		said = u.trace.cause()
	}
	if said == "" {
		return &parse.Failure{Message: c.Name + " is " + c.State}
	}
	f := parse.Classify(said, 0)
	if f.Code == parse.PodmanError {
		f.Code = ""
	}
	return f
}

// interrupted says what is there when the call was cancelled or its time was
// over, and ends what a call in the foreground has started.
func (u *upping) interrupted(ctx context.Context, err error) (UpResult, error) {
	cause := context.Cause(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exec.Grace+2*time.Second)
	defer cancel()
	list, _ := containers(ctx, u.r, u.m.name) // at worst it lists nothing
	f := &parse.Failure{Code: parse.Cancelled, Message: "the call was cancelled before every service was up", Err: errors.Join(err, cause),
		Details: u.trace.complaints(), Hint: "What has started runs on; podman_compose_down removes it."}
	if errors.Is(cause, context.DeadlineExceeded) {
		f.Code, f.Message = parse.Timeout, "not every service was up in time: "+u.waitingFor(list)
	}
	if !u.o.Detach {
		f.Message = strings.Replace(f.Message, "was up", "had ended", 1)
		f.Hint = "The services that this call started are stopped, and its containers that never started are removed; " +
			"podman_compose_down removes the rest. With detach true they run on."
		u.stop(ctx, list)
		list, _ = containers(ctx, u.r, u.m.name)
		if left := u.unstarted(list); len(left) > 0 {
			var names []string
			for _, c := range left {
				names = append(names, c.Name)
			}
			f.Hint = "The services that this call started are stopped; left and never started: " + strings.Join(names, ", ") + ". podman_compose_down removes them."
		}
	}
	return u.result(list), f
}

// stop ends the containers that did not run before, and removes those that were
// not there before and never started.
func (u *upping) stop(ctx context.Context, list []parse.Container) {
	running := map[string]bool{}
	for _, c := range u.before {
		running[c.FullID] = c.State == "running"
	}
	var started, made []string
	for _, c := range list {
		if c.State == "running" && !running[c.FullID] {
			started = append(started, c.FullID)
		}
	}
	for _, c := range u.unstarted(list) {
		made = append(made, c.FullID)
	}
	// What they could not do shows in the states.
	if len(started) > 0 {
		_, _ = u.r.Run(ctx, exec.Podman("stop").Option("time", "2").Operand(slices.Sorted(slices.Values(started))...))
	}
	if len(made) > 0 {
		_, _ = u.r.Run(ctx, exec.Podman("rm").Operand(slices.Sorted(slices.Values(made))...))
	}
}

// unstarted are the containers that this call made and that never started.
func (u *upping) unstarted(list []parse.Container) []parse.Container {
	var made []parse.Container
	for _, c := range list {
		if c.State == "created" && !slices.ContainsFunc(u.before, func(b parse.Container) bool { return b.FullID == c.FullID }) {
			made = append(made, c)
		}
	}
	return made
}
