package compose

import (
	"context"
	"path/filepath"

	"go.yaml.in/yaml/v4"

	"podman-mcp/exec"
)

// command is a command line of the provider that reads the file, in its folder.
// Done removes what that takes, and where ctx is done what was being built.
func (m *model) command(ctx context.Context, r *exec.Runner, p Provider, k Keeper, scratch NewScratch, verb ...string) (argv exec.Argv, done func(), err error) {
	file, done := m.file, func() {}
	if m.differs && p.old() && m.extends {
		return argv, nil, invalid("file", "%s: %s reads .env otherwise than newer ones, also for the files that extends names; "+
			"write in .env only NAME=value without '$' and '\\', and no name that the server's environment has", m.file, p)
	}
	if named := m.puts(p) || (m.envFile != "" || m.differs) && p.old(); named || len(m.shut) > 0 {
		if file, done, err = m.copied(p, named); err != nil {
			return argv, nil, err
		}
	} else if err := m.alike(p, m.content); err != nil {
		return argv, nil, err
	}
	options := exec.Podman().Option("file", filepath.Base(file)).Option("project-name", m.name)
	if !p.old() {
		options = options.Option("env-file", m.envFile).Option("profile", m.profiles...)
	}
	if verb[0] == "up" {
		options = k.mark(options, p)
	}
	options, s, away, err := scratch.mark(ctx, m, r, p, options)
	if err != nil {
		done()
		return argv, nil, err
	}
	remove := done
	end := func() { remove(); away() }
	if argv, err = p.command(r, options, verb...); err != nil {
		end()
		return argv, nil, err
	}
	if s != nil {
		argv = argv.ScratchBelow(s)
	}
	return argv.In(m.dir).Pulls(), end, nil
}

func (m *model) includes() bool {
	var top map[string]yaml.Node
	_ = yaml.Unmarshal(m.content, &top) // it was read before
	_, ok := top["include"]
	return ok
}
