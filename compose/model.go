package compose

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// model is a compose file that was read and checked.
type model struct {
	name     string // the project's
	file     string // absolute, symbolic links resolved
	dir      string
	content  []byte
	vars     map[string]string
	unset    []string // variables that the file names and nobody sets
	profiles []string // enabled
	envFile  string   // absolute; "" where the folder's .env counts
	project  *types.Project
	whole    *types.Project // before services were chosen and their variables read
	expander expander
	written  written
	reads    Allow // judges what the file names and what is read beside it
	permits  Permits
	shut     []string // ports to which shutPorts gave the address 127.0.0.1
}

// request says what to read of a compose file.
type request struct {
	file, name, envFile string
	services, profiles  []string
	allow               Allow
	permits             Permits // with "raw-compose" allow judges only what the call itself names
	content             []byte  // instead of the file's own
	everything          bool    // services of all profiles, and no check that they could start
	asWritten           bool    // without the variables of the files that services name
}

// Allow tells why a call may not use a file or folder of this machine, which a
// parameter of that name has led to. The zero value allows all.
type Allow func(parameter, path string) error

func (a Allow) check(parameter, path string) error {
	if a == nil || path == "" {
		return nil
	}
	return a(parameter, path)
}

// load reads and checks a file. Every mistake in it is a *parse.Failure. A file
// may be made to take long, and the loader does not look at ctx: then it is
// left alone, and the error is why ctx ended.
func load(ctx context.Context, r *exec.Runner, q request) (*model, error) {
	type answer struct {
		m        *model
		err      error
		panicked any
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			a.panicked = recover()
			answers <- a
		}()
		a.m, a.err = loadFile(ctx, r, q)
	}()
	select {
	case a := <-answers:
		if a.panicked != nil {
			panic(a.panicked) // here the caller's guard catches it
		}
		return a.m, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func loadFile(ctx context.Context, r *exec.Runner, q request) (*model, error) {
	if validName(q.name) != q.name {
		return nil, invalid("project_name", "got %s; takes lower-case letters, digits, '_' and '-', the first a letter or digit", q.name)
	}
	m := &model{profiles: q.profiles, permits: q.permits, content: q.content, written: newWritten()}
	if !q.permits.has(rawCompose) {
		m.reads = q.allow
	}
	err := q.allow.check("file", cmp.Or(q.file, "."))
	if err != nil {
		return nil, err
	}
	if m.file, err = locate(q.file); err != nil {
		return nil, err
	}
	if err := q.allow.check("file", m.file); err != nil {
		return nil, err
	}
	m.dir = filepath.Dir(m.file)
	if m.content == nil {
		if m.content, err = read("file", m.file); err != nil {
			return nil, err
		}
	}
	if q.envFile != "" {
		if err := q.allow.check("env_file", q.envFile); err != nil {
			return nil, err
		}
		if m.envFile, err = filepath.Abs(q.envFile); err != nil {
			return nil, unreadable("env_file", q.envFile, err)
		}
	}
	if m.vars, err = variables(r, m.dir, m.envFile, m.reads); err != nil {
		return nil, err
	}
	if err := m.guard(); err != nil {
		return nil, err
	}
	if len(m.profiles) == 0 {
		m.profiles = strings.FieldsFunc(m.vars["COMPOSE_PROFILES"], func(r rune) bool { return r == ',' || r == ' ' })
	}
	if q.everything {
		m.profiles = []string{"*"}
	}
	name, explicit := m.fallbackName(), false
	if q.name != "" {
		name, explicit = q.name, true
	}
	m.project, err = loader.LoadWithContext(ctx, types.ConfigDetails{
		WorkingDir:  m.dir,
		ConfigFiles: []types.ConfigFile{{Filename: m.file, Content: m.content}},
		Environment: m.vars,
	}, func(o *loader.Options) {
		o.SetProjectName(name, explicit)
		o.Profiles = m.profiles
		o.Interpolate.Substitute = m.substitute
		o.SkipResolveEnvironment = true // of services that may not be wanted
		o.SkipResolveLabels = true
		o.SkipConsistencyCheck = q.everything
	})
	if err != nil {
		return nil, m.mistake(err)
	}
	m.name, m.whole = m.project.Name, m.project
	if err := m.operands(); err != nil {
		return nil, err
	}
	if q.everything {
		return m, nil
	}
	if err := m.choose(q.services, q.profiles); err != nil {
		return nil, err
	}
	if q.asWritten {
		return m, nil
	}
	if m.project, err = m.project.WithServicesEnvironmentResolved(false); err != nil {
		return nil, m.mistake(err)
	}
	return m, nil
}

// fallbackName is the project's name where neither the caller nor the file says one.
func (m *model) fallbackName() string {
	if name := m.vars["COMPOSE_PROJECT_NAME"]; name != "" {
		return loader.NormalizeProjectName(name)
	}
	return loader.NormalizeProjectName(filepath.Base(m.dir))
}

// containerNames maps every name that a provider may give a container of the
// project to its service.
func (m *model) containerNames() map[string]string {
	names := map[string]string{}
	for name, service := range m.project.Services {
		if service.ContainerName != "" {
			names[service.ContainerName] = name
			continue
		}
		for n := 1; n <= service.GetScale(); n++ {
			names[fmt.Sprintf("%s_%s_%d", m.name, name, n)] = name
			names[fmt.Sprintf("%s-%s-%d", m.name, name, n)] = name
		}
	}
	return names
}

// notes are what a caller should know of a file that is no mistake.
func (m *model) notes() []string {
	var notes []string
	for _, name := range []string{"compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml"} {
		if slices.Contains(defaultNames, filepath.Base(m.file)) && isFile(filepath.Join(m.dir, name)) {
			notes = append(notes, name+" is not read: one file is the whole project.")
		}
	}
	if len(m.shut) > 0 {
		notes = append(notes, "Open on 127.0.0.1 only, for the file gives no address: "+strings.Join(m.shut, ", ")+". Other machines need --allow public-ports.")
	}
	if len(m.unset) > 0 {
		notes = append(notes, "Not set, and so empty in the file: "+strings.Join(m.unset, ", ")+".")
	}
	return notes
}

// plain is a variable for which the file says nothing that it could be instead.
var plain = parse.Lazily(`\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

// substitute is the loader's, but notes what is not set instead of logging it.
func (m *model) substitute(text string, mapping template.Mapping) (string, error) {
	for _, match := range plain().FindAllStringSubmatch(text, -1) {
		key := match[1] + match[2]
		if _, ok := mapping(key); key != "" && !ok && !slices.Contains(m.unset, key) {
			m.unset = append(m.unset, key)
		}
	}
	return m.expander.expand(text, mapping)
}

// secrets are the values of the file's variables that must not be shown,
// longest first: podman-compose 1.0.3 prints whole command lines.
func (m *model) secrets() []string {
	var values []string
	add := func(vars types.MappingWithEquals) {
		for key, value := range vars {
			if value == nil {
				continue
			}
			lines := strings.Split(*value, "\n")
			for _, line := range lines {
				if line = strings.TrimSpace(line); len(line) > 3 && (parse.SecretKey(key) || len(lines) > 1) {
					values = append(values, line)
				}
			}
		}
	}
	for _, service := range m.project.Services {
		add(service.Environment)
		if service.Build != nil {
			add(service.Build.Args)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	return values
}

// furtherLines tells, for each container, how many line breaks the command line
// has with which podman-compose 1.0.3 makes it and which it prints: those in
// the values of variables and labels and in the command.
func (m *model) furtherLines() map[string]int {
	lines := map[string]int{}
	for name, of := range m.containerNames() {
		service := m.project.Services[of]
		for _, value := range service.Environment {
			if value != nil {
				lines[name] += strings.Count(*value, "\n")
			}
		}
		for _, value := range service.Labels {
			lines[name] += strings.Count(value, "\n")
		}
		for _, word := range service.Command {
			lines[name] += strings.Count(word, "\n")
		}
		if service.HealthCheck != nil {
			for _, word := range service.HealthCheck.Test {
				lines[name] += strings.Count(word, "\n")
			}
		}
	}
	return lines
}

// validName is name where the loader takes it, else "": a project that
// podman-compose made by itself may have capital letters and dots.
func validName(name string) string {
	if loader.NormalizeProjectName(name) != name {
		return ""
	}
	return name
}
