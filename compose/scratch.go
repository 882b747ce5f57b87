package compose

import (
	"context"
	"strings"

	"podman-mcp/exec"
)

// NewScratch makes the private folder of what is built, by which that is known
// later. Done removes it, and before that what the builds left where they were
// ended: their steps' processes and their working containers, and those of no
// other build.
type NewScratch func(context.Context) (s *exec.Scratch, done func(ended bool), err error)

// mark has the provider mark what it builds. Nothing is marked where podman's
// service builds, or where the provider hands no option on to podman.
func (begin NewScratch) mark(ctx context.Context, m *model, r *exec.Runner, p Provider, options exec.Argv) (_ exec.Argv, s *exec.Scratch, done func(), err error) {
	builds := false
	for _, service := range m.project.Services {
		builds = builds || service.Build != nil
	}
	if begin == nil || r.Remote || !p.marks() || !builds {
		return options, nil, func() {}, nil
	}
	s, end, err := begin(ctx)
	if err != nil {
		return options, nil, nil, err
	}
	return options.Option("podman-build-args", shellWord("--secret="+s.Mark())), s, func() { end(ctx.Err() != nil) }, nil
}

// shellWord is one word to podman-compose, which reads options for podman as a shell would.
func shellWord(word string) string { return "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'" }
