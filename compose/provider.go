package compose

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// Provider is a program that runs compose files.
type Provider struct {
	Name    string // podman-compose or docker-compose
	Version parse.Semver
	Through bool // run by podman compose
}

// String is such as "podman-compose 1.0.3".
func (p Provider) String() string {
	s := p.Name + " " + p.Version.String()
	if p.Through {
		s += " (podman compose)"
	}
	return s
}

// Find asks each provider that choice allows for its version. It remembers
// nothing: a question takes a sixth of a second, and a provider may be
// installed or updated between two calls. Without any the error is a
// *parse.Failure with the code ComposeNotAvailable.
func Find(ctx context.Context, r *exec.Runner, choice Choice) (Provider, error) {
	missing := &parse.Failure{Code: parse.ComposeNotAvailable, Message: "there is no compose provider here", Hint: howToInstall}
	if choice == PodmanCompose || choice == Podman {
		missing.Message += " that --compose-provider=" + string(choice) + " allows"
	}
	for _, through := range []bool{false, true} {
		if through && choice == PodmanCompose || !through && choice == Podman {
			continue
		}
		p, err := ask(ctx, r, through)
		if err == nil {
			return p, nil
		}
		var run *exec.RunError
		switch {
		case ctx.Err() != nil, through && errors.Is(err, exec.ErrNotFound): // podman itself is missing
			return Provider{}, err
		case errors.As(err, &run) && run.Stderr != "":
			if f := parse.Classify(run.Stderr, run.Code); f.Code == parse.NotConnected {
				return Provider{}, f
			}
			missing.Details, missing.ExitCode = parse.Details(run.Stderr), max(run.Code, 0)
		}
		missing.Err = err
	}
	return Provider{}, missing
}

const howToInstall = "Install podman-compose 1.0.3 or newer (apt install podman-compose, dnf install podman-compose, " +
	"brew install podman-compose or pip install podman-compose) and call again; nothing needs a restart."

// versionLine is "podman-composer version  1.0.3", "podman-compose version 1.5.0"
// or "Docker Compose version v2.39.1".
var versionLine = parse.Lazily(`(?i)(podman|docker)[ -]composer?(?: version)?[ ,:]+v?(\d+\.\d+[^\s,]*)`)

func ask(ctx context.Context, r *exec.Runner, through bool) (Provider, error) {
	p := Provider{Name: "podman-compose", Through: through}
	argv, err := p.command(r, exec.Podman(), "version")
	if err != nil {
		return p, err
	}
	result, err := r.Run(ctx, argv)
	if err != nil {
		return p, err
	}
	m := versionLine().FindStringSubmatch(string(result.Stdout))
	if m == nil {
		return p, errors.New("the compose provider does not tell its version")
	}
	p.Name = strings.ToLower(m[1]) + "-compose"
	v, ok := parse.SemverOf(m[2])
	if !ok || p.Name == "podman-compose" && before(v, parse.Semver{Major: 1, Patch: 3}) {
		return p, errors.New(p.Name + " " + parse.Clean(m[2]) + " is too old")
	}
	p.Version = v
	return p, nil
}

func before(a, b parse.Semver) bool {
	return !a.AtLeast(b.Major, b.Minor) || a.Major == b.Major && a.Minor == b.Minor && a.Patch < b.Patch
}

// old is podman-compose before 1.1.0: it knows no --profile and starts every
// service, reads variables only from the folder's .env, ignores include, and
// leaves containers as they are when their part of the file has changed.
func (p Provider) old() bool { return p.Name == "podman-compose" && !p.Version.AtLeast(1, 1) }

// command is a command line of the provider: its own options, which must stand
// before the verb and so cannot be added later, and then the verb with its
// flags. What was said to the runner about podman itself is passed on.
func (p Provider) command(r *exec.Runner, options exec.Argv, verb ...string) (exec.Argv, error) {
	environ := []string{unbuffered}
	global := exec.Podman()
	if !p.Through {
		global = global.Option("podman-path", podmanPath(r.Podman))
		for _, word := range r.Globals {
			name, value, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
			switch name {
			case "url":
				environ = append(environ, "CONTAINER_HOST="+value)
			case "connection":
				environ = append(environ, "CONTAINER_CONNECTION="+value)
			case "remote": // which these two imply
			default:
				global = global.Option("podman-args", shellWord(word))
			}
		}
	}
	first, err := global.Args()
	if err != nil {
		return exec.Argv{}, err
	}
	second, err := options.Args()
	if err != nil {
		return exec.Argv{}, err
	}
	words := slices.Concat(first, second, verb)
	if p.Through {
		return exec.Podman(append([]string{"compose"}, words...)...).Environ(environ...).Environ("PODMAN_COMPOSE_WARNING_LOGS=false"), nil
	}
	return exec.Program("podman-compose", words...).Environ(environ...), nil
}

// Python otherwise holds its own lines back until it ends, so that they come
// after all of podman's.
const unbuffered = "PYTHONUNBUFFERED=1"

// podmanPath: podman-compose 1.0.3 takes a path and does not search PATH for
// any other name than podman.
func podmanPath(name string) string {
	if name == "" || name == "podman" {
		return ""
	}
	if filepath.Base(name) != name {
		return name
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if path := filepath.Join(dir, name); isFile(path) {
			return path
		}
	}
	return name
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
