package compose

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

func TestFind(t *testing.T) {
	const unknown = "Error: unrecognized command `podman compose`\nTry 'podman --help' for more information\n"
	for name, c := range map[string]struct {
		choice                 Choice
		own, through, provider string // what each prints; a provider or a code
	}{
		"podman-compose first":     {Auto, says103, saysDocker, "podman-compose 1.0.3"},
		"the zero choice":          {"", says150, "", "podman-compose 1.5.0"},
		"docker-compose by choice": {Podman, says103, saysDocker, "docker-compose 2.39.1 (podman compose)"},
		"docker-compose":           {Auto, "", saysDocker, "docker-compose 2.39.1 (podman compose)"},
		"docker-compose 1":         {Auto, "", "docker-compose version 1.29.2, build unknown\n", "docker-compose 1.29.2 (podman compose)"},
		"podman-compose by podman": {Podman, "", says150, "podman-compose 1.5.0 (podman compose)"},
		"too old":                  {Auto, "podman-composer version  0.1.11\n", "", "COMPOSE_NOT_AVAILABLE"},
		"none":                     {Auto, "", "", "COMPOSE_NOT_AVAILABLE"},
		"not the chosen one":       {PodmanCompose, "", saysDocker, "COMPOSE_NOT_AVAILABLE"},
		"something else":           {PodmanCompose, "hello\n", "", "COMPOSE_NOT_AVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, "podman")
			if c.own != "" {
				f = newFake(t, "podman", "podman-compose")
				f.says("podman-compose.version", c.own)
			}
			f.says("podman.compose-version.fails", unknown)
			if c.through != "" {
				f.says("podman.compose-version", c.through)
			}
			p, err := Find(t.Context(), f.runner(), c.choice)
			got := p.String()
			if err != nil {
				got = string(asFailure(t, err).Code)
				if hint := asFailure(t, err).Hint; !strings.Contains(hint, "apt install podman-compose") {
					t.Errorf("hint %q", hint)
				}
			}
			if got != c.provider {
				t.Errorf("got %s (%v), want %s", got, err, c.provider)
			}
		})
	}
}

// A provider that is installed after a failure is found without a restart.
func TestFindAgain(t *testing.T) {
	f := newFake(t, "podman", "podman-compose")
	r := f.runner()
	f.says("podman-compose.version.fails", "Traceback\n")
	f.says("podman.compose-version.fails", "no\n")
	if _, err := Find(t.Context(), r, Auto); err == nil {
		t.Fatal("found one")
	}
	f.says("podman-compose.version", says103)
	if _, err := Find(t.Context(), r, Auto); err != nil {
		t.Fatal(err)
	}
}

func TestPodmanIsPassedOn(t *testing.T) {
	f := newFake(t)
	r := &exec.Runner{Podman: f.dir + "/podman", Globals: []string{"--remote", "--url=unix:///run/podman.sock", "--identity=it's"}}
	argv, err := Provider{Name: "podman-compose"}.command(r, exec.Podman().Option("file", "-x.yaml"), "up", "--detach")
	if err != nil {
		t.Fatal(err)
	}
	args, err := argv.Args()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"--podman-path=" + f.dir + "/podman", `--podman-args='--identity=it'"'"'s'`, "--file=-x.yaml", "up", "--detach"}
	if !slices.Equal(args, want) {
		t.Errorf("got %q, want %q", args, want)
	}
}

func asFailure(t *testing.T, err error) *parse.Failure {
	t.Helper()
	var f *parse.Failure
	if !errors.As(err, &f) {
		t.Fatalf("%v is no *parse.Failure", err)
	}
	return f
}
