package compose

import (
	"context"
	"os"
	"path/filepath"

	"podman-mcp/exec"
)

// command is a command line of the provider for the model, in the private folder
// with its file. Done removes that, and where ctx is done what was being built.
func (m *model) command(ctx context.Context, r *exec.Runner, p Provider, k Keeper, scratch NewScratch, verb ...string) (argv exec.Argv, done func(), err error) {
	private, err := m.private()
	if err != nil {
		return argv, nil, err
	}
	options, err := m.options(private, r, p)
	if err != nil {
		private.remove()
		return argv, nil, err
	}
	if verb[0] == "up" {
		options = k.mark(options, p)
	}
	options, s, away, err := scratch.mark(ctx, m, r, p, options)
	if err != nil {
		private.remove()
		return argv, nil, err
	}
	end := func() { private.remove(); away() }
	if argv, err = p.command(r, options, verb...); err != nil {
		end()
		return argv, nil, err
	}
	if s != nil {
		argv = argv.ScratchBelow(s)
	}
	return argv.In(private.file("")).Pulls(), end, nil
}

// options has the file written, and names it.
func (m *model) options(private *private, r *exec.Runner, p Provider) (exec.Argv, error) {
	text, err := m.render(p, private.keep)
	if err == nil {
		err = os.WriteFile(private.file(filepath.Base(m.file)), text, 0o600)
	}
	if err != nil {
		return exec.Argv{}, err
	}
	options := exec.Podman().Option("file", filepath.Base(m.file))
	if p.marks() {
		podman, err := private.podman(podmanPath(r.Podman), m.dir)
		if err != nil {
			return exec.Argv{}, err
		}
		options = options.Option("podman-path", podman) // the last one counts
	} else {
		env, err := private.keep(m.contents())
		if err != nil {
			return exec.Argv{}, err
		}
		options = options.Option("project-directory", m.dir).Option("env-file", env)
	}
	options = options.Option("project-name", m.name)
	if !p.old() {
		options = options.Option("profile", m.profiles...)
	}
	return options, nil
}
